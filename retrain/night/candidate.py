"""A night's candidate as its attempts leave it: found again, kept for people to promote, or removed with its model."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.errors import ModelError
from db.generations import (
    Encoders,
    Generation,
    artefact_directory,
    find_candidate,
    open_trial,
    remove_candidate,
    serving,
    update_generation,
)
from db.nights import Decision, Lease, Run, require_lease
from retrain.night.build import OF_ATTEMPT
from retrain.night.phases import Facts
from retrain.training import remove_checkpoints

if TYPE_CHECKING:
    from db.settings import Settings


def find_decided(engine: sa.Engine, run: Run) -> tuple[Decision, list[str], Facts] | None:
    """What an earlier attempt decided, with its reasons and report, if it died before it could say so."""
    candidate = find_candidate(engine, run.id)
    if candidate is None:
        return None
    trial = open_trial(engine)
    if trial is not None and trial.candidate_id == candidate.id:
        return "trial", candidate.metrics["reasons"], candidate.metrics
    if not (candidate.promoted_at or candidate.status == "refused"):
        return None
    swapped = candidate.promoted_at is not None and not candidate.forced
    return ("promoted" if swapped else "refused"), candidate.metrics["reasons"], candidate.metrics


def find_trained(
    engine: sa.Engine, settings: Settings, encoders: Encoders, run: Run, training: str
) -> Generation | None:
    """What an earlier attempt trained, if it is whole and of this very `training`; otherwise it goes.

    Documents may have changed since. A candidate of another split might be judged by what it was trained on.

    Raises:
        StaleRunError: another process took the run up since.
    """
    candidate = find_candidate(engine, run.id)
    if candidate is None:
        return None
    of_now = candidate.parent_id == serving(engine).id and candidate.metrics.get("training") == training
    if of_now and _can_load(encoders, candidate):
        return candidate
    discard_candidate(engine, settings, candidate, run.lease)
    return None


def _can_load(encoders: Encoders, candidate: Generation) -> bool:
    try:
        encoders.get(candidate)
    except ModelError:
        return False
    return True


def keep_built(engine: sa.Engine, candidate: Generation, report: Facts, lease: Lease) -> Generation:
    """From here on anybody may promote it.

    Raises:
        StaleRunError: the night was taken over.
    """
    with engine.begin() as connection:
        require_lease(connection, lease)
        return update_generation(connection, candidate.id, status="built", metrics=candidate.metrics | report)


def discard_candidate(engine: sa.Engine, settings: Settings, candidate: Generation, lease: Lease | None = None) -> None:
    """Removes a candidate that never served, and its model if it was a night that made it.

    Raises:
        StaleRunError: the lease that was given counts no longer: what is there is another attempt's.
    """

    def remove_model() -> None:
        if candidate.artefact_uri.startswith("data:"):
            shutil.rmtree(artefact_directory(candidate, settings), ignore_errors=True)

    remove_candidate(engine, candidate, lease, remove_model)


def remove_unfinished(settings: Settings) -> None:
    """What trainings left on disk that are over, or were given up."""
    remove_checkpoints(settings.models_dir)
    for left in settings.models_dir.glob(f"*{OF_ATTEMPT}*"):
        shutil.rmtree(left, ignore_errors=True)
