"""What a candidate changed, question by question: those that got most better and most worse, as ids and numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from retrain.lesson import Anchor

KEPT = 10
"""Questions kept each way."""


@dataclass(frozen=True, slots=True)
class Change:
    """One golden question under incumbent and candidate.

    `ndcg` is ndcg@10 before and after, `rank` where the first right document was (1 is the best) before and after, 0
    where it wasn't among what is found.
    """

    anchor: Anchor
    ndcg: tuple[float, float]
    rank: tuple[int, int]

    @property
    def gain(self) -> float:
        """Change in ndcg@10."""
        return self.ndcg[1] - self.ndcg[0]


def most_changed(changes: Iterable[Change]) -> dict[str, list[dict[str, Any]]]:
    """The questions that gained and lost most, the greatest change first, as JSON can hold them: never their texts."""
    ordered = sorted(changes, key=lambda change: (-change.gain, change.anchor))
    better = [change for change in ordered if change.gain > 0][:KEPT]
    worse = [change for change in reversed(ordered) if change.gain < 0][:KEPT]
    return {"better": [_as_json(change) for change in better], "worse": [_as_json(change) for change in worse]}


def _as_json(change: Change) -> dict[str, Any]:
    return {
        "kind": change.anchor.kind,
        "id": change.anchor.id,
        "ndcg": [round(value, 4) for value in change.ndcg],
        "rank": list(change.rank),
    }
