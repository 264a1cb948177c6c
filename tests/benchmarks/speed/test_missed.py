"""A promise that isn't kept is explained."""

from __future__ import annotations

import pytest

from benchmarks.pages import read_results
from benchmarks.speed import missed
from benchmarks.speed.measure import OURS, Comparison
from benchmarks.speed.missed import why_missed
from benchmarks.speed.publish import RESULTS


def loaded(ours_s: float, limit: float | None) -> Comparison:
    return Comparison("load 9 passages", "passage", limit, {OURS: (ours_s,) * 3, "COPY": (1.0,) * 3})


def test_only_what_is_missed_has_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missed, "REASONS", {"load": "it writes more"})
    assert why_missed(loaded(2.0, 1.5)) == "it writes more"
    assert why_missed(loaded(1.5, 1.5)) is why_missed(loaded(9.0, None)) is None


def test_what_nobody_explained_is_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missed, "REASONS", {"search": "it writes more"})
    with pytest.raises(LookupError, match="'load 9 passages' takes longer"):
        why_missed(loaded(2.0, 1.5))


def test_each_reason_is_of_something_that_is_missed() -> None:
    over = [
        comparison.what
        for result in read_results(RESULTS)
        for comparison in (Comparison(**kept) for kept in result["comparisons"])
        if not comparison.keeps_its_limit
    ]
    for part in missed.REASONS:
        assert any(part in what for what in over), part
