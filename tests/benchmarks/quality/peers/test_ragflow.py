"""Votes lift a passage for every question, as RAGFlow counts them."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality.peers import ragflow, untrained
from benchmarks.quality.task import Vote
from tests.benchmarks.quality.small_task import make_task


def votes(*values: int, chunk: int = 8) -> tuple[Vote, ...]:
    return tuple(Vote(f"p{number}", 0, chunk, value) for number, value in enumerate(values))


def test_a_vote_is_a_tenth_for_all_questions_and_for_that_passage_alone() -> None:
    task = make_task(votes=votes(1, 1, 1, -1), golden=())
    lifted = ragflow.rank(task) - task.serve(untrained.rank(task))
    assert lifted[:, 8] == pytest.approx(0.2, abs=1e-5)
    assert np.abs(np.delete(lifted, 8, axis=1)).max() == 0


def test_it_stays_between_nothing_and_a_hundred_as_votes_come() -> None:
    assert ragflow.pagerank(make_task(votes=votes(-1, -1, 1), golden=()))[8] == pytest.approx(0.1)
    assert ragflow.pagerank(make_task(votes=votes(*[1] * 1200), golden=()))[8] == pytest.approx(100)


def test_a_pair_shares_its_step_among_its_passages() -> None:
    ranks = ragflow.pagerank(make_task(votes=(), golden=((60, (3, 4)),)))
    assert ranks[[3, 4]] == pytest.approx([0.05, 0.05])
    assert ranks.sum() == pytest.approx(0.1)
