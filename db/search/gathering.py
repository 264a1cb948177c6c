"""From passages to documents, which are what people are shown and vote on; whoever serves or judges gathers alike.

A *source* is a document with the few of its passages that were found and are good enough: people ask for a document,
and two passages of one are one thing to open. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic

from db.corpus import near_copies
from db.search.ranking import Some

MOST_PASSAGES = 3
"""Passages of one document, at most."""

GOOD_RANK = 10
"""The lowest rank, among all passages of different words, at which one stands beside a better one of its document.

The first five documents bring eleven passages at most. Where the right document is among them, so is the passage that
answers for 96% of the sample handbook's questions, at 6 passages an answer, and for 84% of covidqa's by whole articles,
at 8; with each document's best passage alone for 85% and 70%. With no such rank it would be 98% and 86%, at 9 and 12.
"""


@dataclass(frozen=True, slots=True)
class FoundDocument(Generic[Some]):
    """A document with its passages, at least one, that which leads first: the best one until an answer used another."""

    passages: tuple[Some, ...]

    @property
    def document_id(self) -> int:
        """Its own."""
        return self.lead.document_id

    @property
    def lead(self) -> Some:
        """The passage that stands for it: what its link leads to, and what a vote on it labels fully."""
        return self.passages[0]

    def led_by(self, chunk_id: int) -> FoundDocument[Some]:
        """The same document, led by that one of its passages; the others keep their order."""
        return replace(self, passages=tuple(sorted(self.passages, key=lambda passage: passage.chunk_id != chunk_id)))


def gather(found: Sequence[Some]) -> list[FoundDocument[Some]]:
    """The documents of what was found, best first, a document being as good as its best passage.

    The same words count once, in the best document that has them: one that has no others than those of better ones is
    left out. So is one that says nearly the same as a better one (`near_copies`), unless more of the question's words
    stand in its title: "4.2.1" isn't answered by what was found of 4.2.0.

    Args:
        found: passages, best first.

    Returns:
        Each document once, with its best passage and at most `MOST_PASSAGES` − 1 more that are among the first
        `GOOD_RANK`.
    """
    found = _without_near_copies(found)
    of_document: dict[int, list[Some]] = {}
    for passage in found:
        of_document.setdefault(passage.document_id, []).append(passage)
    said_by: dict[int, int] = {}
    for document_id, own in of_document.items():
        for passage in own:
            said_by.setdefault(passage.copy, document_id)
    documents: dict[int, list[Some]] = {}
    rank = 0
    for passage in found:
        if said_by.get(passage.copy) != passage.document_id:
            continue
        del said_by[passage.copy]
        rank += 1
        brought = documents.setdefault(passage.document_id, [])
        if not brought or (rank <= GOOD_RANK and len(brought) < MOST_PASSAGES):
            brought.append(passage)
    return [FoundDocument(tuple(brought)) for brought in documents.values()]


def _without_near_copies(found: Sequence[Some]) -> Sequence[Some]:
    """What was found but of documents that say nearly the same as a better one; among what was found alone."""
    best: dict[int, Some] = {}
    for passage in found:
        best.setdefault(passage.document_id, passage)
    leads = [lead for lead in best.values() if lead.signature]
    if len(leads) < 2:
        return found
    alike = near_copies([lead.signature for lead in leads])
    kept: list[int] = []
    for place, lead in enumerate(leads):
        if not any(alike[place, better] and lead.in_title <= leads[better].in_title for better in kept):
            kept.append(place)
    left_out = {lead.document_id for lead in leads} - {leads[place].document_id for place in kept}
    return [passage for passage in found if passage.document_id not in left_out] if left_out else found
