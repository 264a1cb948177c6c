"""What votes and golden pairs say of questions and passages, taken together."""

from __future__ import annotations

from collections import Counter

import numpy as np

from benchmarks.quality.task import Task


def net_votes(task: Task) -> dict[tuple[int, int], int]:
    """Ups minus downs of each (question, chunk) that has votes."""
    net: Counter[tuple[int, int]] = Counter()
    for vote in task.votes:
        net[vote.question, vote.chunk] += vote.value
    return dict(net)


def positives(task: Task) -> list[tuple[int, int]]:
    """(question, chunk) rows that golden pairs or a majority of votes call right; by question, the surest first."""
    sureness: dict[tuple[int, int], float] = {pair: net for pair, net in net_votes(task).items() if net > 0}
    for question, chunks in task.golden:
        for chunk in chunks:
            sureness[question, chunk] = np.inf
    return sorted(sureness, key=lambda pair: (pair[0], -sureness[pair], pair[1]))
