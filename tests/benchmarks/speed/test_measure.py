"""Contenders take turns, and ratios are of numbers that belong together."""

from __future__ import annotations

import pytest

from benchmarks.speed.measure import OURS, Comparison, take_turns


def test_turns_alternate_and_the_first_round_is_not_counted() -> None:
    ran: list[str] = []
    shown: list[tuple[int, int]] = []
    contenders = {name: lambda name=name: ran.append(name) for name in "AB"}
    seconds = take_turns(contenders, 2, units=10, show=lambda done, total: shown.append((done, total)))
    assert "".join(ran) == "BA" + "AB" + "BA"
    assert {name: len(taken) for name, taken in seconds.items()} == {"A": 2, "B": 2}
    assert shown[-1] == (6, 6)


def test_a_ratio_is_of_the_same_round() -> None:
    slow_second_round = Comparison("encode", "passage", 1.1, {OURS: (1.0, 10.0, 3.0), "theirs": (2.0, 20.0, 2.0)})
    ratio = slow_second_round.ratio("theirs")
    assert (ratio.low, ratio.median, ratio.high) == pytest.approx((0.5, 0.5, 1.0))
    assert slow_second_round.median_s(OURS) == 3.0
