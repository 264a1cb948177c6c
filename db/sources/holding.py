"""One process at a time syncs a source, or removes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from db.errors import SourceBusyError
from db.store import alone

_LOCK = 0x6E69_000A


@contextmanager
def hold_source(engine: sa.Engine, source_id: int) -> Iterator[None]:
    """Holds a source while the block runs; it is free once the server notices that this process died.

    Raises:
        SourceBusyError: another process has it.
        DatabaseRefusedError: a pooler lends no session that stays one's own.
    """
    with alone(engine, _LOCK, source_id) as session:
        if session is None:
            raise SourceBusyError
        yield
