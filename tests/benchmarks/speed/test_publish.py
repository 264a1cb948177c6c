"""What is kept becomes the page, and says again what was measured."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from benchmarks.speed import missed
from benchmarks.speed.measure import OURS, Comparison
from benchmarks.speed.publish import as_json, render_page, show_table

ENCODING = Comparison("encode 3 passages, float32", "passage", 1.1, {OURS: (0.008, 0.008), "theirs": (0.01, 0.01)})
FACTS = {"recall@10": 0.98765, "indexes in the plan": "pk_posting"}
SEARCHING = Comparison("search 9 chunks", "search", None, {OURS: (0.002,) * 100, "bare": (0.001,) * 100}, FACTS)


def test_the_page_shows_what_was_kept() -> None:
    kept = json.loads(json.dumps(as_json([ENCODING, SEARCHING], "cpu")))
    page = render_page([kept])
    assert kept["machine"]["processor"] in page
    assert "| nightshift | 8.0 ms a passage |  |  |  |" in page
    assert "| theirs | 10.0 ms a passage |  | 0.80x (0.80 to 0.80) | 1.1x |" in page
    assert "| bare | 1.0 ms a search | 1.0 ms | 2.00x (2.00 to 2.00) |  |" in page
    assert "\nrecall@10: 0.9877; indexes in the plan: pk_posting.\n" in page


def test_the_page_says_how_busy_the_machine_was_and_why_a_promise_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missed, "REASONS", {"search": "its reason"})
    over = replace(SEARCHING, limit=1.5)
    kept = as_json([ENCODING, over], "cpu")
    kept["machine"] |= {"load": 3.25, "note": "It ran before them."}
    page = render_page([kept])
    assert "\nOver its last 15 minutes 3.2 processes wanted to run at once.\nIt ran before them.\n" in page
    assert page.count("\nLonger than promised: its reason.\n") == 1


def test_a_page_without_results_has_no_figures() -> None:
    assert " ms" not in render_page([])


def test_the_table_in_the_terminal_says_the_same() -> None:
    console = Console(file=io.StringIO(), width=120)
    show_table(console, [ENCODING, SEARCHING])
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert "encode 3 passages, float32" in printed
    assert "0.80x (0.80 to 0.80)" in printed
    assert "recall@10: 0.9877" in printed
