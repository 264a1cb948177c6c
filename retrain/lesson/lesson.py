"""What a night teaches: a snapshot split into train and gate, the first as rows with hard negatives."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from db.generations import StoredVectors
from db.nights import QuestionOrPair
from retrain.lesson.labels import (
    Anchor,
    Judgement,
    Label,
    LabelRules,
    labels_beside,
    labels_from_pairs,
    labels_from_synthetic,
    labels_from_votes,
)
from retrain.lesson.mine import MiningRules
from retrain.lesson.negatives import Corpus, find_right, mine_for
from retrain.lesson.parts import Parts, divide_anchors, source_of
from retrain.lesson.reliability import Reliable, weigh_people
from retrain.lesson.slips import believe_by_rank
from retrain.lesson.snapshot import Snapshot
from retrain.lesson.split import Part, normalise_question
from retrain.lesson.synthetic import sift_questions
from retrain.lesson.triplets import TrainingRow, Triplet, build_triplets, known_positives, training_rows
from retrain.measures import WITHOUT_WORDS, Words


@dataclass(frozen=True, slots=True)
class Lesson:
    """Everything that the rest of the night needs; `part_of` covers every anchor of `labels`.

    `right` has the passages that are known to be right for a question that trains, or for one like it, and copies of
    them: none of these stands against that question.
    `snapshot` is what it was made of.
    `dropped` counts what isn't learnt from, by why: people, their votes, synthetic questions.
    `cluster_of` has the same number for people's questions that are near-duplicates of one another.
    `spent` golden questions trained before, themselves or near-duplicates of theirs, and never judge.
    """

    snapshot: Snapshot
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

    def taught(self) -> dict[QuestionOrPair, str]:
        """The texts of people's questions that the rows train on."""
        own = {row.anchor for row in self.rows if row.anchor.kind != "synthetic"}
        return {source_of(anchor): self.snapshot.anchors[anchor].text for anchor in sorted(own)}

    def sources(self) -> set[QuestionOrPair]:
        """People's questions and pairs that anything is learnt from: by the encoder, or by the ranking alone."""
        return {source_of(own) for own, part in self.part_of.items() if part == "train" and own.kind != "synthetic"}

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
    mining: MiningRules | None = MiningRules(),  # noqa: B008
    words: Words = WITHOUT_WORDS,
) -> Lesson:
    """Labels, the split by question cluster, and triplets with negatives mined from what is served.

    Synthetic questions that pass their filters join what trains, after the split: they can't change who judges.

    Args:
        snapshot: votes, curated pairs and synthetic questions.
        questions: each anchor's vector `(dim,)` by the encoder that made `stored`.
        stored: the serving generation's vectors.
        seed: of the split and of random negatives.
        rules: what of the votes is believed.
        mining: which negatives are added to people's own; None: none.
        words: what is served by beside the vectors.
    """
    asked = {anchor: own.asked for anchor, own in snapshot.anchors.items()}
    corpus = Corpus(stored, questions, asked, words)
    parts = _divide(snapshot, corpus, rules, seed)
    # Who is reliable is told by what trains, for what trains: those who are at odds with what serves have their say
    # where a candidate is judged.
    reliable = weigh_people([vote for vote in snapshot.judgements if parts.trains(_asked_in(vote))], rules)
    labels = _labels_of_people(snapshot, corpus, parts, reliable, rules)
    part_of = {anchor: parts.of[anchor] for anchor in sorted({label.anchor for label in labels})}
    written = sift_questions(snapshot, questions, stored)
    labels += (synthetic := labels_from_synthetic(written.kept))
    part_of |= {label.anchor: "train" for label in synthetic}

    taught = [label for label in labels if part_of[label.anchor] == "train"]
    taught += _beside(taught, snapshot, corpus, rules)
    right, triplets = _with_negatives(taught, corpus, sorted(part_of), mining, seed)
    left_out = {"people_left_out": reliable.people, "votes_left_out": reliable.votes}
    return Lesson(
        snapshot,
        tuple(labels),
        part_of,
        tuple(triplets),
        tuple(training_rows(triplets)),
        right,
        {**left_out, **written.dropped},
        parts.cluster_of,
        parts.spent,
    )


def _divide(snapshot: Snapshot, corpus: Corpus, rules: LabelRules, seed: int) -> Parts:
    """Puts every question that somebody labelled in a part, whether people agree on it or not."""
    judged = labels_from_votes(snapshot.judgements, replace(rules, min_agreement=0.0))
    given = labels_from_pairs(snapshot.chunks_of_pair, snapshot.marked)
    asked = sorted({label.anchor for label in judged + given if label.chunk_id in corpus})
    return divide_anchors(snapshot, asked, corpus.questions, seed=seed)


def _labels_of_people(
    snapshot: Snapshot, corpus: Corpus, parts: Parts, reliable: Reliable, rules: LabelRules
) -> list[Label]:
    """What votes and pairs say of chunks that are there."""
    given = labels_from_pairs(snapshot.chunks_of_pair, snapshot.marked)
    voted = _undisputed(_voted(snapshot, parts, reliable, rules), given, snapshot)
    return [label for label in voted + given if label.chunk_id in corpus and label.anchor in parts.of]


def _with_negatives(
    taught: Sequence[Label], corpus: Corpus, anchors: Sequence[Anchor], mining: MiningRules | None, seed: int
) -> tuple[Mapping[Anchor, frozenset[int]], list[Triplet]]:
    """What is right for each question, and triplets."""
    if mining is None:
        return known_positives(taught), build_triplets(taught, lambda positives: [()] * len(positives))
    # of what is learnt from and judged by: what earlier nights trained on must not make another lesson of the same
    among = corpus.vectors_of(anchors)
    right = find_right(taught, corpus, among, mining)
    return right, build_triplets(taught, lambda own: mine_for(own, right, corpus, among, mining, seed=seed))


def _beside(taught: Sequence[Label], snapshot: Snapshot, corpus: Corpus, rules: LabelRules) -> list[Label]:
    """What votes say of passages beside the leading ones, where nothing else is said of those: to learn from alone.

    Whoever judges counts documents, and what leads stands for those.
    """
    given = labels_from_pairs(snapshot.chunks_of_pair, snapshot.marked)
    found = _undisputed(labels_beside(taught, snapshot.judgements, rules), given, snapshot)
    said = {(label.anchor, label.chunk_id) for label in taught}
    return [own for own in found if own.chunk_id in corpus and (own.anchor, own.chunk_id) not in said]


def _asked_in(vote: Judgement) -> Anchor:
    return Anchor("question", vote.question_id)


def _voted(snapshot: Snapshot, parts: Parts, reliable: Reliable, rules: LabelRules) -> list[Label]:
    """What votes say: of what trains, those of reliable people; of all else, everybody's."""
    judging = [label for label in _believed(snapshot.judgements, rules) if not parts.trains(label.anchor)]
    return sorted(judging + _believed(reliable.judgements, rules), key=lambda own: (own.anchor, own.chunk_id))


def _believed(votes: Sequence[Judgement], rules: LabelRules) -> list[Label]:
    return believe_by_rank(labels_from_votes(votes, rules), votes, rules.slip_rate)


def _undisputed(voted: Sequence[Label], given: Sequence[Label], snapshot: Snapshot) -> list[Label]:
    """Less each 👎 on what somebody gave as right for that very question: nothing is learnt where people disagree."""

    def about(label: Label) -> tuple[str, int]:
        return normalise_question(snapshot.anchors[label.anchor].text), label.chunk_id

    right = {about(label) for label in given}
    return [label for label in voted if label.value > 0 or about(label) not in right]
