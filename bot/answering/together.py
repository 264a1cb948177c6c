"""An answer in a trial: what two generations found becomes one list of sources, each to its finder's credit; pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answering.finding import Found
from bot.answering.selection import Selection
from bot.answering.team_draft import count_contested, draft
from db.corpus import near_copies
from db.question import Drawn
from db.search import FoundDocument, Hit


def select_together(trial_id: int, incumbent: Found, candidate: Found, n: int, key: str) -> Selection:
    """Draws `n` sources for the question `key` from what both would show; nothing is explored.

    What both have at hand is shown as the serving generation found it.
    """
    ours = {source.document_id: source for source in incumbent.sources[:n]}
    theirs = _as_ours(candidate.sources[:n], list(ours.values()))
    slots = draft(list(ours), list(theirs), n, f"{trial_id}\x1f{key}")
    shown = [
        theirs[slot.source] if slot.team == "candidate" or slot.source not in ours else ours[slot.source]
        for slot in slots
    ]
    teams = {
        passage.chunk_id: slot.team
        for slot, source in zip(slots, shown, strict=True)
        if slot.team is not None
        for passage in source.passages
    }
    known = {hit.chunk_id for hit in incumbent.hits}
    more = [passage for source in shown for passage in source.passages if passage.chunk_id not in known]
    drawn = Drawn(
        trial_id,
        slots=len(slots),
        contested=count_contested(slots),
        teams=teams,
        incumbent_ranks=_ranks(incumbent.hits),
        candidate_ranks=_ranks(candidate.hits),
    )
    return Selection(sources=shown, telling=shown, hits=[*incumbent.hits, *more], drawn=drawn)


def _as_ours(theirs: Sequence[FoundDocument[Hit]], ours: Sequence[FoundDocument[Hit]]) -> dict[int, FoundDocument[Hit]]:
    """The candidate's sources, best first, by their documents' ids; by ours where that says the same, or nearly so."""
    alike = near_copies([source.lead.signature for source in (*theirs, *ours)])[: len(theirs), len(theirs) :]
    both = {source.document_id for source in theirs}
    free = [own.document_id for own in ours if own.document_id not in both]  # what it has itself it calls by its name
    named: dict[int, FoundDocument[Hit]] = {}
    for place, source in enumerate(theirs):
        same = [
            own.document_id
            for other, own in enumerate(ours)
            if own.document_id in free and (own.lead.copy == source.lead.copy or alike[place, other])
        ]
        known = any(own.document_id == source.document_id for own in ours)
        name = source.document_id if known else next(iter(same), source.document_id)
        named[name] = source
        free = [own for own in free if own != name]
    return named


def _ranks(hits: Sequence[Hit]) -> dict[int, int]:
    return {hit.chunk_id: rank for rank, hit in enumerate(hits, start=1)}
