"""The files under the paths that a person named: found, read within bounds, and known by a stable address."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from bot.extract import SUFFIXES
from db.errors import BadInputError

MAX_FILE_BYTES = 20_000_000

_MAX_URI_CHARS = 2000  # what an index of PostgreSQL takes
_TOO_LARGE = f"it is larger than {MAX_FILE_BYTES // 1_000_000} MB; split it"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file to read: `path` as the person would name it, `uri` the same from any working directory."""

    path: str
    uri: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that can't go in, and why, in words that fit after a colon."""

    path: str
    reason: str


def find_files(paths: Sequence[Path]) -> Iterator[FoundFile | Failure]:
    """Finds each file once, in a stable order, without keeping them in memory.

    In a folder: the Markdown, text and HTML files at any depth, hidden ones and hidden folders aside. Links are not
    followed: what they lead to inside the folder is found there, and one that leads out of it is a failure.
    """
    roots = {os.path.abspath(path): os.fspath(path) for path in paths}
    for root, shown in roots.items():
        if os.path.isdir(root):
            yield from _walk(root, shown, roots)
        else:
            yield _check_file(root, shown)


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
    """The file's bytes.

    Raises:
        BadInputError: it can't be read or is too large; the message is a reason without the file's name.
    """
    try:
        # a pipe that took the file's place meanwhile must not make us wait
        descriptor = os.open(_path_of(file.uri), os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise BadInputError(_reason(error)) from None
    if len(data) > MAX_FILE_BYTES:
        raise BadInputError(_TOO_LARGE)
    return data


def _walk(root: str, shown_root: str, roots: dict[str, str]) -> Iterator[FoundFile | Failure]:
    real_root = os.path.realpath(root)
    unreadable: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=unreadable.append):
        shown = os.path.normpath(os.path.join(shown_root, os.path.relpath(folder, root)))
        links = {name for name in folders if os.path.islink(os.path.join(folder, name))}
        kept = {name for name in folders if not _is_passed_over(os.path.join(folder, name), roots)}
        folders[:] = sorted(kept - links)
        wanted = {name for name in names if os.path.splitext(name)[1].lower() in SUFFIXES} | links
        for name in sorted(wanted):
            path = os.path.join(folder, name)
            if _is_passed_over(path, roots):
                continue
            if not os.path.islink(path):
                yield _check_file(path, os.path.join(shown, name))
            elif (reason := _link_problem(path, real_root)) is not None:
                yield Failure(_printable(os.path.join(shown, name)), reason)
    for error in unreadable:
        shown = os.path.join(shown_root, os.path.relpath(os.fsdecode(error.filename), root))
        yield Failure(_printable(os.path.normpath(shown)), _reason(error))


def _is_passed_over(path: str, roots: dict[str, str]) -> bool:
    """Hidden, or named by the person as well, and so found on its own."""
    return os.path.basename(path).startswith(".") or path in roots


def _link_problem(path: str, real_root: str) -> str | None:
    """None for a link to something inside the folder, which is found there."""
    try:
        os.stat(path)
    except OSError as error:
        return _reason(error)
    if os.path.join(os.path.realpath(path), "").startswith(os.path.join(real_root, "")):
        return None
    return "it is a link that leads out of the folder; name its target itself"


def _check_file(path: str, shown: str) -> FoundFile | Failure:
    shown = _printable(shown)
    try:
        status = os.stat(path)
    except OSError as error:
        return Failure(shown, _reason(error))
    uri = file_uri(path)
    if not stat.S_ISREG(status.st_mode):
        return Failure(shown, "it is not a file")
    if status.st_size > MAX_FILE_BYTES:
        return Failure(shown, _TOO_LARGE)
    if len(uri) > _MAX_URI_CHARS:
        return Failure(shown, "its path is too long")
    return FoundFile(shown, uri, status.st_size)


def _path_of(uri: str) -> bytes:
    return unquote_to_bytes(uri.removeprefix("file://"))


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    if isinstance(error, PermissionError):
        return "you are not allowed to read it"
    return f"it can't be read ({error.strerror or type(error).__name__})"


def _printable(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "replace")
