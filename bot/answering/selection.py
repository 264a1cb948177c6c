"""Which of what was found becomes the sources of an answer, and what is remembered of that; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.answering.exploration import choose_ranks
from bot.answering.finding import Found
from db.question import Drawn
from db.search import FoundDocument, Hit


@dataclass(frozen=True, slots=True)
class Selection:
    """What people get.

    Args:
        sources: documents that are shown, to be voted on, best first.
        telling: the first of them, which the answer is made from.
        hits: all passages that are remembered, by rank.
        propensities: see `Draft`.
        drawn: in a trial, whose pick is what.
        refused_because: why there are no sources.
    """

    sources: Sequence[FoundDocument[Hit]]
    telling: Sequence[FoundDocument[Hit]]
    hits: Sequence[Hit]
    propensities: Mapping[int, float] = field(default_factory=dict)
    drawn: Drawn | None = None
    refused_because: str | None = None


def select(found: Found, n: int, share: float, key: str) -> Selection:
    """The best `n`, or with a chance of `share` all but one of them and one from further down: see `choose_ranks`."""
    choice = choose_ranks(found.relevant, n, share, key)
    given = [found.documents[rank - 1] for rank in choice.shown]
    rank_of = {hit.chunk_id: rank for rank, hit in enumerate(found.hits, start=1)}
    return Selection(
        sources=given,
        # what was drawn by chance is shown, to be voted on, and says nothing in the answer
        telling=given[:-1] if choice.explores else given,
        hits=found.hits,
        propensities={
            rank_of[found.documents[rank - 1].lead.chunk_id]: chance for rank, chance in choice.propensities.items()
        },
        refused_because=found.refused_because,
    )
