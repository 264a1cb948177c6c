"""What the nights changed for one person: what their latest questions would find now, beside what they were shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.answers import PastQuestion, ShownSource
from db.corpus import reply_audiences
from db.generations import Pins
from db.models import encode_questions
from db.search import CANDIDATES, gather, search, unrelated_to, why_refused, worth_showing, written_found
from db.words import read_question_words

if TYPE_CHECKING:
    from db.generations import Encoders

LOOKED_AT = 5
"""Questions that are asked again, at most: the latest."""


@dataclass(frozen=True, slots=True)
class Change:
    """A question that would find other documents by now; `dropped` are the sources of then that don't come up."""

    question: PastQuestion
    dropped: tuple[ShownSource, ...]
    titles_added: tuple[str, ...]


def changes_since(
    engine: sa.Engine, encoders: Encoders, person: str, questions: Sequence[PastQuestion]
) -> tuple[int, list[Change]]:
    """Asks the person's own latest questions again, if another generation answered them than serves now.

    Only what they may see in private, now, is looked at: questions that were answered from a channel's own documents
    are left out. Nothing is stored.

    Returns:
        How many were asked again, and those of them that would find other documents.

    Raises:
        AudienceUnknownError: what they may see can't be determined.
        ModelError: the serving generation's encoder can't be used.
    """
    workspace, _, user = person.partition(":")
    generation, encoder = Pins(engine, encoders).pin()
    audiences = reply_audiences(engine, workspace, user, "direct", person)
    again = [
        asked
        for asked in questions
        if asked.is_own and asked.text and asked.generation_id != generation.id and asked.sources
        if all(source.audience_id in audiences for source in asked.sources)
    ][:LOOKED_AT]
    if not again:
        return 0, []
    changes = []
    texts = [asked.text or "" for asked in again]
    encoded = encode_questions(encoder, texts)
    words = read_question_words(engine, texts, generation.languages, audiences)
    for asked, question, own in zip(again, encoded, words, strict=True):
        hits = search(engine, generation, question, audiences, CANDIDATES)
        documents = gather(hits)
        n = len(asked.sources)
        first = documents[:n]
        is_refused = why_refused(question, own, first, written_found(first), generation, encoder) is not None
        ranks = [] if is_refused else worth_showing(documents, unrelated_to(generation))
        now = [documents[rank - 1].lead for rank in ranks[:n]]
        then = {source.document_id for source in asked.sources}
        dropped = tuple(
            source for source in asked.sources if source.document_id not in {hit.document_id for hit in now}
        )
        added = dict.fromkeys(hit.title for hit in now if hit.document_id not in then)
        if dropped or added:
            changes.append(Change(asked, dropped, tuple(added)))
    return len(again), changes
