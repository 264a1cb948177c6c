"""Steps are timed by name, whatever happens in them."""

from __future__ import annotations

import pytest

from db.steps import Step


def test_each_step_is_timed_and_the_total_covers_them() -> None:
    with Step("question") as asking:
        with asking.step("encode"):
            pass
        with pytest.raises(KeyError), asking.step("search"):
            raise KeyError
        timings_ms = asking.timings_ms
    assert list(timings_ms) == ["encode", "search", "total"]
    assert 0 <= timings_ms["encode"] + timings_ms["search"] <= timings_ms["total"] + 0.02
    assert asking.seconds == asking.seconds >= timings_ms["total"] / 1000 - 1e-5


def test_what_was_found_out_in_a_step_is_its_own() -> None:
    with Step("night") as night, night.step("learn") as learning:
        learning.facts |= {"labels": 3}
    assert ([step.name for step in night.within], night.facts, learning.facts) == (["learn"], {}, {"labels": 3})
