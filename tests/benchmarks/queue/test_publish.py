"""The page says why, and shows what was kept."""

from __future__ import annotations

from benchmarks.queue.publish import render_page
from benchmarks.speed.measure import OURS, Comparison
from benchmarks.speed.publish import as_json


def test_the_page_has_the_reasons_and_the_figures() -> None:
    night = Comparison("a night", "night", None, {OURS: (0.01, 0.01), "procrastinate": (0.02, 0.02)})
    page = render_page([as_json([night], "cpu")])
    assert page.startswith("# The queue") and "## Why not procrastinate" in page
    assert "| procrastinate | 20.0 ms a night |  | 0.50x (0.50 to 0.50) |  |" in page
    assert " ms " not in render_page([])
