"""The process that runs nights and rankings: low in priority, stopped by a signal or when its parent is gone."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable
from datetime import datetime
from types import FrameType
from typing import TYPE_CHECKING

from db.errors import NightBusyError
from db.generations import Encoders, list_generations, serving, share_models
from db.nights import database_time, find_overdue
from db.store import open_store, require_sessions
from nightshift.corpus.sample import regression_set
from nightshift.metrics.serving import telling_figures
from nightshift.metrics.tracing import tracing
from nightshift.running.daily import DailyPruning
from nightshift.running.due_sources import DueSources
from nightshift.running.ending import STOPS, begin_to_end
from retrain.night import (
    CronTrigger,
    carry_out_next,
    cron_trigger,
    look_at_trial,
    request_due_night,
    request_due_ranking_run,
    run_next_night,
    start_ticking,
    work_through_requests,
)
from retrain.report import rewrite_outdated_report

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.settings import Settings

NICENESS = 10
"""Answers come first where there are few cores."""

STOP_TIMEOUT_S = 5.0
"""Seconds that a promotion by a person gets to end; one that is cut off is taken up again at the next start."""


class _Stopped(KeyboardInterrupt):
    """Raised wherever a night is when it must end; the run is taken up again at the next start.

    psycopg cancels the statement under way for a KeyboardInterrupt, and for nothing else of ours.
    """


def run_nights(settings: Settings, *, until_stdin_closes: bool = False) -> None:
    """Serves ticks and requests until SIGTERM, SIGINT, or the end of the standard input where that is asked for.

    Raises:
        ConfigurationError: the crontab line or the time zone can't be read, or the port for figures can't be had
            (a child of `nightshift run` goes on without).
        DatabaseRefusedError: a pooler lends no session that stays one's own.
        EmptyCorpusError: nothing was ever ingested, so there is nothing to learn about.
    """
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        begin_to_end()
        stopping.set()
        raise _Stopped

    for number in STOPS:
        signal.signal(number, stop)
    if until_stdin_closes:
        threading.Thread(target=_stop_with_parent, daemon=True).start()
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    with (
        contextlib.suppress(_Stopped),
        open_store(settings, bounded=False) as engine,
        # a child that ended for want of a port would only be started again
        telling_figures(settings, settings.nights_metrics_port, engine, or_go_on=until_stdin_closes),
        tracing(settings, "nights"),
    ):
        require_sessions(engine)
        serving(engine)
        share_models(engine, settings)  # what was made while another version, or a shared folder, was in use
        encoders = Encoders(settings, engine)
        installed_at = min(database_time(engine), *(item.created_at for item in list_generations(engine)))
        scheduler = start_ticking(engine, settings, installed_at)
        trigger, pruning = cron_trigger(settings), DailyPruning(engine, settings)
        beside = [
            threading.Thread(target=work, args=(engine, settings, encoders, stopping), daemon=True)
            for work in (_follow_people, _follow_sources)
        ]
        for thread in beside:
            thread.start()
        try:
            work_through_requests(
                engine,
                lambda: _run_next(engine, settings, encoders),
                stopping,
                lambda: _look_after(engine, settings, trigger, installed_at, pruning),
            )
        finally:
            stopping.set()
            scheduler.shutdown(wait=False)
            for thread in beside:
                thread.join(STOP_TIMEOUT_S)


def _run_next(engine: sa.Engine, settings: Settings, encoders: Encoders) -> bool:
    """Runs the next night, if there is one; whoever has to wait for another process learns whether it is overdue."""
    try:
        found = run_next_night(engine, settings, encoders, find_regression_set=lambda: regression_set(engine, settings))
    except NightBusyError as error:
        overdue = find_overdue(engine, settings)
        raise NightBusyError(overdue.sentence) if overdue else error from None
    return found is not None


def _look_after(
    engine: sa.Engine, settings: Settings, trigger: CronTrigger, installed_at: datetime, prune: Callable[[], None]
) -> None:
    """What is due is asked for, a night first, once what goes is gone: nothing is learnt from it any more."""
    prune()
    now = database_time(engine)
    request_due_night(engine, trigger, installed_at, now)
    request_due_ranking_run(engine, settings, now)


def _follow_people(engine: sa.Engine, settings: Settings, encoders: Encoders, stopping: threading.Event) -> None:
    """Promotes, rejects and rolls back as people ask, or vote in a trial, even while a night goes on.

    Reports are kept true to that.
    """
    folded: dict[int, int] = {}
    work_through_requests(
        engine,
        lambda: (
            carry_out_next(engine, settings, encoders)
            or look_at_trial(engine, encoders, folded)
            or rewrite_outdated_report(engine, settings)
        ),
        stopping,
    )


def _follow_sources(engine: sa.Engine, settings: Settings, encoders: Encoders, stopping: threading.Event) -> None:
    """Syncs the sources that are due, even while a night goes on; what is under way ends with the process."""
    due = DueSources(engine, settings, encoders, stopping)
    work_through_requests(engine, due.start_next, stopping)
    due.wait(STOP_TIMEOUT_S)


def _stop_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
