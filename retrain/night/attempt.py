"""Doing a requested run: who does it, what is tried again, and what ends it as failed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from db.errors import (
    DatabaseFullError,
    DatabaseUnavailableError,
    NightBusyError,
    NightFailedError,
    NightOverdueError,
    NightshiftError,
    StaleRunError,
    UnknownIdError,
)
from db.generations import Encoders, find_candidate, serving, with_base_model_of_store
from db.nights import (
    SILENT_AFTER,
    Kind,
    Run,
    database_time,
    drop_snapshot,
    fail_run,
    get_run,
    keep_beating,
    request_or_join,
    take_next_run,
    unfinished_runs,
    why_overdue,
    withdraw_request,
)
from db.steps import Step
from retrain.court import FindRegressionSet
from retrain.night.between import RankingRun
from retrain.night.candidate import discard_candidate
from retrain.night.phases import OnProgress
from retrain.night.run import Night
from retrain.night.space import make_room
from retrain.training import give_back_memory

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.settings import Settings

log = logging.getLogger(__name__)

WATCH_EVERY_S = 1.0


def run_requested_night(
    engine: sa.Engine,
    settings: Settings,
    encoders: Encoders,
    requested_by: str,
    on_progress: OnProgress | None = None,
    find_regression_set: FindRegressionSet = lambda: None,
    say: Callable[[str], None] = log.info,
    kind: Kind = "night",
) -> Run:
    """Requests a run and does it here and now, or watches while another process does it; returns it as it ended.

    What is waited for is said once. Whoever gives up waiting leaves no request behind: one that nobody has begun is
    withdrawn, also when this is stopped (Ctrl-C, a signal).

    Raises:
        NightFailedError: it could not be carried through. Other people's runs that can't are no reason.
        NightOverdueError: the run that it waits for should have ended long ago.
        EmptyCorpusError: nothing was ever ingested.
    """
    serving(engine)
    run_id, is_own = request_or_join(engine, "cli", requested_by, kind)
    waiting = _Waiting(engine, settings, say, on_progress)
    try:
        while (run := get_run(engine, run_id)).status in ("requested", "running"):
            try:
                run_next_night(engine, settings, encoders, on_progress, find_regression_set)
            except StaleRunError:
                log.warning("the night starts over: what it had read was erased, or somebody decided meanwhile")
            except NightFailedError as error:
                if get_run(engine, run_id).status == "failed":
                    raise
                say(f"Another run could not be carried through: {error}")
            except NightBusyError:
                # the night process heard of the request too, and was quicker
                waiting.look()
                time.sleep(WATCH_EVERY_S)
    except UnknownIdError:  # whoever it was joined to withdrew it
        again = (requested_by, on_progress, find_regression_set, say, kind)
        return run_requested_night(engine, settings, encoders, *again)
    except (KeyboardInterrupt, SystemExit, NightOverdueError):
        is_gone = is_own and withdraw_request(engine, run_id)
        say("Your request is withdrawn." if is_gone else f"Run {run_id} stays, to be taken up by whoever runs nights.")
        raise
    if run.status == "failed":
        raise NightFailedError(" ".join(run.reasons))
    return run


class _Waiting:
    """Waits for whoever has a run: says for what, once, and for how long at most."""

    def __init__(
        self, engine: sa.Engine, settings: Settings, say: Callable[[str], None], on_progress: OnProgress | None
    ) -> None:
        self._engine = engine
        self._within = timedelta(hours=settings.night_overdue_after_h)
        self._say = say
        self._on_progress = on_progress
        self._said: int | None = None
        self._nothing_since: float | None = None

    def look(self) -> None:
        """Raises NightOverdueError where it would be in vain."""
        if self._on_progress is not None:
            self._on_progress("waiting", 0, 0)
        running = next((run for run in unfinished_runs(self._engine) if run.status == "running"), None)
        if running is None:
            self._look_at_nothing()
            return
        self._nothing_since = None
        if (overdue := why_overdue(running, database_time(self._engine), self._within)) is not None:
            raise NightOverdueError(overdue.sentence)
        if running.id != self._said:
            self._said = running.id
            self._say(f"Waiting: {running.holder or 'another process'} is at run {running.id}.")

    def _look_at_nothing(self) -> None:
        """Somebody is between two runs, or was frozen there."""
        self._nothing_since = self._nothing_since or time.monotonic()
        if time.monotonic() - self._nothing_since > SILENT_AFTER.total_seconds():
            raise NightOverdueError(
                "Another process keeps nights from running, and has none itself: it is frozen. Let it go on or end it."
            )


def run_next_night(
    engine: sa.Engine,
    settings: Settings,
    encoders: Encoders,
    on_progress: OnProgress | None = None,
    find_regression_set: FindRegressionSet = lambda: None,
) -> Run | None:
    """Does the next run there is to do, and returns it as it ended; None where there is none.

    A lost database leaves the run to be taken up again, and so does a stop; anything else that goes wrong ends it as
    failed, with its candidate removed.

    Raises:
        NightFailedError: with the reason that is in the run's row.
        NightBusyError: another process has a run.
        StaleRunError: another process took this run up meanwhile, or it was let go to start over.
        DatabaseUnavailableError: it is away; the run is taken up again.
    """
    with take_next_run(engine) as run:
        if run is None:
            return None
        log.info("run %d begins, attempt %d", run.id, run.attempt)
        try:
            with keep_beating(engine, run.lease) as require:

                def advance(what: str, done: int, total: int) -> None:
                    require()
                    if on_progress is not None:
                        on_progress(what, done, total)

                own = with_base_model_of_store(engine, settings)
                kind = RankingRun if run.kind == "ranking" else Night
                with Step("night") as whole:
                    whole.facts["run"] = run.id
                    ended = kind(engine, own, encoders, run, advance, find_regression_set).work()
        except StaleRunError:
            raise
        except Exception as error:
            if isinstance(error, DatabaseUnavailableError) and not isinstance(error, DatabaseFullError):
                raise  # it is away or restarts: another attempt may well succeed
            raise NightFailedError(_give_up(engine, settings, run, error)) from error
        finally:
            give_back_memory()
        log.info("run %d ends: %s", ended.id, ended.decision)
        return ended


def _give_up(engine: sa.Engine, settings: Settings, run: Run, error: Exception) -> str:
    """Ends the run as failed; returns why, in a sentence.

    Raises:
        StaleRunError: another process took it up: what is there is that one's.
    """
    log.exception("run %d could not be carried through", run.id)
    candidate = find_candidate(engine, run.id)
    if candidate is not None and candidate.promoted_at is None:
        discard_candidate(engine, settings, candidate, run.lease)
    reason = _why(error)
    fail_run(engine, run, reason)
    drop_snapshot(engine, run.id)
    make_room(engine, settings)
    return reason


def _why(error: Exception) -> str:
    if isinstance(error, NightshiftError | FloatingPointError):
        return str(error)
    return f"The run could not go on ({type(error).__name__}); the log tells more."
