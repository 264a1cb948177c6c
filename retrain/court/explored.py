"""What up-votes on answers with an explored source say of two rankings: a gain that the incumbent didn't choose.

Nearly every vote is on what the serving generation ranked highest, where another ranking can only lose. In an answer
that explored, the first sources stood there for certain, and the last one was drawn, each of m candidates further
down being as likely. An up-vote on it therefore stands for m passages of its kind, one on the others for itself
alone: inverse propensity weighting, whose mean over many answers is that of a ranking measure which adds up over
right passages (Joachims, Swaminathan, Schnabel: Unbiased Learning-to-Rank with Biased Feedback, WSDM 2017), here
DCG@20. Whether an answer explores is independent of its question, so those that didn't are left out rather than
weighed against by 1/share, and no weight exceeds m < 20: nothing has to be clipped.

A candidate that is merely different must not win by this. The drawn source alone would flatter it, since what one
ranking puts far down another puts higher on average: so the first sources count as well. Down-votes don't count, since
any other ranking puts what was seen to be wrong further down, and nobody saw what it puts there instead. Passages below
rank 20 are nobody's gain, and a candidate that brings them up goes without the credit. Not seen either, with little
effect both ways, are those too dissimilar to be shown and the one that gave up its slot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from db.question import EXPLORATION_DEPTH


def explored_gains(
    scores: Iterable[NDArray[np.float32]], chunk_ids: NDArray[np.int64], weights: Sequence[Mapping[int, float]]
) -> NDArray[np.float64]:
    """Each question's weighted DCG@20 over its up-voted passages, as a share of what they could reach on average.

    The sum's weights are scaled by one factor for all questions, the same for every ranking of the same passages
    (self-normalised), so that 1 on the mean is every right passage on top, as it is for ndcg.

    Args:
        scores: n rows `(n_chunks,)`, of one generation.
        chunk_ids: `(n_chunks,)`, ascending; passages that aren't among them are left out.
        weights: for each question `{up-voted chunk: 1 / its probability of being shown}`.

    Returns:
        `(n,)` floats ≥ 0, NaN where nothing was voted up.
    """
    gains = np.full(len(weights), np.nan)
    reachable = []
    for row, (of_chunk, own) in enumerate(zip(scores, weights, strict=True)):
        there = {chunk_id: weight for chunk_id, weight in own.items() if chunk_id in chunk_ids}
        if there:
            columns = np.searchsorted(chunk_ids, list(there))
            ranks = 1 + (of_chunk > of_chunk[columns][:, None]).sum(axis=1)
            discounts = np.where(ranks <= EXPLORATION_DEPTH, 1 / np.log2(1 + ranks), 0.0)
            gains[row] = float(np.dot(list(there.values()), discounts))
            reachable.append(sum(there.values()))
    return gains / np.mean(reachable) if reachable else gains
