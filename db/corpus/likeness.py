"""Documents that say nearly the same, told by a few bytes of each; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from db.corpus.nearness import split_words

NEAR_COPY = 0.9
"""Share of the pairs of neighbouring words that either of two documents has, which both have where they say nearly the
same. 68 pairs are so in a public handbook, in scientific articles and in companies' policies, and all 68 say the same:
one page at two places, and reports and policies in which a version or a name is another."""

_HASHES = 128
_RUNS_AT_ONCE = 4_096
_CONSTANTS = np.frombuffer(hashlib.shake_256(b"runs of words").digest(16 * _HASHES + 8), "<u8").astype(np.uint64)
_TIMES, _PLUS, _NEXT_WORD = _CONSTANTS[:_HASHES] | np.uint64(1), _CONSTANTS[_HASHES:-1], _CONSTANTS[-1] | np.uint64(1)
_LOW_BITS = np.uint64(24)
"""A smallest hash has zeros at its head, and bits like any other's below."""


def sign_text(passages: Iterable[str]) -> bytes:
    """A document's signature: by each of 128 hashes a byte of the smallest that a pair of its neighbouring words has.

    Of two documents as many bytes are the same as of their pairs (Broder, On the resemblance and containment of
    documents, 1997; Li, König, b-Bit Minwise Hashing, 2010), give or take .03 near `NEAR_COPY`. One without words has
    none: b"".
    """
    words = np.array([_hash(word) for passage in passages for word in split_words(passage)], np.uint64)
    if not len(words):
        return b""
    runs = np.unique(words[:-1] * _NEXT_WORD + words[1:] if len(words) > 1 else words)
    smallest = np.full(_HASHES, np.iinfo(np.uint64).max, np.uint64)
    for start in range(0, len(runs), _RUNS_AT_ONCE):
        hashes = runs[start : start + _RUNS_AT_ONCE, None] * _TIMES + _PLUS
        np.minimum(smallest, hashes.min(axis=0), out=smallest)
    return (smallest >> _LOW_BITS).astype(np.uint8).tobytes()


def near_copies(signatures: Sequence[bytes]) -> NDArray[np.bool_]:
    """`(n, n)` which of n documents say nearly the same, each beside itself; none does that has no signature."""
    known = np.array([len(own) == _HASHES for own in signatures], bool)
    table = np.frombuffer(b"".join(own if len(own) == _HASHES else bytes(_HASHES) for own in signatures), np.uint8)
    rows = table.reshape(-1, _HASHES)
    same = (rows[:, None] == rows[None]).mean(axis=2)
    # of 256 bytes that differ one is the same by chance
    alike = (same - 1 / 256) / (1 - 1 / 256) >= NEAR_COPY
    return np.asarray(alike & known[:, None] & known[None] | np.eye(len(rows), dtype=bool))


@lru_cache(100_000)
def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest())
