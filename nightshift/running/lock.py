"""One `nightshift run` for a data folder: a lock that ends with the process that holds it, however that ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db.errors import ConfigurationError, NightshiftError

LOCK = "run.lock"


class AlreadyRunningError(NightshiftError):
    """`nightshift run` is up on this data folder already."""

    exit_code = 3


@contextmanager
def only_run(home: Path) -> Iterator[None]:
    """Holds the folder's lock while the block runs; makes the folder where there is none.

    Raises:
        AlreadyRunningError: another process holds it.
        ConfigurationError: the folder can't be written to.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(home / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigurationError(
            f"The data folder {home} can't be written to ({error.strerror}): set NIGHTSHIFT_DATA_DIR to one that can."
        ) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(_sentence(home, os.read(descriptor, 20).decode(errors="replace"))) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _sentence(home: Path, holder: str) -> str:
    process = f", as process {holder.strip()}" if holder.strip().isdecimal() else ""
    return (
        f"`nightshift run` is up on {home} already{process}. Ask it with `nightshift ask`, stop it first, or set "
        "NIGHTSHIFT_DATA_DIR for another one beside it."
    )
