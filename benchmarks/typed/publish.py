"""What came of the typed questions: each one, their counts by kind, and the same as JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from typing import Any

from rich.table import Table

from benchmarks.typed.ask import Judged
from benchmarks.typed.judging import VERDICTS

_STYLE = {"right": "green", "partly": "yellow", "wrong": "red"}


def show_answers(judged: Sequence[Judged]) -> Table:
    """A row for each question: what it was told is worth, and the document that it was told from."""
    table = Table(title="Each question")
    for column in ("question", "kind", "verdict", "leading source"):
        table.add_column(column, no_wrap=column != "question")
    for item in judged:
        lead = item.answer.sources[0].title if item.answer.sources else "—"
        told = item.verdict if item.answer.kind != "unknown" else f"{item.verdict}, unanswered"
        table.add_row(item.typed.question, item.typed.kind, told, lead, style=_STYLE[item.verdict])
    return table


def show_table(judged: Sequence[Judged]) -> Table:
    """Counts by kind, and of all."""
    table = Table(title="Answers, by what they say")
    for column in ("kind", "asked", *VERDICTS, "right at once", "right document listed", "first"):
        table.add_column(column, justify="left" if column == "kind" else "right")
    for kind, counts in _by_kind(judged).items():
        table.add_row(kind, *(str(count) for count in counts.values()))
    return table


def as_json(judged: Sequence[Judged]) -> dict[str, Any]:
    """All counts, the median milliseconds of each step, and every answer."""
    steps = {name for item in judged for name in item.answer.timings_ms}
    return {
        "kinds": _by_kind(judged),
        "median_ms": {
            name: round(median(item.answer.timings_ms.get(name, 0.0) for item in judged), 2) for name in sorted(steps)
        },
        "answers": [
            {
                "question": item.typed.question,
                "kind": item.typed.kind,
                "verdict": item.verdict,
                "right_at_once": item.leads,
                "sources": [source.uri.rpartition("/documents/")[2] for source in item.answer.sources],
                "text": item.answer.text,
            }
            for item in judged
        ],
    }


def _by_kind(judged: Sequence[Judged]) -> dict[str, dict[str, int]]:
    kinds: dict[str, list[Judged]] = defaultdict(list)
    for item in judged:
        kinds[item.typed.kind].append(item)
    kinds["all"] = list(judged)
    return {
        kind: {
            "asked": len(items),
            **{verdict: sum(item.verdict == verdict for item in items) for verdict in VERDICTS},
            "right_at_once": sum(item.leads for item in items),
            "listed": sum(item.listed for item in items),
            "first": sum(item.first for item in items),
        }
        for kind, items in kinds.items()
    }
