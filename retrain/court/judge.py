"""Holds what a candidate would serve against what serves, on questions that neither learnt from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from db.models import measure_scale
from db.search import Passages, ReadWritten
from retrain.court.changes import Change
from retrain.court.evidence import Evidence, Paired, Vectors
from retrain.court.explored import explored_gains
from retrain.court.regression import OnRegressionSet
from retrain.court.serve import Portion, Served, Shelf, Side, nothing_written, ranked, serve_questions
from retrain.lesson import Anchor, Lesson
from retrain.measures import (
    ScoreWords,
    first_ranks,
    hub_share,
    judge_answers,
    log_ranks,
    ndcg_at_k,
    pair_accuracy,
)

_SAMPLE = 2000


def gather_evidence(
    incumbent: Side,
    candidate: Side,
    lesson: Lesson,
    passages: Passages,
    score: ScoreWords,
    portion: Portion,
    regression: OnRegressionSet | None = None,
    written: ReadWritten = nothing_written,
) -> Evidence:
    """Answers the gate's questions by both, from the passages that both hold, by the very vectors that serve.

    Voted questions see what those who asked them could see, golden ones everything. Whether an answer is refused is
    judged on golden ones alone: voted on is only what was answered.

    Args:
        incumbent: what serves.
        candidate: what would.
        lesson: whose gate's part judges.
        passages: what is known of each chunk.
        score: the words' scores.
        portion: how much people get.
        regression: what `judge_regression` found, if there is such a set.
        written: what the passages say.
    """
    shelf = share_shelf(incumbent, candidate, passages, written)
    golden, voted = lesson.judging("pair"), lesson.judging("question")
    clusters = lesson.clusters_of((*golden, *voted))
    of_golden, of_voted = clusters[: len(golden)], clusters[len(golden) :]
    asked = [lesson.snapshot.anchors[anchor].asked for anchor in (*golden, *voted)]
    values = _signs(voted, lesson)
    sides, n = [incumbent, candidate], len(golden)
    answering = serve_questions(sides, asked[:n], shelf, score, portion)
    ranking = serve_questions(sides, asked[n:], shelf, score, portion, values, refusing=False)
    both = [[*own, *more] for own, more in zip(answering, ranking, strict=True)]
    lists = [ranked(served) for served in both]
    document_of = _documents_of_judged(shelf.passages, lesson)
    relevant = _relevant_documents(golden, lesson, document_of)
    before, after = (ndcg_at_k(own[:n], relevant) for own in lists)
    rank_before, rank_after = (log_ranks(own[:n], relevant) for own in lists)
    answers = [judge_answers([own.answered for own in served], relevant) for served in answering]
    voted_documents = {document_of.get(judgement.chunk_id) for judgement in lesson.snapshot.judgements}
    voted_slice = np.array([bool(voted_documents.intersection(gold)) for gold in relevant], dtype=bool)
    order_before, order_after = (pair_accuracy([own.scores for own in served], values) for served in ranking)
    weights = _explored_documents(voted, lesson, ranking[0], document_of)
    trial_before, trial_after = (explored_gains(own[n:], weights) for own in lists)
    return Evidence(
        learnt_from=lesson.learnt_from,
        vectors=Vectors(
            candidate.stored.vectors[:_SAMPLE].astype(np.float32),
            candidate.encoder.dimension,
            measure_scale(incumbent.stored.vectors[:_SAMPLE]),
        ),
        golden=Paired(before, after, {"voted": voted_slice, "never voted": ~voted_slice}, of_golden),
        golden_ranks=Paired(rank_before, rank_after, clusters=of_golden),
        votes=Paired(order_before, order_after, clusters=of_voted),
        trial=Paired(trial_before, trial_after, clusters=of_voted),
        regression=regression.ndcg if regression else None,
        regression_answers=regression.answers if regression else {},
        answers={name: Paired(was, answers[1][name], clusters=of_golden) for name, was in answers[0].items()},
        hubs=(hub_share(lists[0][:, :10], clusters), hub_share(lists[1][:, :10], clusters)),
        changes=_changes(golden, relevant, lists, (before, after)),
        names=_names((*golden, *voted), clusters.tolist()),
    )


def _names(anchors: Sequence[Anchor], clusters: Sequence[int]) -> dict[int, str]:
    """Each cluster by the first of its questions and pairs: a name that another night gives it too."""
    first: dict[int, Anchor] = {}
    for anchor, cluster in zip(anchors, clusters, strict=True):
        first[cluster] = min(anchor, first.get(cluster, anchor))
    return {cluster: f"{anchor.kind} {anchor.id}" for cluster, anchor in first.items()}


def share_shelf(incumbent: Side, candidate: Side, passages: Passages, written: ReadWritten) -> Shelf:
    """What both hold and something is known of, in the audiences of what serves."""
    common = np.intersect1d(incumbent.stored.chunk_ids, candidate.stored.chunk_ids)
    common, of_passages, _ = np.intersect1d(passages.chunk_ids, common, return_indices=True)
    audiences = incumbent.stored.audience_ids[np.searchsorted(incumbent.stored.chunk_ids, common)]
    return Shelf(passages.at(of_passages), audiences, written)


def explored_up_votes(anchors: Sequence[Anchor], lesson: Lesson) -> list[dict[int, float]]:
    """What people voted up of each question's sources if its answer explored: `{chunk: 1 / its chance to be shown}`."""
    up: dict[Anchor, dict[int, float]] = {anchor: {} for anchor in anchors}
    for label in lesson.labels:
        weight = lesson.snapshot.explored.get(label.anchor.id, {}).get(label.chunk_id)
        if label.value > 0 and label.anchor in up and weight is not None:
            up[label.anchor][label.chunk_id] = weight
    return [up[anchor] for anchor in anchors]


def _documents_of_judged(passages: Passages, lesson: Lesson) -> dict[int, int]:
    """The document of each passage that somebody judged and that is there."""
    judged = {label.chunk_id for label in lesson.labels} | {own.chunk_id for own in lesson.snapshot.judgements}
    there = passages.at(np.isin(passages.chunk_ids, list(judged)))
    return dict(zip(there.chunk_ids.tolist(), there.document_ids.tolist(), strict=True))


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


def _explored_documents(
    anchors: Sequence[Anchor], lesson: Lesson, served: Sequence[Served], document_of: Mapping[int, int]
) -> list[dict[int, float]]:
    """`explored_up_votes` by document; of its passages, and those that aren't seen any more, the likeliest counts."""
    found = []
    for own, answer in zip(explored_up_votes(anchors, lesson), served, strict=True):
        weights: dict[int, float] = {}
        for chunk_id, weight in own.items():
            if np.isfinite(answer.scores.get(chunk_id, np.nan)):
                weights[document_of[chunk_id]] = min(weight, weights.get(document_of[chunk_id], weight))
        found.append(weights)
    return found
