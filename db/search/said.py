"""What a question's sources say of its words: which of the things it names, and which words only look unknown; pure."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import islice

from db.search.features import Written, words_of_passage
from db.search.gathering import FoundDocument
from db.search.ranking import Some
from db.words import NamedThing, UnknownWord

_ALIKE = 0.75
"""Of two words, by difflib's ratio, of which one may be the other mistyped."""

_ABBREVIATED = 4
"""Letters by which a longer word may be meant."""

_MOST_UNKNOWN = 20
"""Unknown words that are looked at: a long paste has no end of them."""


class Sources:
    """The documents that an answer would cite, read only where somebody asks for it.

    Args:
        documents: the best first.
        written: what the chunks of these ids say.
        languages: that the words are indexed in.
    """

    def __init__(
        self,
        documents: Sequence[FoundDocument[Some]],
        written: Callable[[Sequence[int]], Sequence[Written]],
        languages: tuple[str, ...],
    ) -> None:
        self._counts = [len(document.passages) for document in documents]
        self._chunk_ids = [passage.chunk_id for document in documents for passage in document.passages]
        self._read = written
        self._languages = languages

    @property
    def texts(self) -> list[str]:
        """Of their passages, without titles."""
        return [passage.text for passage in self._written]

    def name(self, things: Sequence[NamedThing]) -> list[set[NamedThing]]:
        """Of each document, which of these its passages have, titles and headings counted."""
        passages = iter(self._sequences)
        return [
            {thing for sequence in islice(passages, count) for thing in things if _stands_in(thing, sequence)}
            for count in self._counts
        ]

    def tell_missed(self, unknown: Sequence[UnknownWord]) -> tuple[list[UnknownWord], list[UnknownWord]]:
        """The words that they have nothing like, and those that are only mistyped or cut short, of the first twenty."""
        there = set().union(*self._sequences) if unknown else set()
        missed: list[UnknownWord] = []
        meant: list[UnknownWord] = []
        for word in unknown[:_MOST_UNKNOWN]:
            (meant if _is_like_any(word, there) else missed).append(word)
        return missed, meant

    @cached_property
    def _written(self) -> Sequence[Written]:
        return self._read(self._chunk_ids)

    @cached_property
    def _sequences(self) -> list[tuple[str, ...]]:
        return [words_of_passage(passage, self._languages).sequence for passage in self._written]


def _stands_in(thing: NamedThing, sequence: Sequence[str]) -> bool:
    """Whether a passage has its words side by side."""
    return any(
        all(lexeme in forms for lexeme, forms in zip(sequence[start:], thing.lexemes, strict=False))
        for start in range(len(sequence) - len(thing.lexemes) + 1)
        if sequence[start] in thing.lexemes[0]
    )


def _is_like_any(word: UnknownWord, there: set[str]) -> bool:
    lexeme = word.lexeme
    if len(lexeme) < _ABBREVIATED or any(letter.isdigit() for letter in lexeme):
        return False
    return any(other.startswith(lexeme) for other in there) or bool(difflib.get_close_matches(lexeme, there, 1, _ALIKE))
