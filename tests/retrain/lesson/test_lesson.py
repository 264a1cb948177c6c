"""From votes to a lesson: who isn't listened to where it trains still has a say where it judges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from db.generations import StoredVectors
from db.nights import TrainedQuestion
from retrain.lesson import parts as parts_module
from retrain.lesson import split as split_module
from retrain.lesson.labels import BESIDE_SHARE, Anchor, Judgement, LabelRules
from retrain.lesson.lesson import Lesson, prepare_lesson
from retrain.lesson.snapshot import AnchorText, Snapshot
from retrain.lesson.split import SplitRules
from tests.retrain.lesson.test_reliability import company, lies, votes_of
from tests.scales import lifted
from tests.synthetic import unit_vectors

STORED = StoredVectors(np.arange(40), np.ones(40, dtype=np.int64), unit_vectors(40, seed=1))
STORED_8 = StoredVectors(np.arange(40), np.ones(40, dtype=np.int64), unit_vectors(40, 8, seed=1))


def lesson_of(judgements: list[Judgement], rules: LabelRules | None = None) -> Lesson:
    anchors = sorted({Anchor("question", vote.question_id) for vote in judgements})
    vectors = unit_vectors(len(anchors), seed=2)
    snapshot = Snapshot(tuple(judgements), {}, {anchor: AnchorText(f"q{anchor.id}", 0.0) for anchor in anchors})
    questions = dict(zip(anchors, vectors, strict=True))
    return prepare_lesson(snapshot, questions, STORED, seed=0, rules=rules or LabelRules())


def test_a_liar_teaches_nothing_and_judges_as_everybody() -> None:
    honest, lied = company(), votes_of("x", lies, 60)
    lesson = lesson_of(honest + lied)

    theirs = {Anchor("question", vote.question_id) for vote in lied}
    assert not theirs & {row.anchor for row in lesson.rows}
    judging = set(lesson.judging("question"))
    assert theirs & judging
    counts = lesson.counts()
    assert counts["people_left_out"] == 1
    assert counts["votes_left_out"] == sum(Anchor("question", vote.question_id) not in judging for vote in lied)
    everybody = lesson_of(honest + lied, LabelRules(min_reliability=0.0))
    assert theirs & {row.anchor for row in everybody.rows}
    assert everybody.counts()["people_left_out"] == 0


def test_where_a_liar_contradicts_somebody_the_other_one_is_believed() -> None:
    honest = company()
    contradicted = [
        Judgement("x", vote.question_id, vote.chunk_id, 1 if vote.value < 0 else -1, 0.0, rank=vote.rank)
        for vote in honest[:100]
    ]
    lesson = lesson_of(honest + contradicted + votes_of("x", lies, 60))
    undisturbed = lesson_of(honest)
    own = {vote.question_id for vote in honest[:100]}

    def taught(one: Lesson) -> set[tuple[int, int]]:
        return {(row.anchor.id, row.positive_chunk_id) for row in one.rows if row.anchor.id in own}

    gate = {anchor.id for anchor in lesson.judging("question")}
    assert taught(lesson)
    assert {pair for pair in taught(undisturbed) if pair[0] not in gate} <= taught(lesson)


def test_labels_of_one_question_are_of_one_part() -> None:
    lesson = lesson_of(company() + votes_of("x", lies, 60))
    assert set(lesson.part_of) == {label.anchor for label in lesson.labels}
    assert len({(label.anchor, label.chunk_id) for label in lesson.labels}) == len(lesson.labels)


def test_old_votes_teach_less_than_new_ones() -> None:
    honest = company()
    newest = max(vote.question_id for vote in honest)
    aged = [replace(vote, occurred_s=0.0 if vote.question_id < newest else 730 * 86_400.0) for vote in honest]
    fresh, old = lesson_of(honest), lesson_of(aged)
    weights = {row.anchor: row.weight for row in fresh.rows}
    ratios = [row.weight / weights[row.anchor] for row in old.rows if row.anchor.id < newest]
    assert ratios  # a quarter of each, but for what caps and ranks make of the rest
    assert max(ratios) < 0.5


class Years:
    """A golden set and votes as they grow, change and go, with nights that note what they train on."""

    def __init__(self, seed: int) -> None:
        self.draw = np.random.default_rng(seed)
        self.directions = unit_vectors(60, 64, seed=seed)
        self.jitter = unit_vectors(400, 64, seed=seed + 1)
        self.texts: dict[Anchor, tuple[str, int]] = {}
        self.trained: list[TrainedQuestion] = []
        self.topic_of: dict[str, int] = {}
        self.ids = iter(range(1, 10_000))

    def vector(self, text: str) -> NDArray[np.float32]:
        """Those of one topic are near-duplicates."""
        noise = self.jitter[int(text.split()[-1]) % len(self.jitter)]
        vector = self.directions[self.topic_of[text]] + 0.15 * noise
        return (vector / np.linalg.norm(vector)).astype(np.float32)

    def ask(self, kind: str, topic: int) -> None:
        number = next(self.ids)
        text = f"topic {topic} wording {number}"
        self.topic_of[text] = topic
        self.texts[Anchor(kind, number)] = text, topic  # type: ignore[arg-type]

    def live(self) -> None:
        """A day: questions come, old ones are reworded, deleted, and taken in again under another id."""
        for _ in range(int(self.draw.integers(5, 40))):
            self.ask(str(self.draw.choice(["pair", "pair", "question"])), int(self.draw.integers(0, 60)))
        for anchor in [own for own in self.texts if self.draw.random() < 0.1]:
            text, topic = self.texts.pop(anchor)
            match int(self.draw.integers(0, 3)):
                case 0:
                    other = int(self.draw.integers(0, 60))
                    reworded = f"topic {other} reworded {next(self.ids)}"
                    self.topic_of[reworded] = other
                    self.texts[anchor] = reworded, other
                case 1:
                    self.texts[Anchor("pair", next(self.ids))] = text, topic

    def night(self) -> Lesson:
        """Splits, and notes what trains."""
        anchors = {anchor: AnchorText(text, float(anchor.id)) for anchor, (text, _) in self.texts.items()}
        votes = tuple(
            Judgement("ann", anchor.id, anchor.id % 40, 1, 0.0, rank=1)
            for anchor in anchors
            if anchor.kind == "question"
        )
        pairs = {anchor.id: (anchor.id % 40,) for anchor in anchors if anchor.kind == "pair"}
        snapshot = Snapshot(votes, pairs, anchors, trained=tuple(self.trained))
        questions = {anchor: self.vector(text) for anchor, text in snapshot.texts().items()}
        stored = StoredVectors(np.arange(40), np.ones(40, dtype=np.int64), unit_vectors(40, 64, seed=9))
        lesson = prepare_lesson(snapshot, questions, stored, seed=0)
        for (kind, id_), text in lesson.taught().items():
            ids = (id_, None) if kind == "question" else (None, id_)
            self.trained.append(TrainedQuestion(len(self.trained) + 1, *ids, text))
        return lesson


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_what_trained_once_never_judges_nor_anything_like_it_however_the_set_changes(seed: int) -> None:
    years = Years(seed)
    for _ in range(6):
        years.live()
        before = list(years.trained)
        lesson = years.night()
        judging = [*lesson.judging("pair"), *lesson.judging("question")]
        assert not {anchor.id for anchor in judging} & {own.pair_id or own.question_id for own in before}
        taught = [years.vector(own.text) for own in before] + [
            years.vector(years.texts[row.anchor][0]) for row in lesson.rows
        ]
        if judging and taught:
            vectors = np.stack([years.vector(years.texts[anchor][0]) for anchor in judging])
            assert (vectors @ np.stack(taught).T).max() < 0.9


def test_a_lesson_is_the_same_again_after_it_was_noted_that_it_trained() -> None:
    years = Years(3)
    for _ in range(3):
        years.live()
    first = years.night()
    again = years.night()
    assert first.judging("pair") and first.judging("question")
    assert again.part_of == first.part_of
    assert again.fingerprint() == first.fingerprint()
    assert again.spent and not first.spent


def test_a_question_that_trained_never_judges_as_a_golden_pair_and_the_other_way_round() -> None:
    vectors = np.eye(8, dtype=np.float32)
    anchors = [Anchor("pair", 1), Anchor("question", 7), Anchor("pair", 3), Anchor("question", 4)]
    texts = {anchor: AnchorText(f"{number} alone", 0.0) for number, anchor in enumerate(anchors)}
    votes = (Judgement("ann", 7, 5, 1, 0.0, rank=1), Judgement("ann", 4, 6, 1, 0.0, rank=1))

    def judges(*trained: TrainedQuestion) -> set[Anchor]:
        snapshot = Snapshot(votes, {1: (5,), 3: (6,)}, texts, trained=trained)
        own = dict(zip([*anchors, *(Anchor("trained", one.id) for one in trained)], vectors, strict=False))
        with pytest.MonkeyPatch.context() as patch:
            shares = {"golden": 1.0, "explored": 1.0, "voted": 1.0}
            patch.setattr(parts_module, "SplitRules", lambda: SplitRules(shares=shares))
            patch.setattr(split_module, "SplitRules", lambda: SplitRules(shares=shares))
            lesson = prepare_lesson(snapshot, own, STORED_8, seed=0)
        return {anchor for anchor, part in lesson.part_of.items() if part == "gate"}

    assert judges() == set(anchors)
    marked_since = TrainedQuestion(1, 9, None, "0 alone")
    assert judges(marked_since) == set(anchors) - {Anchor("pair", 1)}
    about_it = TrainedQuestion(1, 7, 99, "what it was")
    assert judges(about_it) == set(anchors) - {Anchor("question", 7)}


def test_what_is_right_for_a_question_is_known_to_the_questions_like_it() -> None:
    anchors = [Anchor("pair", 1), Anchor("pair", 2)]
    vector = unit_vectors(1, seed=3)[0]
    snapshot = Snapshot(
        (), {1: (0,), 2: (1,)}, {anchor: AnchorText(f"text {anchor.id} of its own", 0.0) for anchor in anchors}
    )
    lesson = prepare_lesson(snapshot, dict.fromkeys(anchors, vector), STORED, seed=0)
    taught = {row.anchor for row in lesson.rows}
    assert all(lesson.right[anchor] == {anchor.id - 1 for anchor in taught} for anchor in taught)


def test_a_copy_of_what_is_right_is_right() -> None:
    anchors = [Anchor("pair", 1), Anchor("pair", 2)]
    questions = dict(zip(anchors, STORED.vectors[:2], strict=True))  # so that nothing is nearer than a copy
    snapshot = Snapshot((), {1: (0,), 2: (1,)}, {a: AnchorText(f"text {a.id} of its own", 0.0) for a in anchors})
    twice = StoredVectors(np.arange(40), np.zeros(40, dtype=np.int64), np.tile(STORED.vectors[:20], (2, 1)))
    lesson = prepare_lesson(snapshot, questions, twice, seed=0)
    assert lesson.rows
    for row in lesson.rows:
        assert lesson.right[row.anchor] == {row.positive_chunk_id, row.positive_chunk_id + 20}
        assert row.positive_chunk_id + 20 not in row.mined


def test_a_lesson_with_another_copy_of_what_is_right_is_another_lesson() -> None:
    lesson = lesson_of(company())
    assert lesson.fingerprint() == lesson_of(company()).fingerprint()
    anchor = lesson.rows[0].anchor
    copied = replace(lesson, right=dict(lesson.right) | {anchor: lesson.right[anchor] | {999}})
    assert copied.fingerprint() != lesson.fingerprint()


def test_a_thumb_down_on_what_somebody_gave_as_right_for_that_very_question_is_no_negative() -> None:
    asked, given = Anchor("question", 1), Anchor("pair", 1)
    votes = (Judgement("ann", 1, 5, -1, 0.0, rank=1), Judgement("ann", 1, 6, 1, 0.0, rank=2))
    vectors = unit_vectors(2, seed=4)

    def lesson(prompt: str) -> Lesson:
        snapshot = Snapshot(
            votes, {1: (5,)}, {asked: AnchorText("Where is the key?", 0.0), given: AnchorText(prompt, 0.0)}
        )
        return prepare_lesson(snapshot, {asked: vectors[0], given: vectors[1]}, STORED, seed=0)

    downs = [(label.anchor, label.chunk_id) for label in lesson("Who has the list?").labels if label.value < 0]
    assert downs == [(asked, 5)]
    assert all(label.value > 0 for label in lesson("where is the KEY?").labels)


def test_passages_beside_the_leading_one_teach_and_never_judge() -> None:
    bare = company()
    full = [replace(vote, beside=(20 + vote.chunk_id,)) for vote in bare]
    alone, lesson = lesson_of(bare), lesson_of(full)
    assert (lesson.labels, lesson.part_of) == (alone.labels, alone.part_of)
    weight_of = {(row.anchor, row.positive_chunk_id): row.weight for row in lesson.rows}
    led = {(row.anchor, row.positive_chunk_id): row.weight for row in alone.rows}
    assert weight_of.keys() == led.keys() | {(anchor, 20 + chunk) for anchor, chunk in led}
    assert all(
        weight_of[anchor, 20 + chunk] == pytest.approx(BESIDE_SHARE * led[anchor, chunk]) for anchor, chunk in led
    )
    for row in lesson.rows:
        assert not {chunk for anchor, chunk in weight_of if anchor == row.anchor} & {*row.mined, *row.voted}
    judging = set(lesson.judging("question"))
    assert judging and not judging & {row.anchor for row in lesson.rows}


def test_of_a_source_voted_down_the_leading_passage_is_the_likeliest_negative() -> None:
    anchor = Anchor("question", 1)
    votes = (
        Judgement("ann", 1, 5, -1, 0.0, rank=1, beside=(6, 7)),
        Judgement("ann", 1, 8, 1, 0.0, rank=2),
        Judgement("ann", 1, 9, -1, 0.0, rank=3),
    )

    def voted(pairs: dict[int, tuple[int, ...]]) -> set[tuple[int, ...]]:
        texts = {anchor: AnchorText("Where is the key?", 0.0)}
        texts |= {Anchor("marked", pair): AnchorText("where is the key", 0.0) for pair in pairs}
        questions = dict(zip(texts, unit_vectors(2, seed=4), strict=False))
        snapshot = Snapshot(votes, pairs, texts, marked=frozenset(pairs))
        lessons = [prepare_lesson(snapshot, questions, STORED, seed=seed) for seed in range(9)]
        return {row.voted for lesson in lessons for row in lesson.rows if row.positive_chunk_id == 8}

    assert voted({}) == {(5, 9, 6, 7)}
    assert voted({1: (7,)}) == {(5, 9, 6)}, "what somebody gave as right is no negative"


def test_what_is_mined_does_not_depend_on_the_encoder_s_scale() -> None:
    chunks = lifted(unit_vectors(300, seed=3, clusters=60), 0.3)
    asked = lifted(unit_vectors(200, seed=4, clusters=60), 0.3)
    anchors = [Anchor("question", n) for n in range(200)]
    nearest = np.argsort(-asked @ chunks.T, axis=1)
    votes = [Judgement(f"p{n % 20}", n, int(nearest[n, n % 5]), 1, 0.0, rank=1 + n % 5) for n in range(200)]
    snapshot = Snapshot(tuple(votes), {}, {anchor: AnchorText(f"q{anchor.id}", 0.0) for anchor in anchors})

    def lesson(unrelated: float) -> Lesson:
        stored = StoredVectors(np.arange(300), np.ones(300, dtype=np.int64), lifted(chunks, unrelated))
        return prepare_lesson(snapshot, dict(zip(anchors, lifted(asked, unrelated), strict=True)), stored, seed=0)

    plain, raised = lesson(0.0), lesson(0.7)
    assert (raised.part_of, raised.right) == (plain.part_of, plain.right)
    assert sum(len(right) > 1 for right in plain.right.values()) > 20
    hard = [{t for t in own.triplets if t.kind == "mined"} for own in (plain, raised)]
    assert len(hard[0]) > 100
    assert len(hard[0] ^ hard[1]) <= 0.02 * len(hard[0])  # at the margin's very edge


def test_a_question_whose_sources_were_all_voted_down_is_learnt_from_too() -> None:
    """It makes no row to train on, but weights are fitted to what is said of it."""
    lesson = lesson_of(company() + [Judgement(f"p{n}", 900, 1, -1, 0.0, rank=1) for n in range(3)])
    judging = {("question", anchor.id) for anchor in lesson.judging("question")}
    assert set(lesson.taught()) < lesson.sources()
    assert ("question", 900) in lesson.sources() | judging
    assert not judging & lesson.sources()
    assert lesson.sources() == {("question", own.id) for own in lesson.part_of} - judging
