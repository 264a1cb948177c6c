from __future__ import annotations

from benchmarks.quality.said import net_votes, positives
from benchmarks.quality.task import Vote
from tests.benchmarks.quality.small_task import make_task


def test_positives_are_golden_pairs_and_what_most_votes_call_right_the_surest_first() -> None:
    votes = [
        Vote("ann", 1, 7, 1),
        Vote("ann", 1, 9, 1),
        Vote("bob", 1, 9, 1),
        Vote("ann", 0, 4, 1),
        Vote("bob", 0, 4, -1),
        Vote("ann", 0, 5, -1),
    ]
    task = make_task(votes=tuple(votes), golden=((2, (8, 3)), (1, (11,))))
    assert positives(task) == [(1, 11), (1, 9), (1, 7), (2, 3), (2, 8)]
    assert net_votes(task) == {(1, 7): 1, (1, 9): 2, (0, 4): 0, (0, 5): -1}
