"""Whether a question is answered from what was found for it, or people are told that there is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from db.search import FoundDocument, Hit
from db.search import why_refused as why_nothing_answers

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
        encoder: the generation's; asked near the border alone.
    """
    text_of = {hit.chunk_id: hit.text for source in sources for hit in source.passages}

    def texts(chunk_ids: Sequence[int]) -> list[str]:
        return [text_of[chunk_id] for chunk_id in chunk_ids]

    return why_nothing_answers(question, words, sources, texts, generation, encoder)
