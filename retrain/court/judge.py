"""Holds a candidate's stored vectors against the serving generation's, on questions that neither learnt from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from db.generations import Generation, StoredVectors
from db.models import Encoder, measure_scale
from retrain.court.changes import RANKED_DEPTH, Change
from retrain.court.evidence import Evidence, Paired, Vectors
from retrain.court.explored import explored_gains
from retrain.court.regression import RegressionSet
from retrain.lesson import Anchor, Lesson, cluster_questions
from retrain.measures import first_ranks, hub_share, ndcg_at_k, pair_accuracy, rank_in_blocks, score_in_blocks

_SAMPLE = 2000


@dataclass(frozen=True, slots=True)
class Side:
    """A generation in court: its encoder, and the vectors that it made and that would serve."""

    generation: Generation
    encoder: Encoder
    stored: StoredVectors

    def on_chunks(self, chunk_ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Vectors of these chunks, `(n, dim)`; both ids ascend."""
        if len(chunk_ids) == len(self.stored.chunk_ids):
            return self.stored.vectors
        return self.stored.vectors[np.searchsorted(self.stored.chunk_ids, chunk_ids)]


def gather_evidence(
    incumbent: Side,
    candidate: Side,
    lesson: Lesson,
    document_of_chunk: Mapping[int, int],
    regression: Paired | None = None,
) -> Evidence:
    """Ranks the gate's questions under both, on the chunks that both hold, by the very vectors that serve.

    `regression` is what `judge_regression` found, if there is such a set.
    """
    common = np.intersect1d(incumbent.stored.chunk_ids, candidate.stored.chunk_ids)
    common = common[[int(chunk_id) in document_of_chunk for chunk_id in common]]
    documents = np.array([document_of_chunk[int(chunk_id)] for chunk_id in common], dtype=np.int64)
    golden, voted = lesson.judging("pair"), lesson.judging("question")
    clusters = lesson.clusters_of((*golden, *voted))
    of_golden, of_voted = clusters[: len(golden)], clusters[len(golden) :]
    texts = [lesson.snapshot.anchors[anchor].text for anchor in (*golden, *voted)]
    scored = [(side.encoder.encode_questions(texts), side.on_chunks(common)) for side in (incumbent, candidate)]
    rankings = [rank_in_blocks(*each, documents, RANKED_DEPTH) for each in scored]
    relevant = _relevant_documents(golden, lesson, document_of_chunk)
    before, after = (ndcg_at_k(ranking[: len(golden)], relevant) for ranking in rankings)
    voted_documents = {document_of_chunk.get(judgement.chunk_id) for judgement in lesson.snapshot.judgements}
    voted_slice = np.array([bool(voted_documents.intersection(gold)) for gold in relevant], dtype=bool)
    values = _signs(voted, lesson)
    order_before, order_after = (
        pair_accuracy(_scores_of(asked[len(golden) :], chunks, values, common), values) for asked, chunks in scored
    )
    weights = explored_up_votes(voted, lesson)
    trial_before, trial_after = (_explored(asked[len(golden) :], chunks, weights, common) for asked, chunks in scored)
    return Evidence(
        learnt_from=lesson.learnt_from,
        vectors=Vectors(
            candidate.stored.vectors[:_SAMPLE],
            candidate.encoder.dimension,
            measure_scale(incumbent.stored.vectors[:_SAMPLE]),
        ),
        golden=Paired(before, after, {"voted": voted_slice, "never voted": ~voted_slice}, of_golden),
        votes=Paired(order_before, order_after, clusters=of_voted),
        trial=Paired(trial_before, trial_after, clusters=of_voted),
        regression=regression,
        hubs=(hub_share(rankings[0][:, :10], clusters), hub_share(rankings[1][:, :10], clusters)),
        changes=_changes(golden, relevant, rankings, (before, after)),
    )


def judge_regression(
    incumbent: Side, candidate: Side, regression: RegressionSet, on_progress: Callable[[int, int], None]
) -> Paired:
    """Scores both on the set; `on_progress` gets passages encoded and to be encoded."""
    total, done = 2 * len(regression.passages), 0

    def advance(n: int) -> None:
        nonlocal done
        done += n
        on_progress(done, total)

    before, after = (regression.score(side.encoder, advance) for side in (incumbent, candidate))
    vectors = incumbent.encoder.encode_questions(regression.questions)
    return Paired(before, after, clusters=cluster_questions(regression.questions, vectors))


