"""Hard negatives from what is served, vectors and words: exact, positive-aware, never what people call right."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.models import USUAL_SCALE, Scale, VectorRows
from retrain.lesson.labels import Anchor
from retrain.measures import score_in_blocks


@dataclass(frozen=True, slots=True)
class MiningRules:
    """`relative_margin`: a candidate must score under (1 - margin) times the positive's score.

    That is NV-Retriever's TopK-PercPos (arXiv 2407.15831), 95%. Candidates come from the `depth` best chunks. From
    `duplicate` on two chunks are as good as one, and from `similar_question` on what is right for one question may be
    right for another. All are shares of an encoder's own `Scale`.
    """

    per_positive: int = 2
    relative_margin: float = 0.05
    depth: int = 100
    similar_question: float = 0.75
    duplicate: float = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What is served of a question beside its cosines.

    Args:
        rows: of chunks that words find, ascending.
        added: `(len(rows),)` ≥ 0, what their words add to the cosine.
        visible: `(m,)` of all chunks, those that its readers may see; None: all of them.
    """

    rows: NDArray[np.int64]
    added: NDArray[np.float64]
    visible: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Mined:
    """A negative by its row in the chunk vectors; `random` where nothing hard enough was safe."""

    row: int
    random: bool


def right_nearby(
    right: Mapping[Anchor, frozenset[int]], questions: Mapping[Anchor, NDArray[np.float32]], similar: float
) -> dict[Anchor, frozenset[int]]:
    """What is right for each anchor, and for those whose vector has at least the cosine `similar` with its own."""
    anchors = list(right)
    if not anchors:
        return {}
    vectors = np.stack([questions[anchor] for anchor in anchors])
    return {
        anchor: right[anchor].union(*(right[anchors[other]] for other in others))
        for anchor, others in zip(anchors, _alike(vectors, vectors, similar), strict=True)
    }


def copies_of(rows: Collection[int], chunks: VectorRows, duplicate: float) -> dict[int, frozenset[int]]:
    """For each of these rows of `chunks` those whose cosine with it is at least `duplicate`, itself among them."""
    wanted = np.array(sorted(rows), dtype=np.int64)
    alike = _alike(chunks[wanted].astype(np.float32), chunks, duplicate)
    return {row: frozenset((row, *copies)) for row, copies in zip(wanted.tolist(), alike, strict=True)}


def _alike(vectors: NDArray[np.float32], others: VectorRows, cosine: float) -> Iterator[list[int]]:
    """For each vector the rows of `others` that are at least so like it."""
    for block in score_in_blocks(vectors, others):
        for scores in block:
            yield np.flatnonzero(scores >= cosine).tolist()


def mine_negatives(
    anchors: NDArray[np.float32],
    positives: Sequence[int],
    chunks: VectorRows,
    right: Sequence[Collection[int]],
    taken: Sequence[Collection[int]],
    trusted: Sequence[bool],
    *,
    seed: int,
    rules: MiningRules = MiningRules(),  # noqa: B008 - frozen
    scale: Scale = USUAL_SCALE,
    block: int | None = None,
    beside: Callable[[int, int], Sequence[Beside]] | None = None,
) -> list[list[Mined]]:
    """Find `rules.per_positive` negatives for each (anchor, positive): hard ones, then random ones, so no row is lost.

    Args:
        anchors: `(n, dim)` float32, L2-normalised.
        positives: the row in `chunks` of each anchor's positive.
        chunks: `(m, dim)`, L2-normalised.
        right: for each anchor, rows that are known to be right, for it or (see `right_nearby`) for one like it, and
            their copies.
        taken: for each anchor, rows that are negatives already, by people's votes.
        trusted: for each anchor, whether somebody gave its positive, knowing the question. Chunks that score above it
            are then what there is to learn from; above a positive that was only voted up, they may well be right.
        seed: of the random ones.
        rules: see `MiningRules`.
        scale: of questions and chunks.
        block: anchors scored at once; `rows_in_block` if it isn't given.
        beside: what else the anchors from one place to before another are served by; None: by vectors alone.

    Returns:
        for each anchor its negatives, hardest first; fewer only if the corpus has no more.
    """
    excluded = [set(own) | set(voted) for own, voted in zip(right, taken, strict=True)]
    chance = np.random.default_rng(seed)
    mined = []
    for index, served in enumerate(_serve(anchors, chunks, rules.depth, block, beside, scale)):
        positive = positives[index]
        ceiling = np.inf if trusted[index] else served.worth_of(positive) * (1 - rules.relative_margin)
        barred = excluded[index] | {positive}
        hard = [row for row, worth in served.best() if worth < ceiling and row not in barred]
        found = [Mined(row, random=False) for row in hard[: rules.per_positive]]
        missing = rules.per_positive - len(found)
        if missing:
            barred |= {negative.row for negative in found}
            found += [Mined(row, random=True) for row in _pick_random(len(chunks), barred, missing, chance)]
        mined.append(found)
    return mined


