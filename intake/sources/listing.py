"""How files are listed: those that a person named and those in folders, each once and by a stable address."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import quote

from db.errors import BadInputError
from intake.extract import SUFFIXES
from intake.sources.beneath import open_beneath, open_folder
from intake.sources.source import Failure, Listed

MAX_FILE_BYTES = 20_000_000

MAX_URI_CHARS = 2000
"""What an index of PostgreSQL takes."""

OF_OTHERS = frozenset({"node_modules", "bower_components", "site-packages", "__pycache__"})
"""Folders that package managers fill."""

_WRITTEN_BY_TOOLS = frozenset({"package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "packages.lock.json"})
_MINIFIED = re.compile(r"\.min\.(?:js|css)\Z")
NO_SUFFIX = "without a suffix"
NO_FILE = "it is not a file"
TOO_LARGE = f"it is larger than {MAX_FILE_BYTES // 1_000_000} MB; split it"


def list_files(roots: Mapping[str, str], audience_id: int | None, left_out: Counter[str]) -> Iterator[Listed | Failure]:
    """Finds each file once, in a stable order, without keeping them in memory.

    `roots` are files and folders: absolute path → how the person wrote it. Files that are in the folders and not looked
    for are counted in `left_out`, by suffix.

    In a folder: the files of kinds that are read, at any depth, hidden ones, hidden folders and those of package
    managers aside. A link is
    followed where it leads to something inside the folder that isn't found there by itself, because it is hidden or
    has another suffix; one that leads out of the folder is a failure.
    """
    for root, shown in roots.items():
        try:
            if os.path.isdir(root):
                with open_folder(root) as descriptor:
                    yield from _Folder(root, shown, roots, audience_id, left_out).walk(descriptor)
            else:
                yield _list_file(root, shown, os.stat(root), audience_id)
        except OSError as error:
            yield Failure(printable(shown), reason_of(error), file_uri(root))


def file_uri(path: str) -> str:
    """The address of a file by its absolute path, which may hold any bytes."""
    return "file://" + quote(os.fsencode(path))


def paths_of(root: str) -> tuple[str, str]:
    """A folder's path as it was named, and with links resolved: they tell absolute links into it."""
    return root, os.path.realpath(root)


