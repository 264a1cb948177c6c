"""Up-votes on explored answers favour a better ranking, and none that is merely another."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.answering.exploration import choose_ranks
from retrain.court.explored import explored_gains

N_CHUNKS = 60
CHUNKS = np.arange(100, 100 + N_CHUNKS)


def rankers(n: int, noise: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """`n` questions with two right documents of 60; an incumbent's scores, and a candidate's with more noise."""
    draw = np.random.default_rng(seed)
    right = np.stack([draw.choice(N_CHUNKS, 2, replace=False) for _ in range(n)])
    truth = np.zeros((n, N_CHUNKS))
    np.put_along_axis(truth, right, 1.5, axis=1)
    incumbent, candidate = (truth + scale * draw.normal(size=truth.shape) for scale in (1.0, noise))
    return CHUNKS[right], incumbent.astype(np.float32), candidate.astype(np.float32)


def trial(n: int, noise: float, seed: int = 0, *, drawn_only: bool = False) -> NDArray[np.float64]:
    """Gains of the candidate on answers that all explored, where exactly the right sources are voted up."""
    right, incumbent, candidate = rankers(n, noise, seed)
    weights = []
    for row, scores in enumerate(incumbent):
        order = CHUNKS[np.argsort(-scores)][:20]
        choice = choose_ranks(range(1, 21), 5, 1.0, f"{seed}/{row}")
        ranks = choice.shown[-1:] if drawn_only else choice.shown
        shown = {int(order[rank - 1]): 1 / choice.propensities[rank] for rank in ranks}
        weights.append({chunk: weight for chunk, weight in shown.items() if chunk in right[row]})
    before, after = (explored_gains(CHUNKS[np.argsort(-scores)], weights) for scores in (incumbent, candidate))
    gains = after - before
    return gains[np.isfinite(gains)]


def test_a_better_ranking_gains_and_a_worse_one_loses() -> None:
    assert trial(3000, 0.6).mean() > 0.05
    assert trial(3000, 1.6).mean() < -0.05


def test_another_ranking_that_is_as_good_does_not_win() -> None:
    assert trial(5000, 1.0).mean() < 0
    assert trial(5000, 1.0, drawn_only=True).mean() > 0.05, "the drawn source alone would flatter it"


def test_one_is_every_right_document_on_top_and_the_rank_discounts() -> None:
    ranked = CHUNKS[None]
    for rank, gain in ((1, 1.0), (3, 0.5), (20, 1 / np.log2(21)), (21, 0.0)):
        assert explored_gains(ranked, [{99 + rank: 15.0}]) == pytest.approx([gain])
    weighed = explored_gains(np.repeat(ranked, 2, axis=0), [{100: 1.0}, {102: 15.0}])
    assert weighed == pytest.approx([1 / 8, 7.5 / 8])
    assert explored_gains(ranked[:, :7], [{102: 1.0}]) == pytest.approx([0.5])  # a short list is all there is


def test_what_nobody_voted_up_does_not_apply() -> None:
    assert np.isnan(explored_gains(np.repeat(CHUNKS[None], 2, axis=0), [{}, {}])).all()
    assert np.isnan(explored_gains(CHUNKS[None].repeat(2, axis=0), [{}, {100: 1.0}])).tolist() == [True, False]
