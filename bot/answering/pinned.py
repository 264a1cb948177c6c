"""What a question is answered by, chosen once at its start: what serves, and in a trial its candidate beside it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering.team_draft import takes_part
from bot.pools import ANSWERS, ENCODING
from db.generations import Pins, answering, generations_by_role, open_trial

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.generations import Generation
    from db.models import SentenceEncoder

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Beside:
    """A candidate that answers together with what serves, in this trial."""

    trial_id: int
    generation: Generation
    encoder: SentenceEncoder


@dataclass(frozen=True, slots=True)
class Pinned:
    """A generation, its encoder, and who answers beside it, if anybody does."""

    generation: Generation
    encoder: SentenceEncoder
    beside: Beside | None = None


async def pin(engine: sa.Engine, pins: Pins, event_id: str | None = None) -> Pinned:
    """Chooses for the question of this Slack event; others take no part in trials: nobody votes on them.

    Raises:
        EmptyCorpusError: nothing was ever ingested.
        ModelError: neither the serving generation's encoder can be used nor the previous one's.
        DatabaseUnavailableError: it can't be told which one serves.
    """
    by_role = await ANSWERS.run(generations_by_role, engine)
    generation, encoder = await ENCODING.run(pins.choose, answering(by_role))
    candidate = by_role.get("trial")
    if candidate is None or event_id is None:
        return Pinned(generation, encoder)
    return Pinned(generation, encoder, await _beside(engine, pins, generation, candidate, event_id))


async def _beside(
    engine: sa.Engine, pins: Pins, generation: Generation, candidate: Generation, event_id: str
) -> Beside | None:
    """The candidate, if this question is one of its trial's; a trial never costs anybody an answer."""
    try:
        trial = await ANSWERS.run(open_trial, engine)
        sides = (generation.id, candidate.id)
        if trial is None or (trial.incumbent_id, trial.candidate_id) != sides:
            return None
        if not takes_part(f"{trial.id}\x1f{event_id}", trial.share):
            return None
        encoder = await ENCODING.run(pins.beside, candidate)
    except Exception:
        _log.exception("A question is answered by generation %d alone", generation.id)
        return None
    return Beside(trial.id, candidate, encoder) if encoder is not None else None
