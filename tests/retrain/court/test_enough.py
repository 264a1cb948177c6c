"""Whether there is enough is counted as the gate counts: near-duplicates once."""

from __future__ import annotations

from retrain.court.enough import gate_sizes, reasons_not_to_train
from retrain.lesson import Lesson, Snapshot, TrainingRow
from retrain.lesson.labels import Anchor, Label

PAIRS = [Anchor("pair", number) for number in range(30)]
ASKED = [Anchor("question", number) for number in range(4)]
LABELS = (
    *(Label(pair, 1, 1, 1.0) for pair in PAIRS),
    *(Label(ASKED[n], 1, 1, 1.0) for n in range(3)),
    *(Label(ASKED[n], 2, -1, 1.0) for n in range(1, 4)),
)
SNAPSHOT = Snapshot((), {}, {}, explored={0: {1: 4.0}, 3: {2: 4.0}})


def lesson(learnt_from: int = 60, alike: int = 0, spent: int = 0) -> Lesson:
    """As many questions trained on; of the pairs that judge the last few are like the first."""
    rows = tuple(TrainingRow(Anchor("question", 100 + n), 1, (), (), 1.0) for n in range(learnt_from))
    judging = [*PAIRS, *ASKED]
    clusters = {anchor: place for place, anchor in enumerate(judging)}
    clusters |= dict.fromkeys(PAIRS[len(PAIRS) - alike :], 0)
    return Lesson(SNAPSHOT, LABELS, dict.fromkeys(judging, "gate"), (), rows, {}, {}, clusters, spent)


def test_what_judges_is_counted_by_what_it_can_show() -> None:
    assert gate_sizes(lesson()) == (30, 2, 1)
    assert gate_sizes(lesson(alike=10)) == (20, 2, 1)


def test_a_night_with_enough_has_no_reason_not_to_train_and_one_without_says_what_it_lacks() -> None:
    assert reasons_not_to_train(lesson(), seed=0) == []
    [too_few] = reasons_not_to_train(lesson(learnt_from=59), seed=0)
    assert "59 questions with a right passage" in too_few
    [too_alike] = reasons_not_to_train(lesson(alike=10, spent=7), seed=0)
    assert "20 golden questions and 2 held-out questions" in too_alike
    assert "Another 7 golden questions trained" in too_alike
