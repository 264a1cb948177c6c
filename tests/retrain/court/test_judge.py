"""What the gate is shown: explored answers and the regression set, beside golden questions and plain votes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from db.generations import Ranking, StoredVectors
from db.models import USUAL_SCALE
from db.search import Passages, WordScores, Written
from db.words import QuestionWords
from retrain.court.enough import gate_sizes
from retrain.court.evidence import Evidence
from retrain.court.judge import explored_up_votes, gather_evidence
from retrain.court.serve import Portion, Side, nothing_written
from retrain.lesson import AnchorText, Lesson, Snapshot
from retrain.lesson.labels import Anchor, Label
from retrain.lesson.split import Part
from retrain.measures import ScoreWords
from retrain.measures.served import no_words
from tests.synthetic import imagine_generation

N = 30
CHUNKS = np.arange(100, 100 + N)
QUESTION, OTHER, TRAINS, PAIR = Anchor("question", 1), Anchor("question", 2), Anchor("question", 3), Anchor("pair", 1)


class Opinion:
    """An encoder that puts chosen chunks first for each text, in their order; passages are unit axes."""

    dimension = N

    def __init__(self, first: Mapping[str, Sequence[int]]) -> None:
        self._first = first

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), N), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            order = [*self._first.get(text, ()), *(c for c in range(N) if c not in self._first.get(text, ()))]
            row[order] = np.linspace(1, 0, N)
        return rows

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        raise NotImplementedError


def side(**first: Sequence[int]) -> Side:
    stored = StoredVectors(CHUNKS, np.ones(N, dtype=np.int64), np.eye(N, dtype=np.float32))
    return Side(imagine_generation(), Opinion(first), stored)


def judge(incumbent: Side, candidate: Side, lesson: Lesson, score: ScoreWords = no_words) -> Evidence:
    passages = Passages(CHUNKS, CHUNKS, CHUNKS)
    return gather_evidence(incumbent, candidate, lesson, passages, score, Portion(20, 3))


SNAPSHOT = Snapshot(
    (),
    {1: (100,)},
    {anchor: AnchorText(text, 0.0) for anchor, text in ((QUESTION, "one"), (OTHER, "two"), (TRAINS, "x"), (PAIR, "y"))},
    {1: {100: 1.0, 107: 15.0, 109: 1.0}, 3: {100: 1.0}},
)
LABELS = (
    Label(QUESTION, 107, 1, 1.0),
    Label(QUESTION, 109, -1, 1.0),
    Label(OTHER, 100, 1, 1.0),
    Label(TRAINS, 100, 1, 1.0),
    Label(PAIR, 100, 1, 1.0),
)
PARTS: dict[Anchor, Part] = {QUESTION: "gate", OTHER: "gate", TRAINS: "train", PAIR: "gate"}
LESSON = Lesson(SNAPSHOT, LABELS, PARTS, (), (), {})


def test_up_votes_on_explored_answers_of_the_gates_part_are_a_trial() -> None:
    assert explored_up_votes([QUESTION, OTHER], LESSON) == [{107: 15.0}, {}]
    evidence = judge(side(), side(one=[7]), LESSON)
    assert evidence.trial is not None
    assert evidence.trial.gains == pytest.approx([1 - 1 / np.log2(9)])
    assert evidence.regression is None


def test_near_duplicates_are_carried_to_every_measure() -> None:
    again, thrice = Anchor("pair", 2), Anchor("pair", 3)
    texts = {again: AnchorText("z", 0.0), thrice: AnchorText("zz", 0.0)}
    explored = {**SNAPSHOT.explored, 2: {100: 1.0}}
    snapshot = replace(SNAPSHOT, anchors={**SNAPSHOT.anchors, **texts}, explored=explored)
    labels = (*LABELS, Label(again, 101, 1, 1.0), Label(thrice, 101, 1, 1.0), Label(OTHER, 109, -1, 1.0))
    clusters = {QUESTION: 1, OTHER: 1, PAIR: 2, again: 2, thrice: 2}
    lesson = Lesson(snapshot, labels, {**PARTS, again: "gate", thrice: "gate"}, (), (), {}, cluster_of=clusters)
    away = range(20, 30)
    evidence = judge(side(), side(y=away, z=away, zz=away), lesson)
    counts = {name: getattr(evidence, name).figures() for name in ("golden", "votes", "trial")}
    assert {name: (own["n"], own["questions"]) for name, own in counts.items()} == {
        "golden": (1, 3),
        "votes": (1, 2),
        "trial": (1, 2),
    }
    assert evidence.hubs == (1.0, 0.5)  # three fifths of the questions are half of the clusters
    assert gate_sizes(lesson) == (1, 1, 1)


def test_whether_vectors_collapsed_is_told_by_the_incumbent_s_scale() -> None:
    close = np.eye(N, dtype=np.float32) + 0.3
    close /= np.linalg.norm(close, axis=1, keepdims=True)
    narrow = replace(side(), stored=StoredVectors(CHUNKS, np.ones(N, dtype=np.int64), close))
    evidence = judge(narrow, side(), LESSON)
    assert evidence.vectors.scale.unrelated == pytest.approx(float(close[0] @ close[1]), abs=1e-3)
    assert judge(side(), narrow, LESSON).vectors.scale == USUAL_SCALE


GOLDEN = LESSON.judging("pair")


def words_of(**first: int) -> ScoreWords:
    """Of each text that is named, one chunk has all the words; of others none has any."""

    def score(texts: Sequence[str], audience_ids: Sequence[int] | None) -> list[WordScores]:
        found = [np.array([100 + first[text]] if text in first else [], dtype=np.int64) for text in texts]
        return [WordScores(own, np.full(len(own), 2.0), np.ones(len(own))) for own in found]

    return score


def test_golden_questions_are_judged_by_vectors_and_words_together() -> None:
    evidence = judge(side(y=[5, 0]), side(y=[6, 5, 0]), LESSON, words_of(y=0))
    assert evidence.golden.incumbent == pytest.approx([1.0])  # the words bring it to the top, by either
    assert evidence.golden.candidate == pytest.approx([1.0])
    assert judge(side(y=[5, 0]), side(y=[6, 5, 0]), LESSON).golden.candidate == pytest.approx([0.5])
    unweighted = replace(side(y=[5, 0]), generation=imagine_generation(ranking=Ranking(words=0.0)))
    assert judge(unweighted, side(), LESSON, words_of(y=0)).golden.incumbent == pytest.approx([1 / np.log2(3)])


def test_golden_questions_are_judged_by_the_answers_that_people_would_get() -> None:
    refusing = replace(side(), generation=imagine_generation(unrelated_nearness=9.0))
    for candidate, expected in ((side(), (1, 0, 0)), (side(y=[5, 6, 7, 0]), (0, np.nan, 1)), (refusing, (0, 1, 0))):
        answers = judge(side(), candidate, LESSON).answers
        assert [float(own.candidate[0]) for own in answers.values()] == pytest.approx(expected, nan_ok=True)
        assert [float(own.incumbent[0]) for own in answers.values()] == [1, 0, 0]


def test_what_refuses_is_looked_into_where_refusals_are_judged() -> None:
    def score(texts: Sequence[str], audience_ids: Sequence[int] | None) -> list[WordScores]:
        return [replace(own, tells=QuestionWords(1.0)) for own in no_words(texts, audience_ids)]

    read: list[Sequence[int]] = []

    def written(chunk_ids: Sequence[int]) -> list[Written]:
        read.append(chunk_ids)
        return nothing_written(chunk_ids)

    near_enough_to_look = imagine_generation(unrelated_nearness=-1.0, unrelated_spread=2.0)
    silent = replace(side(y=[4, 0]), generation=near_enough_to_look)
    passages = Passages(CHUNKS, CHUNKS, CHUNKS)
    gather_evidence(silent, side(), LESSON, passages, score, Portion(20, 3), written=written)
    assert [own for own in read if len(own) == 3] == [
        [104, 100, 101]
    ]  # of the golden question alone, by the side that would refuse it


def test_voted_questions_see_what_those_who_asked_them_could_see() -> None:
    asked = replace(SNAPSHOT.anchors[QUESTION], audience_ids=(2,))
    snapshot = replace(SNAPSHOT, anchors={**SNAPSHOT.anchors, QUESTION: asked})
    lesson = replace(LESSON, snapshot=snapshot)
    audiences = np.where(np.isin(CHUNKS, [107, 109]), 2, 1)

    def within(own: Side) -> Side:
        return replace(own, stored=own.stored._replace(audience_ids=audiences))

    seen: list[tuple[list[str], Sequence[int] | None]] = []

    def score(texts: Sequence[str], audience_ids: Sequence[int] | None) -> list[WordScores]:
        seen.append((list(texts), audience_ids))
        return no_words(texts, audience_ids)

    evidence = judge(within(side(one=[5, 9, 7])), within(side(one=[5, 7, 9])), lesson, score)
    assert evidence.trial is not None
    # what others may see stands above neither: the first is 109, then 107, and the other way round
    assert evidence.trial.incumbent[0] == pytest.approx(1 / np.log2(3))
    assert evidence.trial.candidate[0] == pytest.approx(1.0)
    assert evidence.votes.gains == pytest.approx([1.0])
    assert seen == [(["y"], None), (["one"], (2,)), (["two"], None)]
    away = np.where(CHUNKS == 107, 3, audiences)  # moved since to where they may not see it
    gone = within(side()), within(side())
    moved = judge(*(replace(own, stored=own.stored._replace(audience_ids=away)) for own in gone), lesson)
    assert not len(moved.votes.gains)
    assert moved.trial is not None and not len(moved.trial.gains)
