"""How near two texts are by their words: the share of one's that the other has, in their order; pure."""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NEAR_SHARE = 0.5
"""Of a passage's words that another must have, in their order, to be what became of it.

Of 8,743 passages of a public handbook, another of the same page, drawn at random, is this near for 1.7%. When text is
put in at the top of each page, so that passages are cut elsewhere, 98.8% of those that went find one this near: .87 on
average.
"""

_COMPARED = 16
"""Texts whose words are compared in their order, at most: rows of a table are all alike."""

_RUN_WORDS = 5
"""Words in a row that tell what stands there still from what is merely said alike.

Of passages of 1,000 characters that are cut into ones of 500 instead, 78% have a new one with half of their words, and
all but .05% are found in pieces; of 200, 21% and all but .9%. Another passage of the page, drawn at random, is taken
for a piece for 1.8%, with .23 of the words on average.
"""

_ADDRESS_OR_TAG = re.compile(r"\]\([^()\s]{0,2000}(?: \"[^\"\n]{0,200}\")?\)|</?[A-Za-z][^<>]{0,500}>")
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(f"[{_CJK}]|[^\\W_{_CJK}]+")


def split_words(markdown: str) -> list[str]:
    """The words of a text, whatever their case, spacing, punctuation and Markdown; links without their addresses."""
    text = html.unescape(_ADDRESS_OR_TAG.sub(" ", markdown))
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def nearness(words: Sequence[str], others: Sequence[str]) -> float:
    """The share of the words, from 0 to 1, that stand in `others` in the same order."""
    if not words:
        return 0.0
    blocks = SequenceMatcher(None, words, others, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(words)


class Near(NamedTuple):
    """The place of a text, the share of another's words that it has, and which of its own words they are or became."""

    place: int
    share: float
    begins: int
    ends: int


class Shelf:
    """Texts in which the nearest to others is looked for, with those that stand beside them."""

    def __init__(self, texts: Sequence[str], beside: Sequence[str] = ()) -> None:
        self._words = [split_words(text) for text in texts]
        self._beside = beside
        times: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for place, words in enumerate(self._words):
            for word, n in Counter(words).items():
                times[word].append((place, n))
        self._times = {word: np.array(own).T for word, own in times.items()}  # where it stands, and how often

    def nearest(self, words: Sequence[str]) -> Near | None:
        """The text with most of the words, the first of equals; None where too few of them are left.

        Half of them must be there in their order: in that text, or in several as they stood. Then they were cut into
        pieces, and the largest piece is the nearest.
        """
        found = self._nearest_of_all(words) or self._largest_piece(words)
        return Near(*found, *_stretch(words, self._words[found[0]])) if found is not None else None

    def _nearest_of_all(self, words: Sequence[str]) -> tuple[int, float] | None:
        """Of texts with half of the words, those with most are compared in order, as long as they may be nearer."""
        shared = self._count_shared(words)
        places = np.flatnonzero((shared >= NEAR_SHARE * len(words)) & (shared > 0))
        best: tuple[int, float] | None = None
        for place in places[np.argsort(-shared[places], kind="stable")][:_COMPARED].tolist():
            if best is not None and shared[place] / len(words) <= best[1]:
                break
            share = nearness(words, self._words[place])
            if share >= NEAR_SHARE and (best is None or (share, -place) > (best[1], -best[0])):
                best = place, share
        return best

    def _count_shared(self, words: Sequence[str]) -> NDArray[np.int64]:
        """How many of the words each text has, in whatever order."""
        shared = np.zeros(len(self._words), np.int64)
        for word, n in Counter(words).items():
            if word in self._times:
                places, times = self._times[word]
                shared[places] += np.minimum(times, n)
        return shared

    def _largest_piece(self, words: Sequence[str]) -> tuple[int, float] | None:
        held: dict[int, set[int]] = defaultdict(set)
        for start, run in _runs(words):
            for place in self._with_run.get(run, ()):
                held[place].update(range(start, start + _RUN_WORDS))
        together = set().union(*held.values())
        pieces = {place: len(own) for place, own in held.items() if place < len(self._words)}
        if not pieces or len(together) < NEAR_SHARE * len(words):
            return None
        largest = max(pieces, key=lambda place: (pieces[place], -place))
        return largest, pieces[largest] / len(words)

    @cached_property
    def _with_run(self) -> dict[tuple[str, ...], list[int]]:
        """Where each run of words stands: in the texts by their places, in those beside them by higher ones."""
        places = defaultdict(list)
        for place, words in enumerate([*self._words, *map(split_words, self._beside)]):
            for run in {run for _, run in _runs(words)}:
                places[run].append(place)
        return places


def _runs(words: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    for start in range(len(words) - _RUN_WORDS + 1):
        yield start, tuple(words[start : start + _RUN_WORDS])


def _stretch(words: Sequence[str], others: Sequence[str]) -> tuple[int, int]:
    """Which of `others` the words are: as many, about the longest run that both have; a header may stand far off."""
    longest = SequenceMatcher(None, words, others, autojunk=False).find_longest_match()
    begins = longest.b - longest.a
    return max(begins, 0), min(begins + len(words), len(others))
