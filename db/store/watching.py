"""Waits for the database are watched: slow work goes on, and where the server has no pulse the connection is given up.

A stopped server still takes what is sent to it, so neither the statement time-out, which is its own, nor TCP's notices
anything.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg import errors
from sqlalchemy import event

from db.store.pulse import PULSE_TIMEOUT_S, Pulse, StalledError

SILENCE_S = 4.0
"""Seconds without a word from the server after which its pulse is felt, again and again."""
STATEMENT_GRACE_S = 5.0
NIGHT_PATIENCE_S = 600.0
"""Seconds without a pulse that work may wait which nobody waits for."""

_SAID_EVERY_S = 60.0
_PULSE = "nightshift_pulse"

_log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Watch:
    """How long is waited for a server that says nothing: without a pulse, and, pulse or not, in all."""

    pulse: Pulse
    without_pulse_s: float
    in_all_s: float | None
    connect_s: float = PULSE_TIMEOUT_S

    @property
    def while_connecting(self) -> Watch:
        """For what a new connection is asked first, which costs a server nothing.

        A pooler that was paused, or has none to spare, lets one log in, and then nothing comes of it.
        """
        return replace(self, without_pulse_s=0, in_all_s=self.connect_s)

    def require(self) -> None:
        """Spares a person the wait for a server that was found silent and is so still.

        Raises:
            StalledError: it is.
        """
        if not self.without_pulse_s:
            self.pulse.require()

    def look(self, silent_s: float) -> None:
        """To be called now and then while waiting, with the seconds since the server's last word.

        Raises:
            StalledError: it isn't worth waiting any longer.
        """
        if self.in_all_s is not None and silent_s >= self.in_all_s:
            raise StalledError
        if self.pulse.beats(PULSE_TIMEOUT_S):
            return
        if silent_s >= self.without_pulse_s:
            raise StalledError
        if silent_s % _SAID_EVERY_S < SILENCE_S + PULSE_TIMEOUT_S:
            _log.error(
                "The database has not answered for %d s; giving up after %d s.", silent_s, int(self.without_pulse_s)
            )


def patience(pulse: Pulse, statement_timeout_s: int | None, connect_timeout_s: float) -> Watch:
    """A person waits no longer than for the pulse; a night, whose statements are unbounded, a good while."""
    if statement_timeout_s is None:
        return Watch(pulse, NIGHT_PATIENCE_S, None, connect_timeout_s)
    return Watch(pulse, 0, statement_timeout_s + STATEMENT_GRACE_S, connect_timeout_s)


class WatchedConnection(psycopg.Connection[tuple[Any, ...]]):
    """A connection each of whose waits is watched; one that isn't worth it ends in `StalledError` and closes it."""

    watch: Watch | None = None
    _stalled = False

    def require_answer(self) -> None:
        """Before it is lent: see `Watch.require`."""
        if self.watch is not None:
            self.watch.require()

    def wait(self, gen: Generator[Any, Any, T], *args: Any, **kwargs: Any) -> T:  # noqa: ANN401 - as psycopg has them
        """Runs one exchange with the server; psycopg comes back to it at least every tenth of a second."""
        return super().wait(self._watched(gen), *args, **kwargs)

    def rollback(self) -> None:
        """Where there is nothing to roll back any more, why there isn't."""
        if self._stalled:
            raise StalledError
        super().rollback()

    def _watched(self, gen: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        heard = looked = time.monotonic()
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                now = time.monotonic()
                if ready:
                    heard = looked = now
                elif self.watch is not None and now - looked >= SILENCE_S:
                    self._look(now - heard)
                    looked = time.monotonic()
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]
        finally:
            gen.close()

    def _look(self, silent_s: float) -> None:
        assert self.watch is not None  # noqa: S101 - the caller looked
        try:
            self.watch.look(silent_s)
        except StalledError:
            self._stalled = True
            self.pgconn.finish()  # on this side alone: the server wouldn't hear of it
            raise


def connect_watched(watch: Watch, options: Mapping[str, Any]) -> WatchedConnection:
    """One more connection, whose waits are watched as those of one that is being set up; `options` are psycopg's."""
    connection = WatchedConnection.connect(**options)
    connection.watch = watch.while_connecting
    return connection


def watch_over(engine: sa.Engine, watch: Watch, revive: Callable[[], object] | None) -> None:
    """Makes the engine's connections watched ones; see `db.store.engine.create_engine` for `revive`.

    Whatever else sets them up must be told of new ones before: from here on they may take as long as `watch` says.
    """
    engine.update_execution_options(**{_PULSE: watch.pulse})

    def connect(_dialect: object, _record: object, _arguments: object, options: dict[str, Any]) -> WatchedConnection:
        watch.require()
        try:
            return connect_watched(watch, options)
        except errors.ConnectionTimeout:
            watch.pulse.lost = True
            raise
        except psycopg.OperationalError:
            if revive is None:
                raise
            revive()
            return connect_watched(watch, options)

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "connect", lambda connection, _record: setattr(connection, "watch", watch))


def pulse_of(engine: sa.Engine) -> Pulse:
    """The pulse of the engine's server: it can be felt whatever becomes of the pool."""
    found = engine.get_execution_options()[_PULSE]
    assert isinstance(found, Pulse)  # noqa: S101 - each of our engines has one
    return found
