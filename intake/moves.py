"""Which stored document a new one was until now: one that is gone from its place, with the same bytes or words."""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from itertools import takewhile

import sqlalchemy as sa

from db.corpus import DocumentDraft, KnownDocument, list_known_under, read_whole_texts, split_words

ALIKE = 0.5
"""Of the runs of words that two documents have, the share that both must have for one to have become the other."""

_RUN_WORDS = 2
_SKETCH_RUNS = 128
"""The runs with the smallest hashes stand for all: the share that two sketches have in common is that of the whole
(Broder, On the resemblance and containment of documents, 1997), here with a deviation of at most .05."""

_MOST_COMPARED = 5_000


class Moves:
    """The documents that are gone from their places, looked up when the first new one asks; each becomes one other.

    Of several with the same bytes, the one is taken whose path ends most alike. A change of the words is seen through
    as well, if half of the pairs of neighbouring words stayed.
    """

    def __init__(self, engine: sa.Engine, is_gone: Callable[[str], bool]) -> None:
        self._engine = engine
        self._is_gone = is_gone
        self.origins: set[str] = set()
        """Where the documents were that moved."""

    def tell(self, draft: DocumentDraft) -> DocumentDraft:
        """The draft of a new document, which says where it was moved from if it was."""
        same = self._by_content.get(draft.content_hash, [])
        origin = max(same, key=lambda uri: (_alike_paths(uri, draft.uri), uri), default=None)
        if origin is None and self._gone:
            origin = self._find_alike(draft)
        if origin is None:
            return draft
        self.origins.add(origin)
        known = self._gone.pop(origin)
        self._by_content[known.content_hash].remove(origin)
        return replace(draft, moved_from=origin)

    @cached_property
    def _gone(self) -> dict[str, KnownDocument]:
        batches = list_known_under(self._engine, "")
        return {known.uri: known for batch in batches for known in batch if self._is_gone(known.uri)}

    @cached_property
    def _by_content(self) -> dict[bytes, list[str]]:
        uris = defaultdict(list)
        for known in self._gone.values():
            uris[known.content_hash].append(known.uri)
        return uris

    @cached_property
    def _sketches(self) -> dict[str, frozenset[int]]:
        compared = list(self._gone.values())[:_MOST_COMPARED]
        uri_of = {known.id: known.uri for known in compared}
        return {uri_of[id_]: _sketch([text]) for id_, text in read_whole_texts(self._engine, list(uri_of))}

    @cached_property
    def _with_run(self) -> dict[int, list[str]]:
        uris = defaultdict(list)
        for uri, sketch in self._sketches.items():
            for run in sketch:
                uris[run].append(uri)
        return uris

    def _find_alike(self, draft: DocumentDraft) -> str | None:
        sketch = _sketch(chunk.text for chunk in draft.chunks)
        met = Counter(uri for run in sketch for uri in self._with_run.get(run, ()) if uri in self._gone)
        alike = {uri: _resemblance(sketch, self._sketches[uri]) for uri in met}
        best = max(alike, key=lambda uri: (alike[uri], _alike_paths(uri, draft.uri), uri), default=None)
        return best if best is not None and alike[best] >= ALIKE else None


def _sketch(passages: Iterable[str]) -> frozenset[int]:
    words = [word for passage in passages for word in split_words(passage)]
    starts = range(max(1, len(words) - _RUN_WORDS + 1)) if words else ()
    runs = {" ".join(words[start : start + _RUN_WORDS]) for start in starts}
    return frozenset(heapq.nsmallest(_SKETCH_RUNS, map(_hash, runs)))


def _hash(run: str) -> int:
    return int.from_bytes(hashlib.blake2b(run.encode("utf-8", "replace"), digest_size=8).digest())


def _resemblance(one: frozenset[int], other: frozenset[int]) -> float:
    smallest = heapq.nsmallest(_SKETCH_RUNS, one | other)
    return sum(run in one and run in other for run in smallest) / len(smallest)


def _alike_paths(one: str, other: str) -> tuple[int, int]:
    """How many names two addresses have in common at their ends, and at their beginnings."""
    names, others = one.split("/"), other.split("/")
    ends = takewhile(lambda pair: pair[0] == pair[1], zip(reversed(names), reversed(others), strict=False))
    begins = takewhile(lambda pair: pair[0] == pair[1], zip(names, others, strict=False))
    return sum(1 for _ in ends), sum(1 for _ in begins)
