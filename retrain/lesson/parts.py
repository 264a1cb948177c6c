"""Which of a night's questions train and which judge, seeing what trained before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from db.nights import QuestionOrPair
from retrain.lesson.labels import Anchor
from retrain.lesson.snapshot import Snapshot
from retrain.lesson.split import Asked, Kind, Part, SplitRules, cluster_questions, split_questions


@dataclass(frozen=True, slots=True)
class Parts:
    """`of` has each anchor's part, `cluster_of` the same number for near-duplicates.

    `spent` golden questions trained before, themselves or near-duplicates of theirs, and never judge.
    """

    of: Mapping[Anchor, Part] = field(default_factory=dict)
    cluster_of: Mapping[Anchor, int] = field(default_factory=dict)
    spent: int = 0

    def trains(self, anchor: Anchor) -> bool:
        """Whether it is in the part that is learnt from."""
        return self.of.get(anchor) == "train"


def divide_anchors(
    snapshot: Snapshot, anchors: Sequence[Anchor], questions: Mapping[Anchor, NDArray[np.float32]], *, seed: int
) -> Parts:
    """Puts each anchor in a part.

    What trained before is clustered with the rest as it read then, whether it is still there or not: whatever ends up
    in a cluster with it, through whichever others, has trained.

    Args:
        snapshot: what people said, and what earlier nights trained on.
        anchors: those that somebody labelled, in order.
        questions: the vector `(dim,)` of each of them, and of each that trained before.
        seed: of the draws.
    """
    if not anchors:
        return Parts()
    texts = [snapshot.anchors[anchor].text for anchor in anchors]
    there = set(texts)
    gone = {own.text: Anchor("trained", own.id) for own in snapshot.trained if own.text not in there}
    vectors = np.stack([questions[anchor] for anchor in (*anchors, *gone.values())])
    clusters = cluster_questions([*texts, *gone], vectors, SplitRules().near_duplicate)
    of_anchors = clusters[: len(anchors)]
    trained = np.isin(of_anchors, [*of_anchors[_trained_before(snapshot, anchors, texts)], *clusters[len(anchors) :]])
    asked = [
        Asked(text, _kind_of(anchor, snapshot), snapshot.anchors[anchor].asked_s, bool(before))
        for anchor, text, before in zip(anchors, texts, trained, strict=True)
    ]
    parts = split_questions(asked, vectors[: len(anchors)], seed=seed, clusters=of_anchors)
    return Parts(
        dict(zip(anchors, parts, strict=True)),
        dict(zip(anchors, of_anchors.tolist(), strict=True)),
        sum(own.trained and own.kind == "golden" for own in asked),
    )


def source_of(anchor: Anchor) -> QuestionOrPair:
    """The question or pair that an anchor of people's is."""
    return ("question" if anchor.kind == "question" else "pair"), anchor.id


def _trained_before(snapshot: Snapshot, anchors: Sequence[Anchor], texts: Sequence[str]) -> NDArray[np.bool_]:
    """`(n,)` whether each trained itself, or its very words did."""
    words = {own.text for own in snapshot.trained}
    sources = {source for own in snapshot.trained for source in (("question", own.question_id), ("pair", own.pair_id))}
    own = zip(anchors, texts, strict=True)
    return np.array([text in words or source_of(anchor) in sources for anchor, text in own])


def _kind_of(anchor: Anchor, snapshot: Snapshot) -> Kind:
    if anchor.kind == "pair":
        return "golden"
    return "explored" if anchor.kind == "question" and anchor.id in snapshot.explored else "voted"
