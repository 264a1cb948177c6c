"""What up-votes on answers with an explored source say of two rankings: a gain that the incumbent didn't choose.

Nearly every vote is on what the serving generation ranked highest, where another ranking can only lose. In an answer
that explored, the first sources stood there for certain, and the last one was drawn, each of m documents further down
being as likely. An up-vote on it therefore stands for m documents of its kind, one on the others for itself alone:
inverse propensity weighting, whose mean over many answers is that of a ranking measure which adds up over right
documents (Joachims, Swaminathan, Schnabel: Unbiased Learning-to-Rank with Biased Feedback, WSDM 2017), here DCG@20.
Whether an answer explores is independent of its question, so those that didn't are left out rather than weighed
against by 1/share, and no weight exceeds m < 20: nothing has to be clipped.

A candidate that is merely different must not win by this. The drawn source alone would flatter it, since what one
ranking puts far down another puts higher on average: so the first sources count as well. Down-votes don't count, since
any other ranking puts what was seen to be wrong further down, and nobody saw what it puts there instead. Documents
below rank 20 are nobody's gain, and a candidate that brings them up goes without the credit. Not seen either, with
little effect both ways, are those too irrelevant to be shown and the one that gave up its slot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from db.question import EXPLORATION_DEPTH
from db.search import Ints


def explored_gains(ranked: Ints, weights: Sequence[Mapping[int, float]]) -> NDArray[np.float64]:
    """Each question's weighted DCG@20 over its up-voted documents, as a share of what they could reach on average.

    The sum's weights are scaled by one factor for all questions, the same for every ranking of the same documents
    (self-normalised), so that 1 on the mean is every right document on top, as it is for ndcg.

    Args:
        ranked: `(n, k)` documents as a generation serves them, best first.
        weights: for each question `{up-voted document: 1 / its probability of being shown}`.

    Returns:
        `(n,)` floats ≥ 0, NaN where nothing was voted up.
    """
    gains = np.full(len(weights), np.nan)
    reachable = []
    discounts = 1 / np.log2(np.arange(2, EXPLORATION_DEPTH + 2))
    for row, (documents, own) in enumerate(zip(ranked[:, :EXPLORATION_DEPTH].tolist(), weights, strict=True)):
        if own:
            found = [own.get(document, 0.0) for document in documents]
            gains[row] = float(np.dot(found, discounts[: len(found)]))
            reachable.append(sum(own.values()))
    return gains / np.mean(reachable) if reachable else gains
