"""Whether what was found answers a question at all, or people are told that there is nothing; pure.

A question is refused if it *names* a thing (a version, a code, a name) that stands in no passage that may be seen, or
if its sources are not near enough for how little of its words they say, which takes more where no source speaks of all
that it names. Nearness is relative: how much nearer they are than those of questions that no document answers, which is
measured for each generation (`Unrelated`), since encoders have scales of their own and corpora lie more or less close.

The weights were fitted on half of the sample handbook's questions, answerable and not, with all-MiniLM-L6-v2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from db.search.features import Written
from db.search.found import Found
from db.search.gathering import FoundDocument
from db.search.said import Sources
from db.words import NamedThing, QuestionWords

if TYPE_CHECKING:
    from db.generations import Generation

Some = TypeVar("Some", bound=Found)

WORDS_WEIGHT = 2.0
"""Of how much the best passage says of the words, in rare words, beside nearness, in spreads."""

MISSED_WEIGHT = 0.75
"""Taken off for each word that no passage has, twice at most."""

MEANT_WEIGHT = 0.75
"""Added for each word that is only mistyped, or cut short, twice at most: what words say doesn't count it."""

NAME_WEIGHT = 2.0
"""Taken off, once, where such a word is a name that was typed without a capital."""

KNOWN_NAME_WEIGHT = 2.0
"""Added where the question names a thing that stands in a passage."""

ELSEWHERE_WEIGHT = 1.0
"""Taken off where the first source doesn't speak of all that the question names."""

APART_WEIGHT = 3.0
"""Taken off instead where no source does: not of that price list, or of that version."""

ENOUGH = 2.4
"""What an answer takes. With it, and a look at lines, 5% of the calibrating questions whose right document is among
the sources are refused, and of those that no document answers 50% of the near misses and 96% of the others."""

NEAR_LINE = 3.5
"""Spreads by which a single line must be nearer than unrelated sources are, for the sources to count after all."""

LEAST = 0.5
"""Below this no line is looked at: some line is near to anything."""

_COVERED = 0.5
"""Share of the question's idf that a passage must have to stand beside better ones if it is far."""


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
        written: what the chunks of these ids say.
        nearest_line: the highest cosine of the question and a line of these texts.
        are_names: which of these words, as they were typed, seem to be names without a capital.
    """

    written: Callable[[Sequence[int]], Sequence[Written]]
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
    sources = Sources(documents, looks.written, languages)
    missed, meant = sources.tell_missed(words.unknown)
    if named := [word.typed for word in missed if word.names]:
        return f"It names {_listed(named)}, which stands in no document that may be shown here."
    near = unrelated.distance(nearness(documents))
    said = words.worth * max(passage.words for document in documents for passage in document.passages)
    enough = near + WORDS_WEIGHT * said - MISSED_WEIGHT * min(2, len(missed))
    enough += MEANT_WEIGHT * min(2, len(meant)) + KNOWN_NAME_WEIGHT * words.has_known_name
    apart: list[NamedThing] = []
    if words.named and LEAST <= enough < ENOUGH + APART_WEIGHT:
        taken, apart = _take_for_names(words.named, sources)
        enough -= taken
    typed = [word.typed for word in missed]
    if typed and LEAST <= enough < ENOUGH + NAME_WEIGHT and any(looks.are_names(typed)):
        enough -= NAME_WEIGHT
    elif not apart and LEAST <= enough < ENOUGH and unrelated.distance(looks.nearest_line(sources.texts)) >= NEAR_LINE:
        return None
    if enough >= ENOUGH:
        return None
    numbers = f"nearness {near:.1f}, words {said:.1f}, together {enough:.1f} of the {ENOUGH:.1f} that it takes"
    return f"{_explain(words, typed, apart)}: {numbers}."


def _take_for_names(named: Sequence[NamedThing], sources: Sources) -> tuple[float, list[NamedThing]]:
    """What is taken off for the things that a question names, and those that no source has, or no one all of."""
    named_by = sources.name(named)
    if named_by[0].issuperset(named):
        return 0.0, []
    if any(had.issuperset(named) for had in named_by):
        return ELSEWHERE_WEIGHT, []
    had = set().union(*named_by)
    return APART_WEIGHT, [thing for thing in named if thing not in had] or list(named)


def _explain(words: QuestionWords, missed: Sequence[str], apart: Sequence[NamedThing]) -> str:
    if not words.worth and not words.unknown:
        return "It has no word that would tell what is asked"
    if not words.worth:
        return "None of its words stands in a document that may be shown here"
    if missed:
        return f"Nothing that was found speaks of {_listed(missed)}, and the rest of it isn't answered nearly enough"
    if apart:
        named = _listed([thing.typed for thing in apart])
        return f"No document that was found speaks of {named} as it does, and the rest isn't answered nearly enough"
    return "What was found says too little of what it asks"


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"“{word}”" for word in dict.fromkeys(words))
