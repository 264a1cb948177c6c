"""Whether what was found answers a question at all, or people are told that there is nothing; pure.

A question is refused if it *names* a thing (a version, a code, a name) that stands in no passage that may be seen, or
if its sources are not near enough for how little of its words they say. Nearness is relative: how much nearer they are
than those of questions that no document answers, which is measured for each generation (`Unrelated`), since encoders
have scales of their own and corpora lie more or less close.

The weights were fitted on half of the sample handbook's questions, answerable and not, with all-MiniLM-L6-v2.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from db.search.found import Found
from db.search.gathering import FoundDocument
from db.words import QuestionWords, UnknownWord, tokenizer_of

if TYPE_CHECKING:
    from db.generations import Generation

Some = TypeVar("Some", bound=Found)

WORDS_WEIGHT = 2.0
"""Of how much the best passage says of the words, in rare words, beside nearness, in spreads."""

MISSED_WEIGHT = 0.75
"""Taken off for each word that no passage has, twice at most."""

NAME_WEIGHT = 2.0
"""Taken off, once, where such a word is a name that was typed without a capital."""

KNOWN_NAME_WEIGHT = 2.0
"""Added where the question names a thing that stands in a passage."""

ENOUGH = 2.4
"""What an answer takes. With it, and a look at lines, 7% of the calibrating questions whose right document is among
the sources are refused, and 81% of those that no document answers."""

NEAR_LINE = 3.5
"""Spreads by which a single line must be nearer than unrelated sources are, for the sources to count after all."""

LEAST = 0.5
"""Below this no line is looked at: some line is near to anything."""

_COVERED = 0.5
"""Share of the question's idf that a passage must have to stand beside better ones if it is far."""

_ALIKE = 0.75
"""Of two words, by difflib's ratio, of which one may be the other mistyped."""

_ABBREVIATED = 4
"""Letters by which a longer word may be meant."""

_MOST_UNKNOWN = 20
"""Unknown words that are looked at: a long paste has no end of them."""


@dataclass(frozen=True, slots=True)
class Unrelated:
    """How near sources come to questions that no document answers: mean and spread of `nearness`, of one generation."""

    nearness: float
    spread: float

    def distance(self, nearness: float) -> float:
        """How much nearer that is, in spreads."""
        return (nearness - self.nearness) / max(self.spread, 1e-6)


@dataclass(frozen=True, slots=True)
class Looks:
    """What is looked at besides, each where it decides.

    Args:
        texts: what the chunks of these ids say.
        nearest_line: the highest cosine of the question and a line of these texts.
        are_names: which of these words, as they were typed, seem to be names without a capital.
    """

    texts: Callable[[Sequence[int]], Sequence[str]]
    nearest_line: Callable[[Sequence[str]], float]
    are_names: Callable[[Sequence[str]], Sequence[bool]]


def nearness(documents: Sequence[FoundDocument[Some]]) -> float:
    """How near sources are to their question: the mean over the documents of their nearest passages' cosines."""
    return float(np.mean([max(own.similarity for own in document.passages) for document in documents]))


def unrelated_to(generation: Generation) -> Unrelated:
    """As it was measured for a generation."""
    return Unrelated(generation.unrelated_nearness, generation.unrelated_spread)


def worth_showing(documents: Sequence[FoundDocument[Some]], unrelated: Unrelated) -> list[int]:
    """Ranks (1 is the best) of the documents that may be sources: the best, and those that have enough of one side."""
    return [
        rank
        for rank, document in enumerate(documents, start=1)
        if rank == 1 or document.lead.similarity >= unrelated.nearness or document.lead.coverage >= _COVERED
    ]


def why_nothing(
    words: QuestionWords,
    documents: Sequence[FoundDocument[Some]],
    unrelated: Unrelated,
    looks: Looks,
    languages: tuple[str, ...] = ("english",),
) -> str | None:
    """Why a question isn't answered from these documents; None if it is.

    Args:
        words: the question's.
        documents: its sources, best first, as they would be shown.
        unrelated: of the generation that found them.
        looks: at texts and names where a word is missed, at lines before a refusal that is near.
        languages: that the words are indexed in.
    """
    if not documents:
        return "There is no document that may be shown here."
    chunk_ids = [passage.chunk_id for document in documents for passage in document.passages]
    missed = _missed(words.unknown, lambda: looks.texts(chunk_ids), languages)
    if named := [word.typed for word in missed if word.names]:
        return f"It names {_listed(named)}, which stands in no document that may be shown here."
    near = unrelated.distance(nearness(documents))
    said = words.worth * max(passage.words for document in documents for passage in document.passages)
    enough = near + WORDS_WEIGHT * said - MISSED_WEIGHT * min(2, len(missed))
    enough += KNOWN_NAME_WEIGHT * words.has_known_name
    typed = [word.typed for word in missed]
    if typed and LEAST <= enough < ENOUGH + NAME_WEIGHT and any(looks.are_names(typed)):
        enough -= NAME_WEIGHT
    elif LEAST <= enough < ENOUGH and unrelated.distance(looks.nearest_line(looks.texts(chunk_ids))) >= NEAR_LINE:
        return None
    if enough >= ENOUGH:
        return None
    return _explain(words, near, said, typed, enough)


def _missed(
    unknown: Sequence[UnknownWord], texts: Callable[[], Sequence[str]], languages: tuple[str, ...]
) -> list[UnknownWord]:
    """Those that the sources have nothing like: who mistypes a word, or cuts it short, means one that is there."""
    if not unknown:
        return []
    tokenizer = tokenizer_of(languages)
    there = set().union(*(tokenizer.count(text).times for text in texts()))
    return [word for word in unknown[:_MOST_UNKNOWN] if not _is_like_any(word, there)]


def _is_like_any(word: UnknownWord, there: set[str]) -> bool:
    lexeme = word.lexeme
    if len(lexeme) < _ABBREVIATED or any(letter.isdigit() for letter in lexeme):
        return False
    return any(other.startswith(lexeme) for other in there) or bool(difflib.get_close_matches(lexeme, there, 1, _ALIKE))


def _explain(words: QuestionWords, near: float, said: float, missed: Sequence[str], enough: float) -> str:
    if not words.worth and not words.unknown:
        why = "It has no word that would tell what is asked"
    elif not words.worth:
        why = "None of its words stands in a document that may be shown here"
    elif missed:
        why = f"Nothing that was found speaks of {_listed(missed)}, and the rest of it isn't answered nearly enough"
    else:
        why = "What was found says too little of what it asks"
    return f"{why}: nearness {near:.1f}, words {said:.1f}, together {enough:.1f} of the {ENOUGH:.1f} that it takes."


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"“{word}”" for word in dict.fromkeys(words))
