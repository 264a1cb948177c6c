"""The files under the paths that a person named: found, read within bounds, and known by a stable address."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from bot.beneath import open_beneath, open_folder
from bot.extract import SUFFIXES
from db.errors import BadInputError

MAX_FILE_BYTES = 20_000_000

_MAX_URI_CHARS = 2000  # what an index of PostgreSQL takes
_NO_FILE = "it is not a file"
_TOO_LARGE = f"it is larger than {MAX_FILE_BYTES // 1_000_000} MB; split it"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to read: `path` as the person would name it, `uri` the same from any working directory.

    In a folder that was named, `root`, it lies under the names `beneath`; one that was named itself has none.
    """

    path: str
    uri: str
    size_bytes: int
    root: str
    beneath: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that can't go in, and why, in words that fit after a colon."""

    path: str
    reason: str


def find_files(paths: Sequence[Path]) -> Iterator[FoundFile | Failure]:
    """Finds each file once, in a stable order, without keeping them in memory.

    In a folder: the Markdown, text and HTML files at any depth, hidden ones and hidden folders aside. A link is
    followed where it leads to something inside the folder that isn't found there by itself, because it is hidden or
    has another suffix; one that leads out of the folder is a failure.
    """
    roots = {os.path.abspath(path): os.fspath(path) for path in paths}
    for root, shown in roots.items():
        if os.path.isdir(root):
            folder = _Folder(root, shown, roots)
            try:
                with open_folder(root) as descriptor:
                    yield from folder.walk(descriptor)
            except OSError as error:
                yield Failure(_printable(shown), _reason(error))
        else:
            yield _check_named(root, shown)


def file_uri(path: str) -> str:
    """The address of a file by its absolute path, which may hold any bytes."""
    return "file://" + quote(os.fsencode(path))


def is_gone(uri: str) -> bool:
    """Whether there is surely no such file any more; one that merely can't be looked at is still there."""
    path = os.fsdecode(unquote_to_bytes(uri.removeprefix("file://")))
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False


def read_file(file: FoundFile) -> bytes:
    """The file's bytes; whoever swaps a folder or a link meanwhile can't have another folder's file read.

    Raises:
        BadInputError: it can't be read or is too large; the message is a reason without the file's name.
    """
    try:
        with _open_found(file) as descriptor:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise BadInputError(_NO_FILE)
            with open(descriptor, "rb", closefd=False) as stream:
                data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise BadInputError(_reason(error)) from None
    if len(data) > MAX_FILE_BYTES:
        raise BadInputError(_TOO_LARGE)
    return data


@contextmanager
def _open_found(file: FoundFile) -> Iterator[int]:
    if file.beneath:
        with open_folder(file.root) as folder, open_beneath(folder, _paths_of(file.root), file.beneath) as opened:
            yield opened.descriptor
    else:
        # a pipe that took the file's place meanwhile must not make us wait
        descriptor = os.open(file.root, os.O_RDONLY | os.O_NONBLOCK)
        try:
            yield descriptor
        finally:
            os.close(descriptor)


class _Folder:
    """A folder that was named, walked by descriptors."""

    def __init__(self, root: str, shown: str, roots: Collection[str]) -> None:
        self._root = root
        self._paths = _paths_of(root)
        self._shown = shown
        self._roots = roots
        self._reached: set[tuple[str, ...]] = set()
        """What was found by way of a link, by its names without links: it is found once."""

    def walk(self, root: int) -> Iterator[FoundFile | Failure]:
        """Each folder's files by name, then its folders by name; `root` is the descriptor of the folder itself."""
        pending: list[tuple[str, ...]] = [()]
        while pending:
            parts = pending.pop()
            found: list[FoundFile | Failure] = []
            folders: list[tuple[str, ...]] = []
            try:
                self._look_into(root, parts, found, folders)
            except (OSError, BadInputError) as error:
                found.append(Failure(self._name(parts), _reason(error)))
            yield from found
            pending += reversed(folders)

    def _look_into(
        self, root: int, parts: tuple[str, ...], found: list[FoundFile | Failure], folders: list[tuple[str, ...]]
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
                    folders.append(below)
                elif _is_wanted(entry.name) and not (by_link and self._is_reached((*folder.parts, entry.name))):
                    found.append(self._check(below, entry.stat(follow_symlinks=False)))

    def _follow(
        self, root: int, parts: tuple[str, ...], found: list[FoundFile | Failure], folders: list[tuple[str, ...]]
    ) -> None:
        try:
            with open_beneath(root, self._paths, parts) as target:
                status = os.fstat(target.descriptor)
                is_folder = stat.S_ISDIR(status.st_mode)
                if _is_found_by_itself(target.parts, is_folder) or not (is_folder or _is_wanted(parts[-1])):
                    return
                if is_folder:
                    folders.append(parts)
                elif not self._is_reached(target.parts):
                    found.append(self._check(parts, status))
        except (OSError, BadInputError) as error:
            # another program's pointers, "lock" say, lead wherever they like
            if _is_wanted(parts[-1]) or os.path.isdir(os.path.join(self._root, *parts)):
                found.append(Failure(self._name(parts), _reason(error)))

    def _is_reached(self, parts: tuple[str, ...]) -> bool:
        is_known = parts in self._reached
        self._reached.add(parts)
        return is_known

    def _check(self, parts: tuple[str, ...], status: os.stat_result) -> FoundFile | Failure:
        return _check_file(FoundFile(self._name(parts), self._uri(parts), status.st_size, self._root, parts), status)

    def _name(self, parts: tuple[str, ...]) -> str:
        return _printable(os.path.normpath(os.path.join(self._shown, *parts)))

    def _uri(self, parts: tuple[str, ...]) -> str:
        return file_uri(os.path.join(self._root, *parts))


def _is_wanted(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in SUFFIXES


def _is_found_by_itself(parts: tuple[str, ...], is_folder: bool) -> bool:
    return not any(name.startswith(".") for name in parts) and (is_folder or _is_wanted(parts[-1]))


def _check_named(path: str, shown: str) -> FoundFile | Failure:
    try:
        status = os.stat(path)
    except OSError as error:
        return Failure(_printable(shown), _reason(error))
    return _check_file(FoundFile(_printable(shown), file_uri(path), status.st_size, path), status)


def _check_file(file: FoundFile, status: os.stat_result) -> FoundFile | Failure:
    if not stat.S_ISREG(status.st_mode):
        return Failure(file.path, _NO_FILE)
    if status.st_size > MAX_FILE_BYTES:
        return Failure(file.path, _TOO_LARGE)
    if len(file.uri) > _MAX_URI_CHARS:
        return Failure(file.path, "its path is too long")
    return file


def _paths_of(root: str) -> tuple[str, str]:
    return root, os.path.realpath(root)


def _reason(error: OSError | BadInputError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    if isinstance(error, PermissionError):
        return "you are not allowed to read it"
    if isinstance(error, OSError):
        return f"it can't be read ({error.strerror or type(error).__name__})"
    return str(error)


def _printable(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "replace")
