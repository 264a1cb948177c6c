"""The one queue: rows of work that one process at a time has a claim on, and how whoever waits for them is woken.

Each kind of work keeps a table of its own, since people read its rows: nights, decisions, events, messages. Which of
its columns make the claim is said by a `Queue`. Claims are numbered: who lost one can't renew, end or give back its
successor's. Where the owner died, it comes free in one of two ways. It goes stale, where many are open at once over a
few connections: there was no sign of life for so long. Or it was taken `alone`, one after the other: then it is free
the moment its owner's session ends, and as long as that lasts nobody takes it away, however silent or frozen it is.
"""

from __future__ import annotations

import selectors
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Insert

from db.errors import DatabaseUnavailableError
from db.store.lending import driver
from db.store.refusals import plain_errors
from db.store.sessions import RawConnection, session_connection

STALE_AFTER_S = 120
"""Seconds without a sign of life after which a claim belongs to somebody who died."""

WAKING_CHANNEL = "nightshift_requested"
"""NOTIFY channel that wakes the night process."""

_ASKING = 0x6E69_0005
"""Advisory lock: of two who ask for the same at once, the second finds what the first asked for."""

Row = sa.Row[*tuple[Any, ...]]

Wait = Callable[[threading.Event, float], None]
"""Waits until something is asked for, so many seconds are over, or the event is set (seen within a second)."""


@dataclass(frozen=True, eq=False, slots=True)
class Queue:
    """A table with a claim in each row.

    A row is `at_work` from its claim to its end, also when its owner died, and `spent` once it is given up for having
    been claimed so often. The column `attempt` has how often it was, which is the number of the latest claim, and the
    column `alive_at` its last sign of life.
    """

    table: sa.Table
    at_work: sa.ColumnElement[bool]
    spent: sa.ColumnElement[bool] = field(default_factory=sa.false)
    attempt: str = "attempts"
    alive_at: str = "claimed_at"

    @property
    def _key(self) -> sa.Column[Any]:
        return self.table.primary_key.columns[0]

    @property
    def _number(self) -> sa.Column[Any]:
        return self.table.c[self.attempt]

    @property
    def _alive(self) -> dict[str, Any]:
        return {self.alive_at: sa.func.clock_timestamp()}

    def claim(
        self, connection: sa.Connection, new: Insert, *anew: str, stale_after_s: float = STALE_AFTER_S
    ) -> Sequence[Row]:
        """Claims the rows that are inserted, and of those that are there the stale ones; their keys and numbers.

        Of any number of concurrent callers exactly one gets each. The columns `anew` are written in stale ones too.
        """
        claim = new.on_conflict_do_update(
            index_elements=[self._key],
            set_={self.attempt: self._number + 1, **self._alive, **{name: new.excluded[name] for name in anew}},
            where=self.is_stale(stale_after_s) & ~self.spent,
        )
        return connection.execute(claim.returning(self._key, self._number)).all()

    def take_next(
        self,
        connection: sa.Connection,
        waiting: sa.Select[Any],
        columns: Sequence[sa.Column[Any]],
        given_up: dict[str, Any],
        **values: object,
    ) -> Row | None:
        """Claims the first row of a query, for whoever has the queue `alone`; None where there is none.

        Those that are spent by then are given up, with the values for that.
        """
        connection.execute(sa.update(self.table).where(self.at_work, self.spent).values(given_up))
        first = waiting.with_only_columns(self._key).limit(1).with_for_update().scalar_subquery()
        claimed = {self.attempt: self._number + 1, **self._alive, **values}
        take = sa.update(self.table).where(self._key == first).values(claimed)
        return connection.execute(take.returning(*columns)).one_or_none()

    def is_stale(self, after_s: float = STALE_AFTER_S) -> sa.ColumnElement[bool]:
        """Is true of a row whose owner gave no sign of life for so long."""
        return self.at_work & (self.table.c[self.alive_at] < ago(after_s))

    def change(
        self, connection: sa.Connection, key: object, attempt: int | None, *columns: sa.Column[Any], **values: object
    ) -> Row | None:
        """Changes a row whose claim is held, be it to end it; these columns then, or None where it was lost.

        Without a number it may be anybody's.
        """
        change = sa.update(self.table).where(*self._held(key, attempt)).values(values)
        return connection.execute(change.returning(*(columns or (self._key,)))).one_or_none()

    def renew(self, connection: sa.Connection, key: object, attempt: int) -> bool:
        """Gives a sign of life; whether the claim is still held."""
        return self.change(connection, key, attempt, **self._alive) is not None

    def hold(self, connection: sa.Connection, key: object, attempt: int) -> bool:
        """Whether the claim is held; if it is, it stays so until the transaction ends."""
        own = sa.select(self._key).where(*self._held(key, attempt)).with_for_update(key_share=True)
        return connection.execute(own).one_or_none() is not None

    def _held(self, key: object, attempt: int | None) -> list[sa.ColumnElement[bool]]:
        return [self._key == key, self.at_work, *([] if attempt is None else [self._number == attempt])]


