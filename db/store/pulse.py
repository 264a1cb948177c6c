"""Whether a database server answers at all: felt by a new connection, since one that was stopped says nothing."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

import psycopg
from psycopg import errors

PULSE_TIMEOUT_S = 4
"""Seconds that the answer to a new connection may take."""
GLANCE_S = 0.2
"""Seconds that each new caller gives a server that was found silent: one that is back takes a few thousandths."""


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


def is_silence(error: BaseException) -> bool:
    """Whether an error of the driver is a server's silence."""
    return isinstance(error, StalledError | errors.ConnectionTimeout)
