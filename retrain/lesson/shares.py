"""Nobody, and no passage, carries more than a share of the weight."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence


def cap_shares(owners: Sequence[object], weights: Sequence[float], share: float) -> list[float]:
    """Scale down the weights of owners that hold more than `share` of the total that remains.

    With few owners the cap is twice an even share instead: were it tighter, the quietest of five people would set
    how much the other four may say.
    """
    held: dict[object, float] = defaultdict(float)
    for owner, weight in zip(owners, weights, strict=True):
        held[owner] += weight
    if not held:
        return []
    share = max(share, 2 / len(held))
    ascending = sorted(held.values())
    below = sum(ascending)
    limit = float("inf")
    for capped in range(1, len(ascending) + 1):
        below -= ascending[-capped]
        if capped * share >= 1:
            break
        level = share * below / (1 - capped * share)  # each of the capped holds `level` = share x total
        if level >= (ascending[-capped - 1] if capped < len(ascending) else 0.0):
            limit = level
            break
    scale = {owner: min(1.0, limit / total) if total > 0 else 1.0 for owner, total in held.items()}
    return [weight * scale[owner] for owner, weight in zip(owners, weights, strict=True)]
