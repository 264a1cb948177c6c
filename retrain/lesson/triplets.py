"""Labels become triplets: people's own negatives first and always, then mined ones, never an invented positive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from retrain.lesson.labels import Anchor, Label

TripletKind = Literal["voted", "mined", "random"]


@dataclass(frozen=True, slots=True)
class Triplet:
    """`negative_chunk_id` is None where the corpus has no chunk that could be one. `kind` is the negative's origin."""

    anchor: Anchor
    positive_chunk_id: int
    negative_chunk_id: int | None
    kind: TripletKind
    weight: float


@dataclass(frozen=True, slots=True)
class Positive:
    """An anchor with one right chunk, and everything people said about that anchor."""

    anchor: Anchor
    chunk_id: int
    weight: float
    right: frozenset[int]
    wrong: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """All that training knows of one positive: `voted` negatives are people's own, `mined` all others."""

    anchor: Anchor
    positive_chunk_id: int
    voted: tuple[int, ...]
    mined: tuple[int, ...]
    weight: float


Miner = Callable[[Sequence[Positive]], Sequence[Sequence[tuple[int, TripletKind]]]]
"""Gives each positive its mined negatives: (chunk id, "mined" or "random")."""


def positives_of(labels: Sequence[Label]) -> list[Positive]:
    """Every up-label, with what else is known of its anchor; an anchor with down-labels only gives none.

    The negatives that people gave come with the most believed first.
    """
    by_anchor: dict[Anchor, list[Label]] = defaultdict(list)
    for label in labels:
        by_anchor[label.anchor].append(label)
    found = []
    for anchor in sorted(by_anchor):
        right = frozenset(label.chunk_id for label in by_anchor[anchor] if label.value > 0)
        down = sorted((label for label in by_anchor[anchor] if label.value < 0), key=lambda d: (-d.weight, d.chunk_id))
        wrong = tuple(label.chunk_id for label in down)
        for label in sorted(by_anchor[anchor], key=lambda up: up.chunk_id):
            if label.value > 0:
                found.append(Positive(anchor, label.chunk_id, label.weight, right, wrong))
    return found


def build_triplets(labels: Sequence[Label], mine: Miner) -> list[Triplet]:
    """One triplet for each positive and each of its negatives: all that people gave, then the mined ones.

    No filter touches a negative that people gave. A positive without any negative keeps one triplet without, for it
    still learns against the other rows of its batch.
    """
    positives = positives_of(labels)
    triplets = []
    for positive, mined in zip(positives, mine(positives), strict=True):
        negatives: dict[int, TripletKind] = {chunk_id: "voted" for chunk_id in positive.wrong}
        for chunk_id, kind in mined:
            if chunk_id not in positive.right:
                negatives.setdefault(chunk_id, kind)
        for chunk_id, kind in negatives.items():
            triplets.append(Triplet(positive.anchor, positive.chunk_id, chunk_id, kind, positive.weight))
        if not negatives:
            triplets.append(Triplet(positive.anchor, positive.chunk_id, None, "random", positive.weight))
    return triplets


def training_rows(triplets: Sequence[Triplet]) -> list[TrainingRow]:
    """Gather triplets by anchor and positive, in their order."""
    gathered: dict[tuple[Anchor, int], list[Triplet]] = defaultdict(list)
    for triplet in triplets:
        gathered[triplet.anchor, triplet.positive_chunk_id].append(triplet)
    rows = []
    for (anchor, positive), own in gathered.items():
        voted = tuple(t.negative_chunk_id for t in own if t.kind == "voted" and t.negative_chunk_id is not None)
        mined = tuple(t.negative_chunk_id for t in own if t.kind != "voted" and t.negative_chunk_id is not None)
        rows.append(TrainingRow(anchor, positive, voted, mined, own[0].weight))
    return rows


def known_positives(labels: Sequence[Label]) -> Mapping[Anchor, frozenset[int]]:
    """The chunks that people call right, by anchor."""
    right: dict[Anchor, set[int]] = defaultdict(set)
    for label in labels:
        if label.value > 0:
            right[label.anchor].add(label.chunk_id)
    return {anchor: frozenset(chunks) for anchor, chunks in right.items()}
