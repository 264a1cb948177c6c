"""From labels and the lists that were served to choices that a ranking should have made; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from db.answers import Ranked
from retrain.lesson import Anchor, Label


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A question whose right passages should have come before its wrong ones.

    Args:
        right: `(a, len(FEATURES))`, a ≥ 1, the features of those that people voted up.
        wrong: `(b, len(FEATURES))`, b ≥ 1, of those that they voted down, and of those that nobody was shown.
        weight: how much it is to be believed, 1 being one person's plain word; neither more people nor the same
            question asked again make it more.
    """

    right: NDArray[np.float64]
    wrong: NDArray[np.float64]
    weight: float = 1.0


def choices_of(
    labels: Iterable[Label], served: Mapping[Anchor, Sequence[Ranked]], cluster_of: Mapping[Anchor, int] | None = None
) -> list[Choice]:
    """A choice for each question that has both.

    What nobody was shown counts as wrong. People vote among the five that the ranking liked best: those have their
    features *because* they were shown, so among them each feature seems to do harm where another is high (collider
    bias), and weights fitted to them alone lead anywhere. Of documents that somebody voted up nothing is wrong, nor is
    what says the same in other documents; what was shown and not voted on says nothing.

    Args:
        labels: what votes say of a question and a passage.
        served: the list that each question got.
        cluster_of: the same number for questions that are near-duplicates: all together they weigh as much as one.
    """
    ordered = sorted(labels, key=lambda label: label.anchor)
    choice_of = {
        anchor: choice
        for anchor, own in groupby(ordered, key=lambda label: label.anchor)
        if (choice := _choice({label.chunk_id: label for label in own}, served.get(anchor, ())))
    }
    clusters: list[Hashable] = [(cluster_of or {}).get(anchor, anchor) for anchor in choice_of]
    size_of = Counter(clusters)
    return [
        replace(choice, weight=choice.weight / size_of[cluster])
        for choice, cluster in zip(choice_of.values(), clusters, strict=True)
    ]


def _choice(label_of: Mapping[int, Label], listed: Sequence[Ranked]) -> Choice | None:
    said = {own: label_of[own.chunk_id] for own in listed if own.chunk_id in label_of}
    right = [own for own, label in said.items() if label.value > 0]
    right_documents = {own.document_id for own in right}
    right_copies = {own.copy for own in right}
    shown_documents = {own.document_id for own in listed if own.shown}
    wrong = [
        own
        for own in listed
        if own.document_id not in right_documents
        and own.copy not in right_copies
        and (own in said or own.document_id not in shown_documents)
    ]
    if not (right and wrong):
        return None
    weight = min(1.0, max(said[own].weight for own in right))
    return Choice(np.array([own.features for own in right]), np.array([own.features for own in wrong]), weight)
