"""A question in a trial is timed beside a plain one, and was one of the trial's."""

from __future__ import annotations

from benchmarks.speed.ask import QUESTION
from benchmarks.speed.measure import OURS
from benchmarks.speed.trial import PLAIN, compare_trying


def test_every_question_of_ours_was_drawn_and_no_other() -> None:
    [found] = compare_trying([QUESTION], 2, lambda done, total: None)
    assert (found.limit, list(found.seconds)) == (1.3, [OURS, PLAIN])
    assert found.facts["questions drawn"] == 3, "two and the one that warms up"
    assert all(seconds > 0 for own in found.seconds.values() for seconds in own)
