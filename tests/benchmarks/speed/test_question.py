"""A whole question is timed by its steps; the quote is told apart."""

from __future__ import annotations

from benchmarks.speed.handbook import handbook_questions
from benchmarks.speed.measure import OURS
from benchmarks.speed.question import BARE, compare_answering
from db.models import TrainableEncoder


def test_what_comes_up_to_the_quote_is_less_than_all(loaded: TrainableEncoder) -> None:
    before, whole = compare_answering(loaded, handbook_questions()[:3], 2, lambda done, total: None)
    assert before.limit == 1.5 and whole.limit is None
    assert list(before.seconds) == list(whole.seconds) == [OURS, BARE]
    for up_to_the_quote, all_of_it in zip(before.seconds[OURS], whole.seconds[OURS], strict=True):
        assert 0 < up_to_the_quote <= all_of_it
    assert {"encode (ms)", "search (ms)", "quote (ms)"} <= before.facts.keys()
