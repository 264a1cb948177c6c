"""What the page says of results."""

from __future__ import annotations

from typing import Any

from benchmarks.quality.publish import render_page


def result(**means: float) -> dict[str, Any]:
    spread = {name: {"ndcg@10": {"mean": mean, "std": 0.0}, "seconds": 1.0} for name, mean in means.items()}
    return {
        "data": "set",
        "votes": 100,
        "seeds": [0],
        "learners": spread,
        "best_peer": "memory",
        "p_vs_best_peer": 0.01,
    }


def test_a_share_of_the_ceiling_is_told_only_where_the_candidate_ranks_as_the_ceiling_does() -> None:
    means = {"vectors": 0.4, "words": 0.6, "memory": 0.61, "candidate": 0.66, "ceiling": 0.7}
    assert "That is 60% of what the same questions gain" in render_page([result(**means)])
    assert "of what the same questions gain" not in render_page([result(**means, ranking=0.64)])
