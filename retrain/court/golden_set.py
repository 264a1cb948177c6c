"""What the golden set is worth: pairs that ask the same, pairs that contradict each other, and what it can show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrain.court.evidence import Limits, how_many
from retrain.court.ledger import NIGHT_SHARE, Spending
from retrain.lesson import SplitRules, cluster_questions
from retrain.measures import gain_that_shows, questions_needed

_TARGETS = (0.1, 0.05, 0.03, 0.02, 0.01)


@dataclass(frozen=True, slots=True)
class Alike:
    """Pairs that ask the same, by their place in the list; they `contradict` if they name different documents."""

    members: tuple[int, ...]
    contradict: bool


def find_alike(
    prompts: Sequence[str], vectors: NDArray[np.float32], documents: Sequence[frozenset[int]]
) -> list[Alike]:
    """Groups of near-duplicates as the split makes them; `vectors` is `(n, dim)`, L2-normalised.

    Pairs contradict each other if two of them have documents, but none in common.
    """
    members: dict[int, list[int]] = {}
    for index, cluster in enumerate(cluster_questions(prompts, vectors)):
        members.setdefault(int(cluster), []).append(index)
    alike = []
    for group in members.values():
        named = [documents[index] for index in group if documents[index]]
        contradict = any(not a & b for place, a in enumerate(named) for b in named[:place])
        if len(group) > 1:
            alike.append(Alike(tuple(group), contradict))
    return alike


def power_in_words(n_gate: int, questions: int | None = None, limits: Limits | None = None) -> str:
    """What so many clusters of golden questions in the gate's part can show, and what more of them would.

    `questions` is how many questions they are, where some are near-duplicates of one another.
    """
    limits = limits or Limits()
    judging = how_many("golden questions", {"n": n_gate, "questions": n_gate if questions is None else questions})
    if n_gate < limits.at_least.golden:
        pairs = SplitRules().pairs_to_add(n_gate, limits.at_least.golden)
        return (
            f"{judging} judge, and at least {limits.at_least.golden} are needed to: about {pairs} more "
            "golden pairs would do."
        )
    alpha = NIGHT_SHARE * Spending().at_first
    shows = gain_that_shows(n_gate, alpha)
    sentence = f"{judging} judge; they can show a gain of {shows:.2f} in ndcg@10."
    for target in _TARGETS:
        if target < shows - 0.005:
            pairs = SplitRules().pairs_to_add(n_gate, questions_needed(np.empty(0), target, alpha))
            return f"{sentence} About {pairs} more golden pairs would show {target:.2f}."
    return sentence
