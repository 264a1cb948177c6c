"""Documents that say nearly the same, told by a few bytes of each; pure."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from db.corpus.nearness import split_words

NEAR_COPY = 0.9
"""Share of the pairs of neighbouring words that either of two documents has, which both have where they say nearly the
same. 68 pairs are so in a public handbook, in scientific articles and in companies' policies, and all 68 say the same:
one page at two places, and reports and policies in which a version or a name is another. Citing one of them loses
nothing: of covidqa's 1,357 questions seven get other lists, one a better and none a worse one (ndcg@10 .666, as
without), of the sample handbook's 515 none."""

_HASHES = 128
_BY_CHANCE = 1 / 256
"""Of 256 bytes that differ one is the same by chance."""
_MOST_OTHER = int(_HASHES * (1 - NEAR_COPY) * (1 - _BY_CHANCE))
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
    alike = (same - _BY_CHANCE) / (1 - _BY_CHANCE) >= NEAR_COPY
    return np.asarray(alike & known[:, None] & known[None] | np.eye(len(rows), dtype=bool))


class CopyFinder:
    """Documents by key, among which those are found that say nearly the same as another, as `near_copies` has it.

    A near copy's signature has at most `_MOST_OTHER` bytes that are others, so of one more parts than that it has one
    whole: only what has a part in common is compared.
    """

    def __init__(self, signatures: Mapping[str, bytes]) -> None:
        self._signatures = {key: own for key, own in signatures.items() if len(own) == _HASHES}
        self._with_part: dict[tuple[int, bytes], list[str]] = defaultdict(list)
        for key, own in self._signatures.items():
            for part in _parts(own):
                self._with_part[part].append(key)

    def find(self, signature: bytes) -> list[str]:
        """The keys of those that say nearly the same, in the order in which they were given."""
        if len(signature) != _HASHES:
            return []
        met = {key for part in _parts(signature) for key in self._with_part.get(part, ())}
        keys = [key for key in self._signatures if key in met] if met else []
        alike = near_copies([signature, *(self._signatures[key] for key in keys)])[0, 1:] if keys else ()
        return [key for key, is_near in zip(keys, alike, strict=True) if is_near]


def _parts(signature: bytes) -> list[tuple[int, bytes]]:
    size = _HASHES // (_MOST_OTHER + 1)
    return [(at, signature[at : at + size]) for at in range(0, size * (_MOST_OTHER + 1), size)]


@lru_cache(100_000)
def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest())
