"""What this process answered, and how long each part of it took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram

if TYPE_CHECKING:
    from db.question import Answer

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 45.0, 90.0)
"""From a search to a language model's deadline."""


class Answered:
    """Counts answers by kind, and times their phases; safe to call from any thread."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._answers = Counter(
            "nightshift_answers",
            "Questions this process answered, by kind of answer.",
            ["kind"],
            registry=registry,
        )
        self._seconds = Histogram(
            "nightshift_answer_seconds",
            "Seconds that an answer took, by phase; total is all of it.",
            ["phase"],
            buckets=BUCKETS_S,
            registry=registry,
        )
        self._tokens = Counter(
            "nightshift_llm_tokens",
            "Tokens that the language model read and wrote for answers, as far as its server tells.",
            ["direction"],
            registry=registry,
        )
        for direction in ("input", "output"):
            self._tokens.labels(direction)
        for kind in ("generated", "quoted", "unknown"):  # there from the start, or a rate would miss the first
            self._answers.labels(kind)

    def note(self, answer: Answer) -> None:
        """Takes an answer in."""
        self._answers.labels(answer.kind).inc()
        for phase, taken_ms in answer.timings_ms.items():
            self._seconds.labels(phase).observe(taken_ms / 1000)

    def note_tokens(self, read: int, written: int) -> None:
        """Takes in what one text took at the language model."""
        self._tokens.labels("input").inc(read)
        self._tokens.labels("output").inc(written)
