"""What the page says of results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.quality.publish import draw, render_page


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
    assert "That is 60% of what" in render_page([result(**means, ranking=0.64, fitted=0.66)])


def test_many_decisions_are_counted_and_what_no_peer_learnt_from_is_not_drawn(tmp_path: Path) -> None:
    ours = result(words=0.6, nightshift=0.7) | {"best_peer": None, "p_vs_best_peer": None}
    ours["learners"]["nightshift"]["decisions"] = ["promoted", "refused", "promoted"]
    assert "(promoted, refused, promoted)" in render_page([ours])
    ours["learners"]["nightshift"]["decisions"] += ["promoted"] * 7
    assert "(9 promoted, 1 refused)" in render_page([ours])
    draw([ours], tmp_path / "alone.png")
    draw([], tmp_path / "none.png")
    assert (tmp_path / "alone.png").read_bytes() == (tmp_path / "none.png").read_bytes()
