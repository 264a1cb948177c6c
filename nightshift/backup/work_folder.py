"""A folder beside a file that is being made: nobody else's is touched, and what killed ones leave goes."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import platform
import shutil
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from db.errors import BackupError

if TYPE_CHECKING:
    from collections.abc import Iterator

_log = logging.getLogger(__name__)
_WORK = ".nightshift-backup-"
_SILENT_AFTER_S = 24 * 3600.0
_NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL, errno.EBADF}
"""What disks say that know no locks: Lustre, some network and FUSE file systems."""


@contextmanager
def folder_beside(path: Path) -> Iterator[Path]:
    """A folder on the same disk, for its owner alone; gone afterwards, or with the next one after a kill."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _made_in(path.parent) as work:
            yield work
    except OSError as error:
        raise BackupError(f"{path.parent} can't be written to ({error.strerror}).") from None


@contextmanager
def _made_in(parent: Path) -> Iterator[Path]:
    """Its lock tells a folder in use from what is left of one.

    A lock of a folder on a network disk holds among the processes of one machine alone. So a folder's name says which
    machine made it, and another's counts as left once nothing was written to it for a day.
    """
    ours = f"{_WORK}{_this_machine()}-"
    with _locked(parent, wait=True), ExitStack() as stack:
        for left in parent.glob(f"{_WORK}*"):
            with suppress(OSError), _locked(left) as is_told:
                if (is_told and left.name.startswith(ours)) or _is_silent(left):
                    shutil.rmtree(left)
                    _log.warning("%s was left by a backup or a restore that was killed; it is removed.", left)
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=ours, dir=parent)))
        stack.enter_context(_locked(work))
        kept = stack.pop_all()
    with kept:
        yield work


def _this_machine() -> str:
    """The same for all processes whose locks meet: those of one kernel, until it is started anew."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
    except OSError:  # no Linux
        return platform.node()


def _is_silent(folder: Path) -> bool:
    """Whether nothing in it, nor itself, was written to for long: by clocks that may be off by minutes."""
    newest = max(path.lstat().st_mtime for path in (folder, *folder.rglob("*")))
    return newest < time.time() - _SILENT_AFTER_S


@contextmanager
def _locked(folder: Path, *, wait: bool = False) -> Iterator[bool]:
    """Holds a folder's lock, which ends with the process; yields whether its disk knows locks at all.

    Raises:
        OSError: another has it, and nobody `wait`s.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            is_held = True
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            is_held = False
        yield is_held
    finally:
        os.close(descriptor)
