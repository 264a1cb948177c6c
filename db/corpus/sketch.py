"""A few hashes that stand for a text's words: how alike two documents are, told without the documents; pure."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Set

from db.corpus.nearness import split_words

_RUN_WORDS = 2
_SKETCH_RUNS = 128
"""The runs with the smallest hashes stand for all: the share that two sketches have in common is that of the whole
(Broder, On the resemblance and containment of documents, 1997), here with a deviation of at most .05."""


def make_sketch(passages: Iterable[str]) -> frozenset[int]:
    """The smallest hashes, 64 bits with their sign, of a text's pairs of neighbouring words."""
    words = [word for passage in passages for word in split_words(passage)]
    starts = range(max(1, len(words) - _RUN_WORDS + 1)) if words else ()
    runs = {" ".join(words[start : start + _RUN_WORDS]) for start in starts}
    return frozenset(heapq.nsmallest(_SKETCH_RUNS, map(_hash, runs)))


def resemblance(one: Set[int], other: Set[int]) -> float:
    """Of the runs of words that either text has, about the share that both have."""
    smallest = heapq.nsmallest(_SKETCH_RUNS, one | other)
    return sum(run in one and run in other for run in smallest) / len(smallest) if smallest else 0.0


def _hash(run: str) -> int:
    return int.from_bytes(hashlib.blake2b(run.encode("utf-8", "replace"), digest_size=8).digest(), signed=True)
