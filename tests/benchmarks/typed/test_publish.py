"""Counts add up, by kind and in all, in the table and as JSON."""

from __future__ import annotations

from dataclasses import replace

from rich.console import Console

from benchmarks.typed.ask import judge_answer
from benchmarks.typed.publish import as_json, show_answers, show_table
from tests.benchmarks.typed.test_ask import ANSWER, TYPED


def test_counts() -> None:
    ids = replace(TYPED, kind="id")
    judged = [
        judge_answer(TYPED, replace(ANSWER, timings_ms={"quote": 3.0})),
        judge_answer(ids, replace(ANSWER, kind="unknown", sources=(), timings_ms={"quote": 1.0})),
    ]
    figures = as_json(judged)
    assert figures["kinds"]["all"] == {
        "asked": 2,
        "right": 1,
        "partly": 0,
        "wrong": 1,
        "right_at_once": 0,
        "listed": 1,
        "first": 0,
    }
    assert figures["kinds"]["id"]["wrong"] == 1
    assert figures["median_ms"] == {"quote": 2.0}
    console = Console(width=200, record=True)
    console.print(show_answers(judged))
    console.print(show_table(judged))
    shown = console.export_text()
    assert "wrong, unanswered" in shown
    assert "right document listed" in shown
