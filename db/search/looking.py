"""The closer look at a question's sources, with the eyes of the generation that found them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from db.search.features import Written
from db.search.found import Hit
from db.search.gathering import FoundDocument
from db.search.lines import nearest_line
from db.search.lower_case_names import LANGUAGES, are_names
from db.search.ranking import ReadWritten, Some
from db.search.relevance import Looks, unrelated_to, why_nothing
from db.words import QuestionWords, tokenizer_of

if TYPE_CHECKING:
    from db.generations import Generation
    from db.models import EncodedQuestion, Encoder


def why_refused(
    question: EncodedQuestion,
    words: QuestionWords,
    documents: Sequence[FoundDocument[Some]],
    written: ReadWritten,
    generation: Generation,
    encoder: Encoder,
) -> str | None:
    """Why none of what would be its sources answers a question; None where they may. Whoever serves or judges asks it.

    Args:
        question: as it was searched for, encoded by `encoder`.
        words: what its words tell to the answer's readers.
        documents: the sources, best first, as they would be shown.
        written: reads what chunks say; see `written_found` for documents that were read with their texts.
        generation: the one that found them.
        encoder: the generation's.
    """
    languages = generation.languages
    looks = Looks(
        written,
        partial(nearest_line, question, encode=encoder.encode_passages, tokenizer=tokenizer_of(languages)),
        partial(are_names, encoder=encoder) if languages == LANGUAGES else lambda typed: [False] * len(typed),
    )
    return why_nothing(words, documents, unrelated_to(generation), looks, languages)


def written_found(documents: Sequence[FoundDocument[Hit]]) -> ReadWritten:
    """What these documents' passages say, by the ids of their chunks."""
    hit_of = {hit.chunk_id: hit for document in documents for hit in document.passages}

    def read(chunk_ids: Sequence[int]) -> list[Written]:
        hits = (hit_of[chunk_id] for chunk_id in chunk_ids)
        return [Written(hit.title, hit.section, hit.text) for hit in hits]

    return read
