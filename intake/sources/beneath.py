"""Opens what lies under a folder and never what lies outside it, whatever links lead out and whoever swaps them.

Each step is opened from the descriptor of the folder before it, and no step follows a link: a link is read, and its
target walked in the same way. So there is no moment between looking and opening. It is what `openat2` does on Linux
with RESOLVE_BENEATH, on every POSIX system.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from db.errors import BadInputError

MAX_LINKS = 40
"""As many as Linux follows on one path."""

LEADS_OUT = "it is a link that leads out of the folder; name its target itself"

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
"""A pipe that takes a file's place must not make us wait."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file or folder that is open for reading, and the names that lead to it without links."""

    descriptor: int
    parts: tuple[str, ...]


@contextmanager
def open_folder(path: str) -> Iterator[int]:
    """Lends a descriptor of a folder, which may be named by a link.

    Raises:
        OSError: it can't be opened, or is no folder.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def open_beneath(folder: int, folder_paths: Collection[str], parts: Sequence[str]) -> Iterator[Opened]:
    """Lends what lies in a folder under the names that lead to it.

    Args:
        folder: descriptor of the folder that isn't left.
        folder_paths: its absolute paths, as it was named and with links resolved: they tell absolute links into it.
        parts: the names on the way, outermost first; any of them may be a link.

    Raises:
        BadInputError: a link on the way leads out of the folder; the message is `LEADS_OUT`.
        OSError: there is no such thing, it can't be opened, or links run in a circle.
    """
    descriptor, real = os.dup(folder), list[str]()
    pending, links = list(reversed(parts)), 0
    try:
        while pending:
            name = pending.pop()
            if name in ("", "."):
                continue
            if name == "..":
                if not real:
                    raise BadInputError(LEADS_OUT)
                pending += reversed(real[:-1])
            else:
                try:
                    descriptor = _step(descriptor, name)
                    real.append(name)
                    continue
                except OSError as error:
                    target = _link_target(descriptor, name, error)
                links += 1
                if links > MAX_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
                if not target.startswith("/"):
                    pending += reversed(target.split("/"))
                    continue
                pending += reversed(_names_inside(folder_paths, target))
            # on from the folder itself: what was walked so far has no links in it
            os.close(descriptor)
            descriptor = os.dup(folder)
            real.clear()
        yield Opened(descriptor, tuple(real))
    finally:
        os.close(descriptor)


def _step(descriptor: int, name: str) -> int:
    opened = os.open(name, _FLAGS, dir_fd=descriptor)
    os.close(descriptor)
    return opened


def _link_target(descriptor: int, name: str, error: OSError) -> str:
    """Where the link leads that couldn't be opened; any other thing's error is raised again."""
    if error.errno not in (errno.ELOOP, errno.EMLINK):  # FreeBSD's word for it is EMLINK
        raise error
    return os.readlink(name, dir_fd=descriptor)


def _names_inside(folder_paths: Collection[str], target: str) -> list[str]:
    for path in folder_paths:
        prefix = os.path.join(path, "")
        if os.path.join(target, "").startswith(prefix):
            return target[len(prefix) :].split("/")
    raise BadInputError(LEADS_OUT)
