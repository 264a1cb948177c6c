"""Steps are timed by name, whatever happens in them."""

from __future__ import annotations

import pytest

from bot.steps import Steps


def test_each_step_is_timed_and_the_total_covers_them() -> None:
    steps = Steps()
    with steps.timed("encode"):
        pass
    with pytest.raises(KeyError), steps.timed("search"):
        raise KeyError
    timings_ms = steps.finished()
    assert list(timings_ms) == ["encode", "search", "total"]
    assert 0 <= timings_ms["encode"] + timings_ms["search"] <= timings_ms["total"] + 0.02
