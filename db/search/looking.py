"""The closer look at a question's sources, with the eyes of the generation that found them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from db.search.gathering import FoundDocument
from db.search.lines import nearest_line
from db.search.lower_case_names import LANGUAGES, are_names
from db.search.ranking import Some
from db.search.relevance import Looks, unrelated_to, why_nothing
from db.words import QuestionWords, tokenizer_of

if TYPE_CHECKING:
    from db.generations import Generation
    from db.models import EncodedQuestion, Encoder


def why_refused(
    question: EncodedQuestion,
    words: QuestionWords,
    documents: Sequence[FoundDocument[Some]],
    texts: Callable[[Sequence[int]], Sequence[str]],
    generation: Generation,
    encoder: Encoder,
) -> str | None:
    """Why none of what would be its sources answers a question; None where they may. Whoever serves or judges asks it.

    Args:
        question: as it was searched for, encoded by `encoder`.
        words: what its words tell to the answer's readers.
        documents: the sources, best first, as they would be shown.
        texts: what the chunks of these ids say.
        generation: the one that found them.
        encoder: the generation's.
    """
    languages = generation.languages
    looks = Looks(
        texts,
        partial(nearest_line, question, encode=encoder.encode_passages, tokenizer=tokenizer_of(languages)),
        partial(are_names, encoder=encoder) if languages == LANGUAGES else lambda typed: [False] * len(typed),
    )
    return why_nothing(words, documents, unrelated_to(generation), looks, languages)