def reason_of(error: OSError | BadInputError) -> str:
    """Why something can't be read, in words that fit after its name and a colon."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    if isinstance(error, PermissionError):
        return "you are not allowed to read it"
    if isinstance(error, OSError):
        return f"it can't be read ({error.strerror or type(error).__name__})"
    return str(error)


class _Folder:
    """A folder that was named, walked by descriptors; what else was named, `roots`, is passed over."""

    def __init__(
        self, root: str, shown: str, roots: Collection[str], audience_id: int | None, left_out: Counter[str]
    ) -> None:
        self._root = root
        self._paths = paths_of(root)
        self._shown = shown
        self._roots = roots
        self._audience_id = audience_id
        self._left_out = left_out
        self._reached: set[tuple[str, ...]] = set()
        """What was found by way of a link, by its names without links: it is found once."""

    def walk(self, root: int) -> Iterator[Listed | Failure]:
        """Each folder's files by name, then its folders by name; `root` is the descriptor of the folder itself."""
        pending: list[tuple[str, ...]] = [()]
        while pending:
            parts = pending.pop()
            found: list[Listed | Failure] = []
            folders: list[tuple[str, ...]] = []
            try:
                self._look_into(root, parts, found, folders)
            except (OSError, BadInputError) as error:
                found.append(self._fail(parts, error))
            yield from found
            pending += reversed(folders)

    def _look_into(
        self, root: int, parts: tuple[str, ...], found: list[Listed | Failure], folders: list[tuple[str, ...]]
    ) -> None:
        """Adds a folder's files to `found`, and the folders in it that are to be looked into."""
        with open_beneath(root, self._paths, parts) as folder, os.scandir(folder.descriptor) as entries:
            by_link = folder.parts != parts
            if by_link and self._is_reached(folder.parts):
                return
            for entry in sorted(entries, key=lambda entry: entry.name):
                below = (*parts, entry.name)
                if entry.name.startswith(".") or os.path.join(self._root, *below) in self._roots:
                    continue
                if entry.is_symlink():
                    self._follow(root, below, found, folders)
                elif entry.is_dir(follow_symlinks=False):
                    if entry.name in OF_OTHERS:
                        self._left_out[f"{entry.name}/"] += 1
                    else:
                        folders.append(below)
                elif by_link and self._is_reached((*folder.parts, entry.name)):
                    continue
                elif is_wanted(entry.name):
                    found.append(self._list(below, entry.stat(follow_symlinks=False)))
                else:
                    self._leave_out(entry.name)

    def _follow(
        self, root: int, parts: tuple[str, ...], found: list[Listed | Failure], folders: list[tuple[str, ...]]
    ) -> None:
        try:
            with open_beneath(root, self._paths, parts) as target:
                status = os.fstat(target.descriptor)
                is_folder = stat.S_ISDIR(status.st_mode)
                if _is_found_by_itself(target.parts, is_folder):
                    return
                if is_folder:
                    folders.append(parts)
                elif not is_wanted(parts[-1]):
                    # what isn't hidden is left out by its own name
                    if is_hidden(target.parts) and not self._is_reached(target.parts):
                        self._leave_out(parts[-1])
                elif not self._is_reached(target.parts):
                    found.append(self._list(parts, status))
                    if not is_hidden(target.parts):
                        self._leave_out(target.parts[-1], -1)  # by its own name it is left out
        except (OSError, BadInputError) as error:
            # another program's pointers, "lock" say, lead wherever they like
            if is_wanted(parts[-1]) or os.path.isdir(os.path.join(self._root, *parts)):
                found.append(self._fail(parts, error))

    def _is_reached(self, parts: tuple[str, ...]) -> bool:
        is_known = parts in self._reached
        self._reached.add(parts)
        return is_known

    def _leave_out(self, name: str, n: int = 1) -> None:
        self._left_out[kind_of(name)] += n

    def _list(self, parts: tuple[str, ...], status: os.stat_result) -> Listed | Failure:
        return _list_file(os.path.join(self._root, *parts), self._shown_path(parts), status, self._audience_id)

    def _fail(self, parts: tuple[str, ...], error: OSError | BadInputError) -> Failure:
        uri = file_uri(os.path.join(self._root, *parts))
        return Failure(printable(self._shown_path(parts)), reason_of(error), uri)

    def _shown_path(self, parts: tuple[str, ...]) -> str:
        return os.path.normpath(os.path.join(self._shown, *parts))


def is_wanted(name: str) -> bool:
    """Whether a file of that name is read where its folder is."""
    return kind_of(name) in SUFFIXES


def kind_of(name: str) -> str:
    """A file's suffix; of what tools write, which nobody reads, more of its name."""
    own = name.lower()
    if own in _WRITTEN_BY_TOOLS:
        return own
    if minified := _MINIFIED.search(own):
        return minified[0]
    return printable(os.path.splitext(own)[1]) or NO_SUFFIX


def _is_found_by_itself(parts: tuple[str, ...], is_folder: bool) -> bool:
    return not is_hidden(parts) and (is_folder or is_wanted(parts[-1]))


def is_hidden(parts: tuple[str, ...]) -> bool:
    """Whether a file, or a folder on the way to it, is hidden."""
    return any(name.startswith(".") for name in parts)


def _list_file(path: str, shown: str, status: os.stat_result, audience_id: int | None) -> Listed | Failure:
    uri, name = file_uri(path), printable(shown)
    if not stat.S_ISREG(status.st_mode):
        return Failure(name, NO_FILE, uri)
    if status.st_size > MAX_FILE_BYTES:
        return Failure(name, TOO_LARGE, uri)
    if len(uri) > MAX_URI_CHARS:
        return Failure(name, "its path is too long")
    return Listed(uri, name, audience_id=audience_id)


def printable(path: str) -> str:
    """A path as it can be stored and shown, whatever bytes it holds."""
    return os.fsencode(path).decode("utf-8", "replace")
