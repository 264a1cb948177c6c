"""The sources' own rows: added by an operator, read by whoever syncs, noted how each sync ended."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db.errors import BadInputError, UnknownIdError
from db.schema import document, source
from db.sources.storable import storable
from db.store import wake

OVERDUE_AFTER = timedelta(hours=1)
"""Whoever runs the nights begins a sync within a minute, unless others take their time."""


@dataclass(frozen=True, slots=True)
class StoredSource:
    """A source as it is stored; `documents` are how many of its are, and `outcome` is what its last sync did.

    `settings` name secrets by the variables that hold them. Without `every_s` it is synced by hand alone. The
    removal of one that `is_going` has begun.
    """

    id: int
    name: str
    kind: str
    settings: Mapping[str, Any]
    every_s: int | None
    due_at: datetime | None
    cursor: str | None
    synced_at: datetime | None
    outcome: Mapping[str, Any] | None
    is_going: bool = False
    documents: int = 0

    @property
    def has_failed(self) -> bool:
        """Whether not all went in at the last sync that there was, or what is gone stayed."""
        told = self.outcome or {}
        return any(told.get(fault) for fault in ("error", "broken_off", "failures", "not_removed"))

    def is_overdue(self, now: datetime) -> bool:
        """Whether it was to be synced long ago."""
        return self.due_at is not None and now - self.due_at > OVERDUE_AFTER


_COLUMNS = (
    source.c.id,
    source.c.name,
    source.c.kind,
    source.c.settings,
    source.c.every_s,
    source.c.due_at,
    source.c.cursor,
    source.c.synced_at,
    source.c.outcome,
    source.c.is_going,
)


def add_source(
    engine: sa.Engine, name: str, kind: str, settings: Mapping[str, Any], every_s: int | None
) -> StoredSource:
    """Adds a source, which is due at once if it is to be synced by the clock.

    Raises:
        BadInputError: there is one by that name.
    """
    due_at = None if every_s is None else sa.func.now()
    row = {"name": name, "kind": kind, "settings": dict(settings), "every_s": every_s, "due_at": due_at}
    new = insert(source).values(row).on_conflict_do_nothing(index_elements=["name"])
    with engine.begin() as connection:
        made = connection.execute(new.returning(*_COLUMNS)).one_or_none()
        wake(connection)
    if made is None:
        raise BadInputError(f"There is a source {name} already; give this one another --name.")
    return StoredSource(*made)


def list_sources(engine: sa.Engine) -> list[StoredSource]:
    """All of them, by name."""
    with engine.connect() as connection:
        return [StoredSource(*row) for row in connection.execute(_with_documents().order_by(source.c.name))]


def find_source(engine: sa.Engine, name: str) -> StoredSource:
    """The one by that name.

    Raises:
        UnknownIdError: there is none.
    """
    with engine.connect() as connection:
        row = connection.execute(_with_documents().where(source.c.name == name)).one_or_none()
    if row is None:
        raise UnknownIdError(f"There is no source {name}; `nightshift sources list` shows which there are.")
    return StoredSource(*row)


def next_due(engine: sa.Engine, besides: Collection[int] = ()) -> StoredSource | None:
    """The source whose sync has been due for longest, if any is, `besides` those with these ids."""
    is_due = source.c.due_at <= sa.func.clock_timestamp(), source.c.id.not_in(besides)
    due = _with_documents().where(*is_due).order_by(source.c.due_at).limit(1)
    with engine.connect() as connection:
        row = connection.execute(due).one_or_none()
    return None if row is None else StoredSource(*row)


def note_cursor(engine: sa.Engine, source_id: int, cursor: str | None) -> None:
    """Says from where the next sync may list: all before is stored."""
    _change(engine, source_id, cursor=cursor)


def note_outcome(engine: sa.Engine, source_id: int, outcome: Mapping[str, Any], *, wait_s: float = 0.0) -> None:
    """Says how a sync ended; the next one is due after the source's interval, or after `wait_s` if that is longer."""
    seconds = sa.func.greatest(sa.cast(source.c.every_s, sa.Float), wait_s)
    due_at = sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    _change(
        engine,
        source_id,
        outcome=storable(outcome),
        synced_at=sa.func.clock_timestamp(),
        due_at=sa.case((source.c.due_at.is_(None), None), else_=due_at),
    )


def postpone(engine: sa.Engine, source_id: int, wait_s: float) -> None:
    """Lets the clock leave a source alone for so long."""
    _change(engine, source_id, due_at=sa.func.clock_timestamp() + sa.func.make_interval(0, 0, 0, 0, 0, 0, wait_s))


def begin_removal(engine: sa.Engine, source_id: int) -> None:
    """Nothing of a source is read in any more; where its removal is cut off, it is due by the clock to be ended."""
    _change(engine, source_id, every_s=None, due_at=sa.func.now(), is_going=True)


def delete_source(engine: sa.Engine, source_id: int) -> None:
    """Forgets a source and what it remembered; what documents of it are stored are nobody's then."""
    with engine.begin() as connection:
        connection.execute(sa.delete(source).where(source.c.id == source_id))


def _with_documents() -> sa.Select[Any]:
    own = sa.select(sa.func.count()).where(document.c.source_id == source.c.id, document.c.deleted_at.is_(None))
    return sa.select(*_COLUMNS, own.scalar_subquery())


def _change(engine: sa.Engine, source_id: int, **values: object) -> None:
    with engine.begin() as connection:
        connection.execute(sa.update(source).where(source.c.id == source_id).values(values))
