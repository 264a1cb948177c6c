"""Where a curated completion stands among the passages: compared by words alone; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from db.corpus import split_words

SEED_WORDS = 5
"""Words by which a completion and a passage are first brought together; the least that they may share."""

COVERED_SHARE = 0.8
"""Of a completion's words that a document's passages must hold together; headings between them may be missing."""

SUBSTANTIAL_SHARE = 0.3
"""Of a completion's words that one of several passages must hold, if the passage isn't wholly inside it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk to look in, with the heading right above it."""

    chunk_id: int
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class _Part:
    """Words start … end of a completion, which a chunk holds; `whole` if the chunk holds nothing else."""

    chunk_id: int
    start: int
    end: int
    whole: bool


class CompletionFinder:
    """Looks for many completions at once, document by document.

    Args:
        completions: by an id of the caller's.
    """

    def __init__(self, completions: Mapping[int, str]) -> None:
        self._words = {key: split_words(text) for key, text in completions.items()}
        self._joined = {key: _join(words) for key, words in self._words.items()}
        self._beginning: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._ending: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._inside: dict[tuple[str, ...], set[int]] = defaultdict(set)
        for key, words in self._words.items():
            if not words:
                continue
            seed = min(SEED_WORDS, len(words))
            self._beginning[tuple(words[:seed])].append(key)
            if len(words) > SEED_WORDS:
                self._ending[tuple(words[-seed:])].append(key)
                for start in range(len(words) - seed + 1):
                    self._inside[tuple(words[start : start + seed])].add(key)
        self._seed_lengths = sorted({len(seed) for seed in self._beginning})
        self._whole: dict[int, list[int]] = defaultdict(list)
        self._parts: dict[int, list[int]] = defaultdict(list)

    def look_in(self, document: Iterable[Passage]) -> None:
        """Looks in one document, given whole, its passages in their order."""
        parts: dict[int, list[_Part]] = defaultdict(list)
        for passage in document:
            body = split_words(passage.text)
            headed = split_words(passage.heading) + body
            joined = _join(headed)
            for key, begins, ends in self._meet(headed, body):
                if self._joined[key] in joined:
                    self._whole[key].append(passage.chunk_id)
                    continue
                # without its heading first: a passage wholly inside the completion need not be a large part of it
                part = self._shared_part(key, passage.chunk_id, body, begins, ends) or self._shared_part(
                    key, passage.chunk_id, headed, begins, ends
                )
                if part is not None:
                    parts[key].append(part)
        for key, found in parts.items():
            self._parts[key] += _substantial(found, len(self._words[key]))

    def found(self, key: int) -> list[int]:
        """The chunks that hold the completion whole; where there is none, those that hold it together."""
        return self._whole.get(key) or self._parts.get(key, [])

    def has_few_words(self, key: int) -> bool:
        """Whether the completion is too short to tell one passage from another."""
        return len(self._words[key]) < SEED_WORDS

    def _meet(self, headed: Sequence[str], body: Sequence[str]) -> Iterable[tuple[int, bool, bool]]:
        """The completions that may share words with a passage, and whether their beginning and end are in it."""
        begins: set[int] = set()
        ends: set[int] = set()
        for length in self._seed_lengths:
            for start in range(len(headed) - length + 1):
                begins.update(self._beginning.get(tuple(headed[start : start + length]), ()))
        for start in range(len(headed) - SEED_WORDS + 1):
            ends.update(self._ending.get(tuple(headed[start : start + SEED_WORDS]), ()))
        inside = self._inside.get(tuple(headed[:SEED_WORDS]), set()) | self._inside.get(tuple(body[:SEED_WORDS]), set())
        for key in sorted(begins | ends | inside):
            yield key, key in begins, key in ends

    def _shared_part(self, key: int, chunk_id: int, passage: Sequence[str], begins: bool, ends: bool) -> _Part | None:
        words = self._words[key]
        if len(passage) < SEED_WORDS:
            return None
        at = self._joined[key].find(_join(passage))
        if at >= 0:
            start = self._joined[key].count(" ", 0, at + 1) - 1
            return _Part(chunk_id, start, start + len(passage), whole=True)
        if begins:
            for start in range(1, len(passage) - SEED_WORDS + 1):
                if passage[start] == words[0] and passage[start:] == words[: len(passage) - start]:
                    return _Part(chunk_id, 0, len(passage) - start, whole=False)
        if ends:
            for end in range(len(passage) - 1, SEED_WORDS - 1, -1):
                if passage[end - 1] == words[-1] and passage[:end] == words[-end:]:
                    return _Part(chunk_id, len(words) - end, len(words), whole=False)
        return None


def _substantial(parts: Sequence[_Part], n_words: int) -> list[int]:
    """The chunks that hold much of a completion, if the document's parts cover it; else none."""
    covered, reached = 0, 0
    for part in sorted(parts, key=lambda part: part.start):
        covered += max(0, part.end - max(part.start, reached))
        reached = max(reached, part.end)
    if covered < COVERED_SHARE * n_words:
        return []
    return [part.chunk_id for part in parts if part.whole or part.end - part.start >= SUBSTANTIAL_SHARE * n_words]


def _join(words: Sequence[str]) -> str:
    return f" {' '.join(words)} "
