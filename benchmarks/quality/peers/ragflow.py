"""RAGFlow's votes: each moves a chunk's "pagerank", which lifts it for all questions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.peers import untrained
from benchmarks.quality.task import Scores, Task

STEP = 0.1
"""What a vote adds to the passage's pagerank, or takes from it."""
LEAST, MOST = 0.0, 100.0


def rank(task: Task) -> Scores:
    """The served score and the passage's pagerank, `(j, m)`.

    `UPVOTE_WEIGHT_INCREMENT`, `DOWNVOTE_WEIGHT_DECREMENT` and `update_chunk_weight` of github.com/infiniflow/ragflow,
    api/db/services/chunk_feedback_service.py: every vote moves it, one after the other, between 0 and 100.
    `Dealer.rerank` in rag/nlp/search.py adds it to the similarity, which is a weighed sum of cosine and words there as
    here. A vote on a whole answer shares the step among its sources; one on a source gives it all. Golden pairs count
    as votes, the first.
    """
    return task.serve(untrained.rank(task)) + pagerank(task)


def pagerank(task: Task) -> NDArray[np.float32]:
    """`(m,)`, after all golden pairs and votes in their order."""
    ranks = np.zeros(len(task.written), dtype=np.float32)
    for _, chunks in task.golden:
        ranks[list(chunks)] += STEP / len(chunks)
    for vote in task.votes:
        ranks[vote.chunk] = min(max(ranks[vote.chunk] + STEP * vote.value, LEAST), MOST)
    return ranks