@dataclass(frozen=True, slots=True, eq=False)
class _Served:
    """A question's cosines with all chunks, the rows of the nearest, and what is beside."""

    cosines: NDArray[np.float32]
    nearest: NDArray[np.int64]
    beside: Beside
    scale: Scale

    def best(self) -> Iterator[tuple[int, float]]:
        """The best rows as served, best first, each with its worth.

        What no word finds is among the best only if it is among the nearest.
        """
        depth, own, seen = len(self.nearest), self.beside, self.beside.visible
        places = np.arange(len(own.rows)) if seen is None else np.flatnonzero(seen[own.rows])
        if depth < len(places):
            by_words = self.cosines[own.rows[places]] + own.added[places]
            places = places[np.argpartition(-by_words, depth)[:depth]]
        rows = np.union1d(self.nearest if seen is None else self.nearest[seen[self.nearest]], own.rows[places])
        scores = self.cosines[rows] + self._added(rows)
        best = rows[np.lexsort((rows, -scores))[:depth]]
        yield from zip(best.tolist(), self._worth(best).tolist(), strict=True)

    def worth_of(self, row: int) -> float:
        """How good a chunk is: the cosine as a share of the encoder's scale, and what words add."""
        return float(self._worth(np.array([row]))[0])

    def _worth(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.asarray(self.scale.share_of(self.cosines[rows]) + self._added(rows), dtype=np.float64)

    def _added(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        place = np.searchsorted(self.beside.rows, rows)
        there = np.append(self.beside.rows, -1)[place] == rows
        return np.where(there, np.append(self.beside.added, 0.0)[place], 0.0)


def _serve(
    anchors: NDArray[np.float32],
    chunks: VectorRows,
    depth: int,
    block: int | None,
    beside: Callable[[int, int], Sequence[Beside]] | None,
    scale: Scale,
) -> Iterator[_Served]:
    depth, start = min(depth, len(chunks)), 0
    for scores in score_in_blocks(anchors, chunks, block):
        stop = start + len(scores)
        own = beside(start, stop) if beside else [Beside(np.empty(0, np.int64), np.empty(0))] * len(scores)
        for row, besides in zip(scores, own, strict=True):
            seen = row if besides.visible is None else np.where(besides.visible, row, -np.inf)
            nearest = np.argpartition(-seen, depth - 1)[:depth] if depth else np.empty(0, int)
            yield _Served(row, nearest, besides, scale)
        start = stop


def _pick_random(count: int, barred: Collection[int], wanted: int, chance: np.random.Generator) -> list[int]:
    if count > 4 * (len(barred) + wanted):
        picked: dict[int, None] = {}
        while len(picked) < wanted:
            row = int(chance.integers(count))
            if row not in barred:
                picked[row] = None
        return list(picked)
    free = np.setdiff1d(np.arange(count), np.fromiter(barred, dtype=np.int64))
    return [int(row) for row in chance.permutation(free)[:wanted]]
