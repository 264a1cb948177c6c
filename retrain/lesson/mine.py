"""Hard negatives from the vectors that are there already: exact, positive-aware, never what people call right."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.models import USUAL_SCALE, Scale
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


def copies_of(rows: Collection[int], chunks: NDArray[np.float32], duplicate: float) -> dict[int, frozenset[int]]:
    """For each of these rows of `chunks` those whose cosine with it is at least `duplicate`, itself among them."""
    wanted = sorted(rows)
    alike = _alike(chunks[wanted], chunks, duplicate) if wanted else ()
    return {row: frozenset((row, *copies)) for row, copies in zip(wanted, alike, strict=True)}


def _alike(vectors: NDArray[np.float32], others: NDArray[np.float32], cosine: float) -> Iterator[list[int]]:
    """For each vector the rows of `others` that are at least so like it."""
    for block in score_in_blocks(vectors, others):
        for scores in block:
            yield np.flatnonzero(scores >= cosine).tolist()


def mine_negatives(
    anchors: NDArray[np.float32],
    positives: Sequence[int],
    chunks: NDArray[np.float32],
    right: Sequence[Collection[int]],
    taken: Sequence[Collection[int]],
    trusted: Sequence[bool],
    *,
    seed: int,
    rules: MiningRules = MiningRules(),  # noqa: B008 - frozen
    scale: Scale = USUAL_SCALE,
    block: int | None = None,
) -> list[list[Mined]]:
    """Find `rules.per_positive` negatives for each (anchor, positive): hard ones, then random ones, so no row is lost.

    Args:
        anchors: `(n, dim)` float32, L2-normalised.
        positives: the row in `chunks` of each anchor's positive.
        chunks: `(m, dim)` float32, L2-normalised.
        right: for each anchor, rows that are known to be right, for it or (see `right_nearby`) for one like it, and
            their copies.
        taken: for each anchor, rows that are negatives already, by people's votes.
        trusted: for each anchor, whether somebody gave its positive, knowing the question. Chunks that score above it
            are then what there is to learn from; above a positive that was only voted up, they may well be right.
        seed: of the random ones.
        rules: see `MiningRules`.
        scale: of questions and chunks.
        block: anchors scored at once; `rows_in_block` if it isn't given.

    Returns:
        for each anchor its negatives, hardest first; fewer only if the corpus has no more.
    """
    excluded = [set(own) | set(voted) for own, voted in zip(right, taken, strict=True)]
    chance = np.random.default_rng(seed)
    mined = []
    for index, (scores, best) in enumerate(_score(anchors, chunks, rules.depth, block)):
        positive = positives[index]
        ceiling = np.inf if trusted[index] else scale.at(scale.share_of(scores[positive]) * (1 - rules.relative_margin))
        barred = excluded[index] | {positive}
        hard = [int(row) for row in best if scores[row] < ceiling and int(row) not in barred]
        found = [Mined(row, random=False) for row in hard[: rules.per_positive]]
        missing = rules.per_positive - len(found)
        if missing:
            barred |= {negative.row for negative in found}
            found += [Mined(row, random=True) for row in _pick_random(len(chunks), barred, missing, chance)]
        mined.append(found)
    return mined


def _score(
    anchors: NDArray[np.float32], chunks: NDArray[np.float32], depth: int, block: int | None
) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int64]]]:
    depth = min(depth, len(chunks))
    for scores in score_in_blocks(anchors, chunks, block):
        nearest = np.argpartition(-scores, depth - 1, axis=1)[:, :depth] if depth else np.empty((len(scores), 0), int)
        for row, candidates in zip(scores, nearest, strict=True):
            yield row, candidates[np.lexsort((candidates, -row[candidates]))]


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
