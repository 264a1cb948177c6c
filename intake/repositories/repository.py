"""A branch of a git repository as a source: its tree is listed whole, each file's version is its content's hash.

Of the repository only the latest commit is fetched, into a bare one of ours that is kept from sync to sync. A listing
is whole, not what changed since a commit: it takes no longer, and is right after a forced push, other paths, or a sync
that was killed. What was renamed is found by its content, as among files.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO
from urllib.parse import unquote

from db.corpus import NamedAudience
from db.errors import BadInputError, SourceError
from db.settings import read_secret
from intake.repositories.addresses import address_of, address_prefix
from intake.repositories.git import FETCH_TIMEOUT_S, Git
from intake.repositories.told import GitSettings
from intake.repositories.tree import Entry, read_tree
from intake.sources import (
    MAX_FILE_BYTES,
    MAX_URI_CHARS,
    OF_OTHERS,
    TOO_LARGE,
    AudienceOf,
    Failure,
    FolderAudiences,
    Gone,
    KnownUnder,
    Listed,
    Page,
    is_hidden,
    is_wanted,
    kind_of,
    printable,
)

_REF = "refs/heads/fetched"
_PAGE_FILES = 256
_IN_LFS = b"version https://git-lfs.github.com/spec/"
_LINKS, _SUBMODULES = "links", "submodules"


class Repository:
    """The files of a branch, each for whom its folders (`.audiences`) say, else for one audience."""

    def __init__(
        self,
        told: GitSettings,
        git: Git,
        read_blob: Callable[[str], bytes],
        audience_id: int | None,
        audience_id_of: Callable[[NamedAudience], int],
    ) -> None:
        self._told = told
        self._git = git
        self._read_blob = read_blob
        self._audience_id = audience_id
        self._audience_id_of = audience_id_of
        self._prefix = address_prefix(told)
        self._left_out: Counter[str] = Counter()
        self._blobs: dict[str, str] | None = None
        """What was listed, by address; None before it was."""
        self._audience_of: AudienceOf | None = None

    @classmethod
    @contextmanager
    def fetched(
        cls,
        told: GitSettings,
        folder: Path,
        audience_id: int | None,
        audience_id_of: Callable[[NamedAudience], int],
    ) -> Iterator[Repository]:
        """The branch as it is now, in a bare repository in `folder`, which is made if need be.

        Raises:
            ConfigurationError: the variable that its token is in isn't set.
            SourceError: it can't be fetched.
        """
        git = _fetch(told, folder)
        with git.conversation("cat-file", "--batch") as (asked, answered):
            yield cls(told, git, lambda blob: _read(asked, answered, blob), audience_id, audience_id_of)

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """All files of the branch, in the order of their paths; there is no cursor."""
        with self._git.reading("ls-tree", "-r", "-l", "-z", "--full-tree", _REF) as listing:
            entries = list(read_tree(listing))
        by_path = {entry.path: entry for entry in entries}
        folders = FolderAudiences(lambda file: self._read_audiences(by_path, file))
        self._left_out.clear()
        wanted = [entry for entry in entries if self._is_wanted(entry)]
        listed = (self._list(entry) for entry in wanted)
        self._blobs = {address_of(self._prefix, entry.path): entry.blob for entry in wanted}
        total = len(wanted)

        def path_of(uri: str) -> str:
            return "/" + unquote(uri.removeprefix(self._prefix), errors="surrogateescape")

        self._audience_of = folders.teller(path_of, self._audience_id_of, self._audience_id)
        while changes := list(islice(listed, _PAGE_FILES)):
            told = [folders.address(change, path_of, self._audience_id_of, self._audience_id) for change in changes]
            problems = [Failure(printable(file.lstrip("/")), reason) for file, reason in folders.take_problems()]
            total += len(problems)
            yield Page([*problems, *told], total)

    def fetch(self, uri: str) -> bytes:
        """The content of a file that was listed."""
        data = self._read_blob((self._blobs or {})[uri])
        if data.startswith(_IN_LFS):
            raise BadInputError("it is kept in Git LFS, which isn't read; only a pointer to it is here")
        return data

    def is_gone(self, uri: str) -> bool:
        """Whether it was a file of this branch, and isn't any more."""
        if self._blobs is None or uri in self._blobs or not uri.startswith(self._prefix):
            return False
        return self._told.covers(unquote(uri.removeprefix(self._prefix), errors="surrogateescape"))

    def gone(self, known_under: KnownUnder) -> Iterator[Gone]:
        """What is stored of this branch, and wasn't listed."""
        known = [uri for uris in known_under(self._prefix) for uri in uris]
        if gone := [uri for uri in known if uri not in (self._blobs or {})]:
            yield Gone(self._told.url, len(known), gone, audience_of=self._audience_of)

    def left_out(self) -> Mapping[str, int]:
        """Files of other kinds by suffix, links and submodules; hidden ones aside."""
        return +self._left_out

    def _is_wanted(self, entry: Entry) -> bool:
        name = entry.path.decode("utf-8", "surrogateescape")
        parts = tuple(name.split("/"))
        if is_hidden(parts) or not self._told.covers(name):
            return False
        if entry.kind != "file":
            self._left_out[_LINKS if entry.kind == "link" else _SUBMODULES] += 1
            return False
        if not OF_OTHERS.isdisjoint(parts[:-1]):
            return False
        if not is_wanted(parts[-1]):
            self._left_out[kind_of(parts[-1])] += 1
            return False
        return True

    def _list(self, entry: Entry) -> Listed | Failure:
        uri, name = address_of(self._prefix, entry.path), printable(entry.path.decode("utf-8", "surrogateescape"))
        if entry.size > MAX_FILE_BYTES:
            return Failure(name, TOO_LARGE, uri)
        if len(uri) > MAX_URI_CHARS:
            return Failure(name, "its path is too long")
        return Listed(uri, name, version=entry.blob, audience_id=self._audience_id)

    def _read_audiences(self, entries: Mapping[bytes, Entry], file: str) -> str:
        entry = entries.get(file.lstrip("/").encode("utf-8", "surrogateescape"))
        if entry is None:
            return ""
        if entry.kind != "file":
            raise BadInputError("it is a link; put the file itself there")
        try:
            return self._read_blob(entry.blob).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise BadInputError("it isn't UTF-8; save it so") from None