@contextmanager
def alone(engine: sa.Engine, *lock: int) -> Iterator[sa.Connection | None]:
    """Holds an advisory lock while the block runs, by a session of its own, which is lent; None where another has it.

    It is free at once when this process dies, or loses the session. No transaction is open meanwhile, however long it
    takes: one would keep vacuum from its work.

    Raises:
        DatabaseRefusedError: a pooler lends no session that stays one's own.
    """
    with session_connection(engine) as session:
        if not session.scalar(sa.select(sa.func.pg_try_advisory_lock(*lock))):
            yield None
            return
        try:
            yield session
        finally:
            with suppress(DatabaseUnavailableError):  # a session that is lost has no lock to give back
                if not session.invalidated:
                    session.execute(sa.select(sa.func.pg_advisory_unlock(*lock)))


def ask(
    connection: sa.Connection, row: dict[str, Any], same: sa.Select[Any], columns: Sequence[sa.Column[Any]]
) -> tuple[Row, bool]:
    """Adds a request and wakes who carries it out, unless the `same` waits already; that row, and whether it is new."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ASKING)))
    found = connection.execute(same.with_only_columns(*columns).limit(1)).one_or_none()
    if found is not None:
        return found, False
    made = connection.execute(sa.insert(columns[0].table).values(row).returning(*columns)).one()
    wake(connection)
    return made, True


def wake(connection: sa.Connection) -> None:
    """Wakes the night process, once the transaction is committed."""
    connection.execute(sa.select(sa.func.pg_notify(WAKING_CHANNEL, "")))


@contextmanager
def listening(engine: sa.Engine) -> Iterator[Wait]:
    """Yields what waits for a request; one that is made from the block's beginning on isn't missed.

    Raises:
        DatabaseUnavailableError: it can't be listened to any more.
        DatabaseRefusedError: it can't be listened to at all, through a pooler.
    """
    with plain_errors(), session_connection(engine) as connection:
        raw = driver(connection)
        raw.execute(f"LISTEN {WAKING_CHANNEL}")
        yield lambda stopping, timeout_s: _wait(raw, stopping, timeout_s)


def _wait(raw: RawConnection, stopping: threading.Event, timeout_s: float) -> None:
    # psycopg looks up ten times a second while it waits, which a laptop's battery tells
    with selectors.DefaultSelector() as selector:
        selector.register(raw, selectors.EVENT_READ)
        for _ in range(max(1, round(timeout_s))):
            told = bool(selector.select(1.0)) and bool(list(raw.notifies(timeout=0)))
            if told or stopping.is_set():
                return


def ago(seconds: float) -> sa.ColumnElement[Any]:
    """So many seconds before now, by the database's clock."""
    return sa.func.clock_timestamp() - sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
