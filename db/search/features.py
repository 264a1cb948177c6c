"""What a passage has of a question beside its cosine and its BM25: what a ranking orders by; pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product
from typing import NamedTuple

from db.models import passage_text
from db.words import tokenizer_of

OPENING = 30
"""Words of a passage that are its opening; stop words aren't counted."""

_REMEMBERED = 5_000
"""Passages whose words are in memory, about 15 MB: most are found by many questions."""


class Written(NamedTuple):
    """A passage as it is written: its document's title, the headings above it, and its own text."""

    title: str
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class PassageWords:
    """A passage's lexemes in their order, its title and headings first, and those of its title and of its opening."""

    sequence: tuple[str, ...]
    in_title: frozenset[str]
    in_opening: frozenset[str]


class Said(NamedTuple):
    """The features that a passage's text has of a question, by the names of `Found`; see `Ranking`."""

    pairs: float
    in_title: float
    in_opening: float
    length: float


class QuestionTerms:
    """A question's words, to be looked for in passages.

    Args:
        question: its text.
        languages: that passages are written in.
    """

    def __init__(self, question: str, languages: tuple[str, ...]) -> None:
        self._languages = languages
        words = tokenizer_of(languages).forms(question)
        self._count = len(words)
        self._number_of = {lexeme: number for number, forms in enumerate(words) for lexeme in forms}
        beside = enumerate(pairwise(words))
        self._pair_number_of = {pair: number for number, both in beside for pair in product(*both)}

    def said_by(self, written: Written) -> Said:
        """What a passage has of them."""
        passage = words_of_passage(written, self._languages)
        pairs = set(map(self._pair_number_of.get, pairwise(passage.sequence))) - {None}
        return Said(
            len(pairs) / max(self._count - 1, 1),
            self._share(passage.in_title),
            self._share(passage.in_opening),
            math.log1p(len(passage.sequence)),
        )

    def _share(self, lexemes: frozenset[str]) -> float:
        had = {self._number_of[lexeme] for lexeme in self._number_of.keys() & lexemes}
        return len(had) / max(self._count, 1)


@lru_cache(_REMEMBERED)
def words_of_passage(written: Written, languages: tuple[str, ...]) -> PassageWords:
    """The words of a passage as `QuestionTerms` looks for them."""
    head = passage_text(written.title, written.section, "")
    title, above, own = tokenizer_of(languages).sequences(written.title, head, written.text)
    return PassageWords((*above, *own), frozenset(title), frozenset(own[:OPENING]))