def find_default_branch(told: GitSettings, folder: Path) -> str:
    """The branch that the repository itself names; `told.branch` doesn't matter.

    Raises:
        SourceError: it can't be reached, or names none.
    """
    output = _git(told, folder).run("ls-remote", "--symref", "--", told.url, "HEAD").decode("utf-8", "replace")
    for line in output.splitlines():
        name, _, what = line.partition("\t")
        if name.startswith("ref: refs/heads/") and what == "HEAD":
            return name.removeprefix("ref: refs/heads/")
    raise SourceError("The repository names no branch as its own: say which by --branch.")


def forget_repository(folder: Path) -> None:
    """Removes what was fetched."""
    shutil.rmtree(folder, ignore_errors=True)


def _git(told: GitSettings, folder: Path) -> Git:
    token = None if told.token_from is None else read_secret(told.token_from)
    return Git(folder, told.protocol, told.user, token)


def _fetch(told: GitSettings, folder: Path) -> Git:
    """Whoever was killed while it fetched has left locks, of which nobody else has one: a source is one process's."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    git = _git(told, folder)
    for lock in folder.rglob("*.lock"):
        lock.unlink(missing_ok=True)
    try:
        _fetch_latest(told, git)
    except SourceError:
        if not any(folder.iterdir()) or _is_sound(git):
            raise
        forget_repository(folder)
        folder.mkdir(mode=0o700)
        _fetch_latest(told, git)
    return git


def _fetch_latest(told: GitSettings, git: Git) -> None:
    git.run("init", "--quiet", "--bare", ".")
    options = ("--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--force", "--update-shallow")
    refs = f"+refs/heads/{told.branch}:{_REF}"
    git.run("fetch", *options, "--", told.url, refs, timeout_s=FETCH_TIMEOUT_S)


def _is_sound(git: Git) -> bool:
    """Whether all of the latest commit that was fetched is there; so it is where none was."""
    try:
        git.run("fsck", "--connectivity-only", "--no-dangling")
    except SourceError:
        return False
    return True


def _read(asked: IO[bytes], answered: IO[bytes], blob: str) -> bytes:
    """A blob's content, by its hash.

    Raises:
        BadInputError: it can't be read or is too large.
    """
    try:
        asked.write(blob.encode() + b"\n")
        asked.flush()
        head = answered.readline(200).split()
        if len(head) != 3 or head[1] != b"blob":
            raise BadInputError("it can't be read from the repository")
        size = int(head[2])
        data = answered.read(min(size, MAX_FILE_BYTES + 1))
        left = size + 1 - len(data)
        while left > 0 and (part := answered.read(min(left, 1 << 20))):
            left -= len(part)
    except OSError as error:
        raise BadInputError(f"it can't be read from the repository ({error.strerror})") from None
    if size > MAX_FILE_BYTES:
        raise BadInputError(TOO_LARGE)
    return data
