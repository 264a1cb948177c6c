"""Who trains and who judges, seeing what trained before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from db.nights import TrainedQuestion
from retrain.lesson.labels import Anchor
from retrain.lesson.parts import Parts, divide_anchors, source_of
from retrain.lesson.snapshot import AnchorText, Snapshot

PAIRS = [Anchor("pair", number) for number in range(40)]
AXES = dict(zip(PAIRS, np.eye(40, dtype=np.float32), strict=True))


def divide(*trained: TrainedQuestion, **vectors: NDArray[np.float32]) -> Parts:
    texts = {anchor: AnchorText(f"what about {anchor.id}?", 0.0) for anchor in PAIRS}
    snapshot = Snapshot((), {}, texts, trained=trained)
    gone = {Anchor("trained", int(name[1:])): vector for name, vector in vectors.items()}
    return divide_anchors(snapshot, PAIRS, {**AXES, **gone}, seed=0)


def test_without_questions_there_is_nothing_to_divide() -> None:
    assert divide_anchors(Snapshot((), {}, {}), [], {}, seed=0) == Parts()


def test_what_trained_trains_again_by_its_id_its_words_or_what_is_like_it() -> None:
    before = divide()
    judging = [anchor for anchor in PAIRS if not before.trains(anchor)]
    assert (len(judging), before.spent, set(before.cluster_of)) == (20, 0, set(PAIRS))
    by_id, by_words, alike = judging[:3]
    after = divide(
        TrainedQuestion(1, None, by_id.id, "worded otherwise then"),
        TrainedQuestion(2, 7, None, f"what about {by_words.id}?"),
        TrainedQuestion(3, 8, None, "gone since"),
        t1=np.zeros(40, dtype=np.float32),
        t3=AXES[alike],
    )
    assert all(after.trains(anchor) for anchor in (by_id, by_words, alike))
    assert after.spent == 3


def test_what_nobody_labelled_does_not_train() -> None:
    assert not divide().trains(Anchor("question", 1))


def test_an_anchor_of_people_s_is_a_question_or_a_pair() -> None:
    kinds = [source_of(Anchor(kind, 1))[0] for kind in ("question", "pair", "marked")]
    assert kinds == ["question", "pair", "pair"]
