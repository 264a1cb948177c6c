"""Is there enough to learn from and to judge by? Asked before anything is trained."""

from __future__ import annotations

from collections import defaultdict

from retrain.court.chance import votes_at_chance
from retrain.court.gate import too_little_to_judge_by, too_little_to_learn_from
from retrain.court.judge import explored_up_votes
from retrain.lesson import Lesson


def reasons_not_to_train(lesson: Lesson, *, seed: int, trials: bool = False) -> list[str]:
    """Sentences: what is too little, and whether the votes say no more than coins would; `seed` is of that test.

    Where there may be `trials`, nothing is needed to judge by.
    """
    n_golden, n_votes, n_trial = gate_sizes(lesson)
    missing = too_little_to_learn_from(lesson.learnt_from)
    if not trials:
        missing += too_little_to_judge_by(n_golden, n_votes, n_trial, spent=lesson.spent)
    clusters = {anchor.id: cluster for anchor, cluster in lesson.cluster_of.items() if anchor.kind == "question"}
    return missing + votes_at_chance(lesson.snapshot.judgements, n_golden, clusters=clusters, seed=seed)


def gate_sizes(lesson: Lesson) -> tuple[int, int, int]:
    """Clusters there are to judge by: golden; voted both up and down; voted up on an answer that explored."""
    signs = defaultdict(set)
    for label in lesson.labels:
        signs[label.anchor].add(label.value)
    voted = lesson.judging("question")
    ordered = [anchor for anchor in voted if len(signs[anchor]) == 2]
    weights = explored_up_votes(voted, lesson)
    explored = [anchor for anchor, own in zip(voted, weights, strict=True) if own]
    golden, both, up = (len(set(lesson.clusters_of(own))) for own in (lesson.judging("pair"), ordered, explored))
    return golden, both, up
