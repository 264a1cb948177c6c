"""Advisory file locks (flock): given back by death, and never kept by a forked child."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType

_open_locks: set[FileLock] = set()


class FileLock:
    """A lock that this process holds on a file, until `close`, the end of a `with`, or the process's death."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        _open_locks.add(self)

    @classmethod
    def acquire(cls, path: Path, *, shared: bool = False) -> FileLock:
        """Wait until the lock is ours; the file is made when it is missing, its folder isn't."""
        lock = cls(_open_private(path))
        try:
            fcntl.flock(lock.fd, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        except BaseException:
            lock.close()
            raise
        return lock

    @classmethod
    def try_acquire(cls, path: Path) -> FileLock | None:
        """The exclusive lock, or nothing when anybody else holds it in any way."""
        lock = cls(_open_private(path))
        try:
            fcntl.flock(lock.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return lock

    def close(self) -> None:
        """Give the lock back, unless a child process was handed the descriptor: then the child holds it on."""
        if self in _open_locks:
            _open_locks.discard(self)
            os.close(self.fd)

    def __enter__(self) -> FileLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _open_private(path: Path) -> int:
    """Open for locking. Root gives a new file to the folder's owner, who must be able to lock it later."""
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        fd = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(path, flags)
    if os.geteuid() == 0:
        folder = os.stat(path.parent)
        os.fchown(fd, folder.st_uid, folder.st_gid)
    return fd


def _drop_in_child() -> None:
    # A fork shares the parent's locks. Closing the child's copies leaves them to the parent alone; unlocking
    # would take them from it.
    for lock in list(_open_locks):
        lock.close()


os.register_at_fork(after_in_child=_drop_in_child)
