"""Whether a question is answered from what was found for it, or people are told that there is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from db.search import FoundDocument, Hit, nearest_line, unrelated_to, why_nothing

if TYPE_CHECKING:
    from db.generations import Generation
    from db.models import EncodedQuestion, SentenceEncoder
    from db.words import QuestionWords


def why_refused(
    question: EncodedQuestion,
    words: QuestionWords,
    sources: Sequence[FoundDocument[Hit]],
    generation: Generation,
    encoder: SentenceEncoder,
) -> str | None:
    """Why none of what would be its sources answers the question; None where they may.

    Args:
        question: as it was searched for, encoded by `encoder`.
        words: what its words tell to the reply's readers.
        sources: best first, as they would be shown.
        generation: the one that found them.
        encoder: the generation's; asked before a refusal by distance alone.
    """
    text_of = {hit.chunk_id: hit.text for source in sources for hit in source.passages}
    return why_nothing(
        words,
        sources,
        unrelated_to(generation),
        lambda chunk_ids: [text_of[chunk_id] for chunk_id in chunk_ids],
        lambda texts: nearest_line(question.vector, texts, encoder.encode_passages),
        generation.languages,
    )
