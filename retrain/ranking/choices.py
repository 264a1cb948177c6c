"""From labels and the lists that were served to choices that a ranking should have made; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
        weight: how much it is to be believed, 1 being one person's plain word; more people make it no more.
    """

    right: NDArray[np.float64]
    wrong: NDArray[np.float64]
    weight: float = 1.0


def choices_of(labels: Iterable[Label], served: Mapping[Anchor, Sequence[Ranked]]) -> list[Choice]:
    """A choice for each question that has both.

    What nobody was shown counts as wrong. People vote among the five that the ranking liked best: those have their
    features *because* they were shown, so among them each feature seems to do harm where another is high (collider
    bias), and weights fitted to them alone lead anywhere. Of documents that somebody voted up nothing is wrong, nor is
    what says the same in other documents; what was shown and not voted on says nothing.

    Args:
        labels: what votes say of a question and a passage.
        served: the list that each question got.
    """
    ordered = sorted(labels, key=lambda label: label.anchor)
    return [
        choice
        for anchor, own in groupby(ordered, key=lambda label: label.anchor)
        for choice in _choices({label.chunk_id: label for label in own}, served.get(anchor, ()))
    ]


def _choices(label_of: Mapping[int, Label], listed: Sequence[Ranked]) -> Iterator[Choice]:
    said = {own: label_of[own.chunk_id] for own in listed if own.chunk_id is not None and own.chunk_id in label_of}
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
    if right and wrong:
        weight = min(1.0, max(said[own].weight for own in right))
        yield Choice(np.array([own.features for own in right]), np.array([own.features for own in wrong]), weight)
