"""What a night teaches: a snapshot split into train and gate, the first as rows with hard negatives."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from db.scale import measure_scale
from db.trained_questions import Source
from db.vectors import StoredVectors
from retrain.labels import (
    Anchor,
    Judgement,
    Label,
    LabelRules,
    believe_by_rank,
    labels_from_pairs,
    labels_from_synthetic,
    labels_from_votes,
)
from retrain.mine import MiningRules, copies_of, mine_negatives, right_nearby
from retrain.reliability import weigh_people
from retrain.snapshot import Snapshot
from retrain.split import Asked, Kind, Part, SplitRules, cluster_questions, normalise_question, split_questions
from retrain.synthetic import sift_questions
from retrain.triplets import Positive, TrainingRow, Triplet, TripletKind, build_triplets, known_positives, training_rows


@dataclass(frozen=True, slots=True)
class Lesson:
    """Everything that the rest of the night needs; `part_of` covers every anchor of `labels`.

    `right` has the passages that are known to be right for a question that trains, or for one like it, and copies of
    them: none of these stands against that question.
    `dropped` counts what isn't learnt from, by why: people, their votes, synthetic questions.
    `cluster_of` has the same number for people's questions that are near-duplicates of one another.
    `spent` golden questions trained before, themselves or near-duplicates of theirs, and never judge.
    """

    labels: tuple[Label, ...]
    part_of: Mapping[Anchor, Part]
    triplets: tuple[Triplet, ...]
    rows: tuple[TrainingRow, ...]
    right: Mapping[Anchor, frozenset[int]]
    dropped: Mapping[str, int] = field(default_factory=dict)
    cluster_of: Mapping[Anchor, int] = field(default_factory=dict)
    spent: int = 0

    @property
    def learnt_from(self) -> int:
        """Questions of people with a right passage in the training part."""
        return len({row.anchor for row in self.rows if row.anchor.kind != "synthetic"})

    def judging(self, kind: str) -> list[Anchor]:
        """The gate's anchors of one kind, in order."""
        return sorted(anchor for anchor, own in self.part_of.items() if own == "gate" and anchor.kind == kind)

    def taught(self, snapshot: Snapshot) -> dict[Source, str]:
        """The texts of people's questions that the rows train on."""
        own = {row.anchor for row in self.rows if row.anchor.kind != "synthetic"}
        return {_source_of(anchor): snapshot.anchors[anchor].text for anchor in sorted(own)}

    def clusters_of(self, anchors: Sequence[Anchor]) -> NDArray[np.int64]:
        """`(n,)` the cluster of each; one of its own, below 0, for an anchor that isn't known."""
        return np.array([self.cluster_of.get(anchor, -1 - n) for n, anchor in enumerate(anchors)], dtype=np.int64)

    def fingerprint(self) -> str:
        """The same for lessons with the same split, the same rows, and the same passages right for them."""
        right = [(anchor, sorted(own)) for anchor, own in sorted(self.right.items())]
        content = repr((sorted(self.part_of.items()), self.rows, right))
        return hashlib.sha256(content.encode()).hexdigest()

    def counts(self) -> dict[str, int]:
        """Figures for the run's row."""
        kinds = Counter(triplet.kind for triplet in self.triplets)
        parts = Counter(f"{part}_{anchor.kind}s" for anchor, part in self.part_of.items())
        return {
            "labels": len(self.labels),
            "rows": len(self.rows),
            "learnt_from": self.learnt_from,
            **{f"triplets_{kind}": count for kind, count in sorted(kinds.items())},
            **dict(sorted(parts.items())),
            "spent_pairs": self.spent,
            **self.dropped,
        }


def prepare_lesson(
    snapshot: Snapshot,
    questions: Mapping[Anchor, NDArray[np.float32]],
    stored: StoredVectors,
    *,
    seed: int,
    rules: LabelRules = LabelRules(),  # noqa: B008 - frozen
    mining: MiningRules = MiningRules(),  # noqa: B008
) -> Lesson:
    """Labels, the split by question cluster, and triplets with negatives mined from the stored vectors.

    Synthetic questions that pass their filters join what trains, after the split: they can't change who judges.

    Args:
        snapshot: votes, curated pairs and synthetic questions.
        questions: each anchor's vector `(dim,)` by the encoder that made `stored`.
        stored: the serving generation's vectors.
        seed: of the split and of random negatives.
        rules: what of the votes is believed.
        mining: which negatives are added to people's own.
    """
    place = {int(chunk_id): row for row, chunk_id in enumerate(stored.chunk_ids)}
    pairs = labels_from_pairs(snapshot.chunks_of_pair, snapshot.marked)
    judged = labels_from_votes(snapshot.judgements, replace(rules, min_agreement=0.0))
    asked = sorted({label.anchor for label in judged + pairs if label.chunk_id in place})
    part_of, cluster_of, spent = _split(snapshot, asked, questions, seed)

    # Who is reliable is told by what trains, for what trains: those who are at odds with what serves have their say
    # where a candidate is judged.
    reliable = weigh_people([vote for vote in snapshot.judgements if _trains(vote, part_of)], rules)
    judging = [label for label in _believed(snapshot.judgements, rules) if part_of.get(label.anchor) != "train"]
    voted = sorted(judging + _believed(reliable.judgements, rules), key=lambda own: (own.anchor, own.chunk_id))
    voted = _undisputed(voted, pairs, snapshot)
    labels = [label for label in voted + pairs if label.chunk_id in place and label.anchor in part_of]
    part_of = {anchor: part_of[anchor] for anchor in sorted({label.anchor for label in labels})}
    written = sift_questions(snapshot, questions, stored)
    labels += (synthetic := labels_from_synthetic(written.kept))
    part_of |= {label.anchor: "train" for label in synthetic}
    taught = [label for label in labels if part_of[label.anchor] == "train"]
    # of what is learnt from and judged by: what earlier nights trained on must not make another lesson of the same
    vectors = (
        np.stack([questions[anchor] for anchor in sorted(part_of)])
        if part_of
        else np.empty((0, stored.vectors.shape[1]), np.float32)
    )
    duplicate = measure_scale(stored.vectors).at(mining.duplicate)
    right = _with_copies(known_positives(taught), stored, place, duplicate)
    right = right_nearby(right, questions, measure_scale(vectors).at(mining.similar_question))

    def mine(positives: Iterable[Positive]) -> list[list[tuple[int, TripletKind]]]:
        wanted = list(positives)
        if not wanted:
            return []
        found = mine_negatives(
            np.stack([questions[positive.anchor] for positive in wanted]),
            [place[positive.chunk_id] for positive in wanted],
            stored.vectors,
            [[place[chunk_id] for chunk_id in right[positive.anchor]] for positive in wanted],
            [[place[chunk_id] for chunk_id in positive.wrong] for positive in wanted],
            [positive.anchor.is_given for positive in wanted],
            seed=seed,
            rules=mining,
            scale=measure_scale(vectors, stored.vectors),
        )
        return [[(int(stored.chunk_ids[n.row]), "random" if n.random else "mined") for n in own] for own in found]

    triplets = tuple(build_triplets(taught, mine))
    left_out = {"people_left_out": reliable.people, "votes_left_out": reliable.votes}
    return Lesson(
        tuple(labels),
        part_of,
        triplets,
        tuple(training_rows(triplets)),
        right,
        {**left_out, **written.dropped},
        cluster_of,
        len(spent),
    )


