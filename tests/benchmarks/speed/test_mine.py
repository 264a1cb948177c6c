"""What is mined among all passages is what a product of matrices says is nearest."""

from __future__ import annotations

from benchmarks.speed.measure import OURS
from benchmarks.speed.mine import PRODUCT, miners
from benchmarks.speed.prose import ask_about, write_prose


def test_both_find_the_same_nearest() -> None:
    prose = write_prose(600)
    asked = ask_about(prose, 10)
    contenders = miners(prose, asked)
    for ours, nearest, own in zip(contenders[OURS](), contenders[PRODUCT](), asked.about.tolist(), strict=True):
        assert ours == [row for row in nearest if row != own][: len(ours)]
        assert len(ours) == 2