def explored_up_votes(anchors: Sequence[Anchor], lesson: Lesson) -> list[dict[int, float]]:
    """What people voted up of each question's sources if its answer explored: `{chunk: 1 / its chance to be shown}`."""
    up: dict[Anchor, dict[int, float]] = {anchor: {} for anchor in anchors}
    for label in lesson.labels:
        weight = lesson.snapshot.explored.get(label.anchor.id, {}).get(label.chunk_id)
        if label.value > 0 and label.anchor in up and weight is not None:
            up[label.anchor][label.chunk_id] = weight
    return [up[anchor] for anchor in anchors]


def comparable_floor(incumbent: Side, candidate: Side, floor: float, texts: Sequence[str]) -> float:
    """The similarity that means to the candidate what `floor` means to the incumbent.

    Encoders have scales of their own: each question's best similarity is taken under both, and the floor keeps its
    distance from their mean, in standard deviations.
    """
    if len(texts) < 10:
        return floor
    best = [
        np.concatenate([scores.max(axis=1) for scores in score_in_blocks(asked, side.stored.vectors)])
        for side in (incumbent, candidate)
        for asked in [side.encoder.encode_questions(texts)]
    ]
    (mean_before, spread_before), (mean_after, spread_after) = ((each.mean(), each.std()) for each in best)
    distance = (floor - mean_before) / max(float(spread_before), 1e-6)
    return float(np.clip(mean_after + distance * spread_after, -1.0, 0.99))


def _changes(
    golden: Sequence[Anchor],
    relevant: Sequence[Mapping[int, float]],
    rankings: Sequence[NDArray[np.int64]],
    ndcg: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> tuple[Change, ...]:
    """Golden question by golden question; the rankings of both sides begin with theirs."""
    before, after = (first_ranks(ranking[: len(golden)], relevant).tolist() for ranking in rankings)
    columns = zip(golden, ndcg[0].tolist(), ndcg[1].tolist(), before, after, strict=True)
    return tuple(Change(anchor, (old, new), (was, now)) for anchor, old, new, was, now in columns)


def _relevant_documents(
    anchors: Sequence[Anchor], lesson: Lesson, document_of_chunk: Mapping[int, int]
) -> list[dict[int, float]]:
    relevant: dict[Anchor, dict[int, float]] = {anchor: {} for anchor in anchors}
    for label in lesson.labels:
        if label.value > 0 and label.anchor in relevant and label.chunk_id in document_of_chunk:
            relevant[label.anchor][document_of_chunk[label.chunk_id]] = 1.0
    return [relevant[anchor] for anchor in anchors]


def _signs(anchors: Sequence[Anchor], lesson: Lesson) -> list[dict[int, int]]:
    signs: dict[Anchor, dict[int, int]] = {anchor: {} for anchor in anchors}
    for label in lesson.labels:
        if label.anchor in signs:
            signs[label.anchor][label.chunk_id] = label.value
    return [signs[anchor] for anchor in anchors]


def _scores_of(
    asked: NDArray[np.float32],
    chunks: NDArray[np.float32],
    values: Sequence[Mapping[int, int]],
    chunk_ids: NDArray[np.int64],
) -> list[dict[int, float]]:
    """Each question's scores of its judged chunks, NaN for those that aren't there."""
    padded, found = np.append(chunk_ids, -1), []
    for vector, judged in zip(asked, values, strict=True):
        wanted = np.fromiter(judged, dtype=np.int64)
        place = np.searchsorted(chunk_ids, wanted)
        there = padded[place] == wanted
        scores = np.full(len(wanted), np.nan)
        scores[there] = np.einsum("ij,j->i", chunks[place[there]], vector)  # equal for equal rows
        found.append(dict(zip(wanted.tolist(), scores.tolist(), strict=True)))
    return found


def _explored(
    asked: NDArray[np.float32],
    chunks: NDArray[np.float32],
    weights: Sequence[Mapping[int, float]],
    chunk_ids: NDArray[np.int64],
) -> NDArray[np.float64]:
    """`explored_gains` of all questions; only those with weights are scored."""
    rows = [row for row, own in enumerate(weights) if own]
    scores = chain.from_iterable(score_in_blocks(asked[rows], chunks))
    gains = np.full(len(weights), np.nan)
    gains[rows] = explored_gains(scores, chunk_ids, [weights[row] for row in rows])
    return gains
