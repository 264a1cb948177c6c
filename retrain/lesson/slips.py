"""Slips of the finger: an up-vote where right sources are rare is more often one, and so is believed less."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from retrain.lesson.labels import Judgement, Label, latest_of_each_person


def believe_by_rank(labels: Sequence[Label], judgements: Iterable[Judgement], slip_rate: float = 0.05) -> list[Label]:
    """Weigh each up-vote by how likely it is to be right, given how often its rank is.

    People who press the wrong button in `slip_rate` of cases do so on every rank alike, while right sources are
    rare at low ranks; so an up-vote there is more often a slip. With u the share of ups among the votes at a rank,
    the share of right sources is q = (u - e) / (1 - 2e), and P(right | up) = q (1 - e) / u. The shares are shrunk
    towards the mean of all ranks by ten votes' worth.
    """
    latest = latest_of_each_person(judgements)
    rank_of: dict[tuple[int, int], int] = {}
    for vote in latest:
        if vote.rank is not None:
            key = (vote.question_id, vote.chunk_id)
            rank_of[key] = min(vote.rank, rank_of.get(key, vote.rank))
    tally: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for label in labels:
        rank = rank_of.get((label.anchor.id, label.chunk_id)) if label.anchor.kind == "question" else None
        if rank is not None:
            tally[rank][0] += label.value > 0
            tally[rank][1] += 1
    ups, total = (sum(count[side] for count in tally.values()) for side in (0, 1))
    mean = ups / total if total else 0.0
    believed = {
        rank: _probability_right((up + 10 * mean) / (count + 10), slip_rate) for rank, (up, count) in tally.items()
    }
    return [
        replace(label, weight=label.weight * believed[rank])
        if label.value > 0
        and label.anchor.kind == "question"
        and (rank := rank_of.get((label.anchor.id, label.chunk_id))) is not None
        else label
        for label in labels
    ]


def _probability_right(up_share: float, slip_rate: float) -> float:
    right_share = (up_share - slip_rate) / (1 - 2 * slip_rate)
    return min(1.0, max(0.05, right_share * (1 - slip_rate) / up_share)) if up_share > 0 else 0.05
