"""Carries out what people asked for: a generation is promoted, rejected, tried, or rolled back from."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.errors import NightshiftError, NotPromotableError
from db.generations import (
    DecisionRequest,
    begin_trial,
    end_trial,
    get_generation,
    next_open_request,
    open_trial,
    promote_by_hand,
    reject_generation,
    roll_back,
    serving,
    undecided_generations,
)

if TYPE_CHECKING:
    from db.generations import Encoders, Generation, Trial
    from db.settings import Settings

log = logging.getLogger(__name__)


def carry_out_next(engine: sa.Engine, settings: Settings, encoders: Encoders) -> bool:
    """Carries out the oldest request; whether there was one. Its outcome, good or bad, is in its row afterwards.

    One whose process was killed is taken up again; what was done by then is found done.
    """
    with next_open_request(engine) as lent:
        if lent is None:
            return False
        request, settle = lent
        try:
            outcome = _carry_out(engine, settings, encoders, request)
        except NightshiftError as error:
            outcome = f"That couldn't be done: {error}"
        except Exception as error:
            log.exception("request %d could not be carried out", request.id)
            outcome = f"That couldn't be done ({type(error).__name__}); the log tells more."
        log.info("request %d: %s", request.id, outcome)
        settle(outcome)
        return True


def _carry_out(engine: sa.Engine, settings: Settings, encoders: Encoders, request: DecisionRequest) -> str:
    wanted = get_generation(engine, request.generation_id)
    trial = open_trial(engine)
    is_tried = trial is not None and trial.candidate_id == wanted.id
    if request.wanted == "reject" and trial is not None and is_tried:
        end_trial(engine, trial, "stopped", by=request.requested_by, reason="A person stopped the trial.")
        return f"The trial of generation {wanted.id} is stopped."
    if request.wanted == "begin_trial":
        return _begin_trial(engine, encoders, request, wanted, trial if is_tried else None)
    if request.wanted == "reject":
        reject_generation(engine, wanted.id, "A person rejected it.", by=request.requested_by)
        return f"Generation {wanted.id} is rejected."
    current = serving(engine)
    if request.wanted == "roll_back":
        serves = roll_back(engine, request.requested_by, expected_current_id=wanted.id)
        return f"Rolled back: generation {serves.id} serves again."
    if current.id != wanted.id:
        if not is_tried and wanted.id not in undecided_generations(engine):
            raise NotPromotableError(f"Generation {wanted.id} doesn't wait for a decision any more.")
        if current.id != wanted.parent_id:
            raise NotPromotableError(
                f"Generation {wanted.id} was shown to be better than generation {wanted.parent_id}, which doesn't "
                "serve any more. Let the next night compare anew."
            )
        promote_by_hand(engine, settings, encoders, wanted, by=request.requested_by, force=False)
    return f"Generation {wanted.id} serves."


def _begin_trial(
    engine: sa.Engine, encoders: Encoders, request: DecisionRequest, wanted: Generation, trial: Trial | None
) -> str:
    if trial is None:
        raise NotPromotableError(f"No trial of generation {wanted.id} waits to begin any more.")
    if trial.status == "proposed":  # else its process died once it had begun it
        by, encoder = request.requested_by, encoders.get(wanted)
        begin_trial(engine, wanted, encoder, trial, incumbent_id=trial.incumbent_id, by=by)
    return f"The trial of generation {wanted.id} goes on."
