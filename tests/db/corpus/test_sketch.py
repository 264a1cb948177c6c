"""Sketches are as alike as the texts are, and the same on every machine."""

from __future__ import annotations

from db.corpus import make_sketch, resemblance

WORDS = [f"w{number}" for number in range(400)]


def test_the_share_of_runs_that_both_have_is_about_that_of_the_texts() -> None:
    whole, half = make_sketch([" ".join(WORDS)]), make_sketch([" ".join(WORDS[:200])])
    assert resemblance(whole, whole) == 1
    assert 0.35 < resemblance(whole, half) < 0.65
    assert resemblance(whole, make_sketch(["something else entirely"])) == 0
    assert resemblance(make_sketch(["?!"]), make_sketch([])) == 0


def test_a_sketch_is_few_numbers_of_64_bits_that_do_not_change() -> None:
    sketch = make_sketch([" ".join(WORDS)])
    assert len(sketch) == 128 and all(-(2**63) <= one < 2**63 for one in sketch)
    assert make_sketch(["The zebra."]) == {-8451618989650091716}
