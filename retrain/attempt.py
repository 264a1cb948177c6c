"""Doing a requested night: who does it, what is tried again, and what ends it as failed."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import psycopg
import sqlalchemy as sa

from db.encoders import Encoders
from db.errors import DatabaseUnavailableError, NightBusyError, NightFailedError, NightshiftError, StaleRunError
from db.generations import find_candidate, serving
from db.runs import Run, fail_run, get_run, request_run, take_next_run
from retrain.build import OnProgress
from retrain.memory import give_back_memory
from retrain.regression import FindRegressionSet
from retrain.run import Night, discard_candidate

if TYPE_CHECKING:
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
) -> Run:
    """Requests a night and does it here and now, or watches while another process does it; returns it as it ended.

    Raises:
        NightFailedError: it could not be carried through.
        EmptyCorpusError: nothing was ever ingested.
    """
    serving(engine)
    run_id = request_run(engine, "cli", requested_by)
    while (run := get_run(engine, run_id)).status in ("requested", "running"):
        try:
            run_next_night(engine, settings, encoders, on_progress, find_regression_set)
        except StaleRunError:
            log.warning("the night starts over: what it had read was erased, or somebody decided meanwhile")
        except NightBusyError:
            # the night process heard of the request too, and was quicker
            if on_progress is not None:
                on_progress(run.phase or "waiting", 0, 0)
            time.sleep(WATCH_EVERY_S)
    return run


def run_next_night(
    engine: sa.Engine,
    settings: Settings,
    encoders: Encoders,
    on_progress: OnProgress | None = None,
    find_regression_set: FindRegressionSet = lambda: None,
) -> Run | None:
    """Does the next run there is to do, and returns it as it ended; None where there is none.

    A lost database leaves the run to be taken up again; anything else that goes wrong ends it as failed, with its
    candidate removed.

    Raises:
        NightFailedError: with the reason that is in the run's row.
        NightBusyError: another process has a run.
        StaleRunError: another process took this run up meanwhile.
    """
    with take_next_run(engine) as run:
        if run is None:
            return None
        log.info("run %d begins, attempt %d", run.id, run.attempt)
        try:
            ended = Night(engine, settings, encoders, run, on_progress or (lambda *_: None), find_regression_set).work()
        except StaleRunError:
            raise
        except Exception as error:
            if _is_lost_database(error):
                raise
            raise NightFailedError(_give_up(engine, settings, run, error)) from error
        finally:
            give_back_memory()
        log.info("run %d ends: %s", ended.id, ended.decision)
        return ended


def _is_lost_database(error: Exception) -> bool:
    """Whether another attempt may well succeed: the server is away or restarts, rather than out of room."""
    cause = getattr(error, "orig", None) or error
    away = isinstance(cause, psycopg.OperationalError | sa.exc.TimeoutError | DatabaseUnavailableError)
    return away and not isinstance(cause, psycopg.errors.DiskFull)


def _give_up(engine: sa.Engine, settings: Settings, run: Run, error: Exception) -> str:
    """Ends the run as failed; returns why, in a sentence."""
    log.exception("run %d could not be carried through", run.id)
    candidate = find_candidate(engine, run.id)
    if candidate is not None and candidate.promoted_at is None:
        discard_candidate(engine, settings, candidate)
    known = isinstance(error, NightshiftError | FloatingPointError)
    reason = str(error) if known else f"The night could not go on ({type(error).__name__}); the log tells more."
    fail_run(engine, run, reason)
    return reason
