"""The end of a process that was told to stop: in bounded time, whatever hangs."""

from __future__ import annotations

import faulthandler
import signal

ENDS_WITHIN_S = 55.0
"""Seconds; a little less than systemd's unit and the container's engine give before they kill, which tells nothing."""

STOPS = (signal.SIGTERM, signal.SIGINT)


def begin_to_end() -> None:
    """Takes no further signal, which would cut the stopping short; if it hangs, says where and ends all the same."""
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)
    faulthandler.dump_traceback_later(ENDS_WITHIN_S, exit=True)
