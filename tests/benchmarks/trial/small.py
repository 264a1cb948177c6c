"""Questions whose right document stands first by words, and third by vectors."""

from __future__ import annotations

from benchmarks.trial.lists import GAPS, VECTORS, WORDS, Listed, Question, weighed


def make_listed(questions: int = 300, worth: float = 0.5) -> Listed:
    """So many questions, whose lists by words are worth so much more."""
    near, far = ["1", "2", "3", "4", "5"], ["3", "6", "1", "2", "7"]
    lists = {VECTORS: near, WORDS: far} | {weighed(gap): far for gap in GAPS}
    ndcg = {VECTORS: 0.5, WORDS: 0.5 + worth} | {weighed(gap): 0.5 + gap for gap in GAPS}
    return Listed("small", tuple(Question(lists, ndcg, ["3"], number) for number in range(questions)))
