"""Who may see the files of a folder, by a file `.audiences` in it or in a folder above: patterns as in CODEOWNERS."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from db.corpus import NOBODY, NamedAudience, read_audience
from db.errors import BadInputError
from intake.sources.source import AudienceOf, Failure, Listed

FILE = ".audiences"

_MOST_BYTES = 1_000_000
_COMMENT = re.compile(r"\s*#+(?:\s|\Z)")
_NO_PATTERN = 'it must be a pattern and who may see what matches, like "finance/ #finance"; a comment begins with "# "'

_OTHERS = frozenset('[]{}"\\')
_NEVER_MET = (
    'in a pattern only * and ? have a meaning: write it without . or .. between slashes, and ? for each of [ ] { } " \\'
)


@dataclass(frozen=True, slots=True)
class Rule:
    """Files whose path below the folder matches are for that audience."""

    path: re.Pattern[str]
    audience: NamedAudience


class FolderAudiences:
    """What folders say of the files below them; each folder's file is read once, by `read`: "" where there is none."""

    def __init__(self, read: Callable[[str], str] | None = None) -> None:
        self._read = _read if read is None else read
        self._rules: dict[str, list[Rule] | None] = {}
        self._problems: list[tuple[str, str]] = []

    def of(self, path: str) -> NamedAudience | None:
        """Who may see a file, by its absolute path; None where no folder says so.

        The nearest folder that says something of it decides, and in it the last line that matches. Where a folder's
        file can't be read, what lies below it is for nobody.
        """
        return self._word(path)[0]

    def is_unclear(self, path: str) -> bool:
        """Whether the file is for nobody because what a folder says of it can't be read."""
        return self._word(path)[1]

    def _word(self, path: str) -> tuple[NamedAudience | None, bool]:
        folder, below = os.path.split(path)
        while True:
            rules = self._of_folder(folder)
            if rules is None:
                return NOBODY, True
            matching = [rule for rule in rules if rule.path.fullmatch(unicodedata.normalize("NFC", below))]
            if matching:
                return matching[-1].audience, False
            parent, name = os.path.split(folder)
            if not name:
                return None, False
            folder, below = parent, f"{name}/{below}"

    def address(
        self,
        change: Listed | Failure,
        path_of: Callable[[str], str],
        audience_id_of: Callable[[NamedAudience], int],
        otherwise: int | None,
    ) -> Listed | Failure:
        """What a source lists, for whom its folders say, by the absolute paths of addresses; `otherwise` if none does.

        A failure tells who may see what is stored of it.
        """
        audience_of = self.teller(path_of, audience_id_of, otherwise)
        if isinstance(change, Failure):
            return replace(change, audience_of=audience_of) if change.uri else change
        is_unclear = self.is_unclear(path_of(change.uri))
        told = audience_of(change.uri)
        return replace(change, audience_id=told, is_unclear=is_unclear, otherwise_id=otherwise if is_unclear else None)

    def teller(
        self, path_of: Callable[[str], str], audience_id_of: Callable[[NamedAudience], int], otherwise: int | None
    ) -> AudienceOf:
        """Who may see what stands, or stood, at an address; `otherwise` where no folder says so."""

        def audience_of(uri: str) -> int | None:
            named = self.of(path_of(uri))
            return otherwise if named is None else audience_id_of(named)

        return audience_of

    def take_problems(self) -> Iterator[tuple[str, str]]:
        """Files of these that can't be read, since this was asked last, each with the reason."""
        while self._problems:
            yield self._problems.pop(0)

    def _of_folder(self, folder: str) -> list[Rule] | None:
        if folder not in self._rules:
            file = os.path.join(folder, FILE)
            try:
                self._rules[folder] = read_rules(self._read(file))
            except BadInputError as error:
                self._rules[folder] = None
                self._problems.append((file, f"{error}; what lies below it is for nobody until that is mended"))
        return self._rules[folder]


def read_rules(text: str) -> list[Rule]:
    """The lines of such a file, each a pattern and who may see what matches; empty ones and comments aside.

    Raises:
        BadInputError: a line isn't understood; the message names it.
    """
    rules = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            if line.strip() and not _COMMENT.match(line):
                pattern, *names = re.split(r"(?<!\\)[ \t]+", line.strip(), maxsplit=1)
                if not names or pattern.startswith("#"):
                    raise BadInputError(_NO_PATTERN)
                rules.append(Rule(_compile(pattern.replace("\\ ", " ")), read_audience(names[0])))
        except BadInputError as error:
            raise BadInputError(f"line {number}: {error}") from None
    return rules


@lru_cache(maxsize=1024)
def _compile(pattern: str) -> re.Pattern[str]:
    """As in .gitignore: `*` within a name, `**` across folders; one with a slash begins at the folder itself.

    What follows a `*` or `**` is taken where it stands first, for good (an atomic group), since no later place leaves
    more of the path to the rest: so no path takes longer than the square of its length, whoever wrote the pattern.
    """
    if pattern.startswith("!"):
        raise BadInputError("a pattern can't begin with !; say for whom those files are")
    if not _OTHERS.isdisjoint(pattern) or not {".", ".."}.isdisjoint(pattern.split("/")):
        raise BadInputError(_NEVER_MET)
    pattern = unicodedata.normalize("NFC", pattern)  # as file names are not on every system
    is_at_root = "/" in pattern.rstrip("/")
    is_folder = pattern.endswith("/")
    parts = [_translate(part) for part in pattern.strip("/").split("/") if part]
    if not parts:
        return re.compile(r".*", re.DOTALL)
    path, group, is_anywhere = "", "", not is_at_root
    for part in parts[:-1]:
        if part is not None:
            group += f"{part}/"
            continue
        path += f"(?>(?:[^/]*/)*?{group})" if is_anywhere and group else group
        group, is_anywhere = "", True
    last = ".*" if parts[-1] is None else parts[-1]
    ends = "/.*" if is_folder else "(?:/.*)?"
    return re.compile(f"{path}{'(?:[^/]*/)*' if is_anywhere else ''}{group}{last}{ends}", re.DOTALL)


def _translate(part: str) -> str | None:
    """One name of a pattern; None for any number of folders."""
    if part == "**":
        return None
    begins, *others = (re.escape(own).replace(r"\?", "[^/]") for own in re.split(r"\*+", part))
    if not others:
        return begins
    return begins + "".join(f"(?>[^/]*?{own})" for own in others[:-1]) + f"[^/]*{others[-1]}"


def _read(file: str) -> str:
    if not os.path.lexists(file):
        return ""
    try:
        with open(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:  # a pipe must not make us wait
            _require_trusted(os.fstat(stream.fileno()), os.stat(os.path.dirname(file)))
            data = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        raise BadInputError(f"it can't be read ({error.strerror or type(error).__name__})") from None
    if len(data) > _MOST_BYTES:
        raise BadInputError("it is too large")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInputError("it isn't UTF-8; save it so") from None


def _require_trusted(own: os.stat_result, folder: os.stat_result) -> None:
    """Who may put a file in a folder for all, as in /tmp, doesn't decide who sees what lies in it."""
    if not stat.S_ISREG(own.st_mode):
        raise BadInputError("it is not a file")
    if own.st_uid not in (0, os.geteuid(), folder.st_uid):
        raise BadInputError("it belongs neither to you nor to the folder's owner")