def _believed(votes: Sequence[Judgement], rules: LabelRules) -> list[Label]:
    return believe_by_rank(labels_from_votes(votes, rules), votes, rules.slip_rate)


def _undisputed(voted: Sequence[Label], given: Sequence[Label], snapshot: Snapshot) -> list[Label]:
    """Less each 👎 on what somebody gave as right for that very question: nothing is learnt where people disagree."""

    def about(label: Label) -> tuple[str, int]:
        return normalise_question(snapshot.anchors[label.anchor].text), label.chunk_id

    right = {about(label) for label in given}
    return [label for label in voted if label.value > 0 or about(label) not in right]


def _with_copies(
    right: Mapping[Anchor, frozenset[int]], stored: StoredVectors, place: Mapping[int, int], duplicate: float
) -> dict[Anchor, frozenset[int]]:
    rows = {anchor: [place[chunk_id] for chunk_id in own] for anchor, own in right.items()}
    copies = copies_of({row for own in rows.values() for row in own}, stored.vectors, duplicate)
    return {
        anchor: frozenset(int(stored.chunk_ids[copy]) for row in own for copy in copies[row])
        for anchor, own in rows.items()
    }


def _trains(vote: Judgement, part_of: Mapping[Anchor, Part]) -> bool:
    return part_of.get(Anchor("question", vote.question_id)) == "train"


def _split(
    snapshot: Snapshot, anchors: Sequence[Anchor], questions: Mapping[Anchor, NDArray[np.float32]], seed: int
) -> tuple[dict[Anchor, Part], dict[Anchor, int], list[Anchor]]:
    """Each anchor's part, the number of its cluster, and the golden ones that can't judge since they trained.

    What trained before is clustered with the rest as it read then, whether it is still there or not: whatever ends up
    in a cluster with it, through whichever others, has trained.
    """
    if not anchors:
        return {}, {}, []
    texts = [snapshot.anchors[anchor].text for anchor in anchors]
    there = set(texts)
    gone = {own.text: Anchor("trained", own.id) for own in snapshot.trained if own.text not in there}
    vectors = np.stack([questions[anchor] for anchor in (*anchors, *gone.values())])
    clusters = cluster_questions([*texts, *gone], vectors, SplitRules().near_duplicate)
    of_anchors = clusters[: len(anchors)]
    words = {own.text for own in snapshot.trained}
    sources = {source for own in snapshot.trained for source in (("question", own.question_id), ("pair", own.pair_id))}
    trained = np.array(
        [text in words or _source_of(anchor) in sources for anchor, text in zip(anchors, texts, strict=True)]
    )
    trained = np.isin(of_anchors, [*of_anchors[trained], *clusters[len(anchors) :]])
    asked = [
        Asked(text, _kind_of(anchor, snapshot), snapshot.anchors[anchor].asked_s, bool(before))
        for anchor, text, before in zip(anchors, texts, trained, strict=True)
    ]
    parts = split_questions(asked, vectors[: len(anchors)], seed=seed, clusters=of_anchors)
    spent = [anchor for anchor, own in zip(anchors, asked, strict=True) if own.trained and own.kind == "golden"]
    return (
        dict(zip(anchors, parts, strict=True)),
        dict(zip(anchors, of_anchors.tolist(), strict=True)),
        spent,
    )


def _source_of(anchor: Anchor) -> Source:
    return ("question" if anchor.kind == "question" else "pair"), anchor.id


def _kind_of(anchor: Anchor, snapshot: Snapshot) -> Kind:
    if anchor.kind == "pair":
        return "golden"
    return "explored" if anchor.kind == "question" and anchor.id in snapshot.explored else "voted"
