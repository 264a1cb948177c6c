"""Waiting for the database, but not for ever: a server that was stopped says nothing, and no time-out of its own fires.

A stopped server still takes what is sent to it, so neither the statement time-out, which is its own, nor TCP's notices
anything. Who has waited a while in silence therefore feels its pulse: whether a new connection is answered. Slow work
goes on; where there is no pulse, the wait ends and the connection is given up.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from psycopg import errors
from sqlalchemy import event

SILENCE_S = 4.0
"""Seconds without a word from the server after which its pulse is felt, again and again."""
PULSE_TIMEOUT_S = 4
"""Seconds that the answer to a new connection may take."""
GLANCE_S = 0.2
"""Seconds that each new caller gives a server that was found silent: one that is back takes a few thousandths."""
STATEMENT_GRACE_S = 5.0
NIGHT_PATIENCE_S = 600.0
"""Seconds without a pulse that work may wait which nobody waits for."""

_SAID_EVERY_S = 60.0
_PULSE = "nightshift_pulse"

_log = logging.getLogger(__name__)

T = TypeVar("T")


class StalledError(psycopg.OperationalError):
    """The database server doesn't answer."""

    def __init__(self) -> None:
        super().__init__((type(self).__doc__ or "").strip())


class Pulse:
    """Whether a server answers at all, felt by one for all who wait for it, in a thread that is nobody else's."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """`options` are psycopg's, to connect with."""
        self._options = {**options, "connect_timeout": PULSE_TIMEOUT_S}
        self._guard = threading.Lock()
        self._feeling: Future[bool] | None = None
        self.lost = False
        """What was found last."""

    def feel(self) -> Future[bool]:
        """What is being found out; begun where nobody is at it."""
        return self._join()[0]

    def beats(self, timeout_s: float) -> bool:
        """Whether the server answers a new connection within `timeout_s` seconds; twice that if another asked too."""
        feeling, is_ours = self._join()
        try:
            if feeling.result(timeout_s) or is_ours:
                return feeling.result()
            # what was asked before we came may have come to nothing just before the server was back
            return self._join()[0].result(timeout_s)
        except TimeoutError:
            self.lost = True
            return False

    def require(self) -> None:
        """Costs nothing as long as the server answers; of one that was silent it is asked briefly whether it does now.

        Raises:
            StalledError: it still doesn't.
        """
        if self.lost and not self.beats(GLANCE_S):
            raise StalledError

    def _join(self) -> tuple[Future[bool], bool]:
        with self._guard:
            is_new = self._feeling is None or self._feeling.done()
            if self._feeling is None or is_new:
                self._feeling = Future()
                self._feeling.set_running_or_notify_cancel()  # one who won't wait for it must not end it for others
                threading.Thread(target=self._find_out, args=(self._feeling,), name="pulse", daemon=True).start()
            return self._feeling, is_new

    def _find_out(self, found: Future[bool]) -> None:
        beats = False
        try:
            psycopg.connect(**self._options).close()
            beats = True
        except psycopg.Error as error:
            beats = "FATAL" in str(error)  # it says why it won't have us: that is an answer
        finally:
            self.lost = not beats
            found.set_result(beats)


@dataclass(frozen=True, slots=True)
class Watch:
    """How long is waited for a server that says nothing: without a pulse, and, pulse or not, in all."""

    pulse: Pulse
    without_pulse_s: float
    in_all_s: float | None

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


def patience(pulse: Pulse, statement_timeout_s: int | None) -> Watch:
    """A person waits no longer than for the pulse; a night, whose statements are unbounded, a good while."""
    if statement_timeout_s is None:
        return Watch(pulse, NIGHT_PATIENCE_S, None)
    return Watch(pulse, 0, statement_timeout_s + STATEMENT_GRACE_S)


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
    """One more connection, whose waits are watched; `options` are psycopg's."""
    connection = WatchedConnection.connect(**options)
    connection.watch = watch
    return connection


def watch_over(engine: sa.Engine, watch: Watch, revive: Callable[[], object] | None) -> None:
    """Makes the engine's connections watched ones; see `db.store.engine.create_engine` for `revive`."""
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


def pulse_of(engine: sa.Engine) -> Pulse:
    """The pulse of the engine's server: it can be felt whatever becomes of the pool."""
    found = engine.get_execution_options()[_PULSE]
    assert isinstance(found, Pulse)  # noqa: S101 - each of our engines has one
    return found


def is_silence(error: BaseException) -> bool:
    """Whether an error of the driver is a server's silence."""
    return isinstance(error, StalledError | errors.ConnectionTimeout)
