from __future__ import annotations

import numpy as np
import pytest

from benchmarks.quality.peers import boost
from benchmarks.quality.task import Vote
from tests.benchmarks.quality.small_task import make_task


def test_the_factor_goes_from_a_half_to_two() -> None:
    factors = boost.boost_factor(np.array([-60.0, -3.0, 0.0, 3.0, 60.0]))
    assert factors == pytest.approx([0.5, 0.5 + 1 / (1 + np.e), 1, 2 / (1 + 1 / np.e), 2])


def test_votes_and_golden_pairs_lift_all_of_a_document_for_every_question() -> None:
    plain = boost.rank(make_task(votes=(), golden=()))
    votes = (Vote("ann", 0, 8, 1), Vote("bob", 1, 9, 1), Vote("ann", 0, 20, -1))
    lifted = boost.rank(make_task(votes=votes, golden=((60, (8, 9)),)))
    factors = boost.boost_factor(np.array([3.0, -1.0]))
    np.testing.assert_allclose(lifted[:, 8:10], plain[:, 8:10] * factors[0], rtol=1e-5)
    np.testing.assert_allclose(lifted[:, 20:22], plain[:, 20:22] * factors[1], rtol=1e-5)
    others = np.setdiff1d(np.arange(60), [8, 9, 20, 21])
    np.testing.assert_array_equal(lifted[:, others], plain[:, others])


def test_only_the_best_passages_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boost, "RERANKED", 10)
    scores = boost.rank(make_task(votes=(), golden=()))
    assert ((scores > 0).sum(axis=1) == 9).all()  # the tenth is the floor
    assert scores.max(axis=1) == pytest.approx(1)
