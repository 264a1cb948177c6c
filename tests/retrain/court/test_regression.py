"""Both sides on the regression set: ranked and answered as served, words and refusals included."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from db.generations import Ranking, StoredVectors
from retrain.court.regression import OnRegressionSet, RegressionSet, judge_regression
from retrain.court.serve import Portion, Side
from tests.synthetic import HashingEncoder, imagine_generation

PASSAGES = tuple(f"passage {number}" for number in range(40))
DOCUMENTS = tuple(number // 2 for number in range(40))
ASIDE = "the weather"
NOTHING = StoredVectors(np.empty(0, np.int64), np.empty(0, np.int64), np.empty((0, 16), np.float32))


class Gushing(HashingEncoder):
    """Whatever the set doesn't say is right beside something that it says: nearness tells nothing."""

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        known = {*PASSAGES, ASIDE}
        return super().encode_questions([text if text in known else PASSAGES[len(text) % 40] for text in texts])


class Mistaken(HashingEncoder):
    """What the set doesn't say is what all its passages say."""

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = super().encode_questions(texts)
        vectors[[text in (ASIDE, *PASSAGES) for text in texts]] = super().encode_questions([ASIDE])
        return vectors


def side(encoder: HashingEncoder | None = None, **values: float) -> Side:
    return Side(imagine_generation(**values), encoder or HashingEncoder(), NOTHING)


def judge(known: RegressionSet, incumbent: Side, candidate: Side, seen: list[tuple[int, int]]) -> OnRegressionSet:
    return judge_regression(incumbent, candidate, known, Portion(20, 3), lambda *now: seen.append(now))


def test_both_are_judged_by_the_documents_that_they_would_serve() -> None:
    known = RegressionSet(PASSAGES, DOCUMENTS, ("passage 7", "passage 30"), ({3: 1.0}, {99: 1.0}))
    seen: list[tuple[int, int]] = []
    judged = judge(known, side(), side(Gushing()), seen)
    assert judged.ndcg.incumbent == pytest.approx([1.0, 0.0])
    assert judged.ndcg.candidate == pytest.approx([1.0, 0.0])
    assert seen == [(40, 80), (80, 80)]
    found = {name: (own.incumbent.tolist(), own.candidate.tolist()) for name, own in judged.answers.items()}
    assert found["right"] == ([1, 0], [0, 0])
    assert found["wrongly_talkative"] == ([0, 1], [0, 0])
    silent = [pytest.approx([share, float("nan")], nan_ok=True) for share in (0, 1)]
    assert list(found["wrongly_silent"]) == silent


def test_refusals_are_counted_from_the_sets_own_passages() -> None:
    known = RegressionSet(PASSAGES, DOCUMENTS, ("passage 7",), ({3: 1.0},), (ASIDE,))
    judged = judge(known, side(unrelated_nearness=-9.0), side(unrelated_nearness=9.0), [])
    for own in judged.answers.values():
        assert own.incumbent == pytest.approx(own.candidate, nan_ok=True)
    assert judged.answers["right"].incumbent[0] == 1
    assert judged.answers["wrongly_talkative"].incumbent[1] == 0


def test_words_count_as_they_do_where_it_serves() -> None:
    known = RegressionSet(("about zebras", "about ants"), (0, 1), ("zebras?",), ({0: 1.0},))
    by_words = judge(known, side(ranking=Ranking(words=9.0)), side(ranking=Ranking(words=9.0)), [])
    assert by_words.ndcg.incumbent == pytest.approx([1.0])


def test_what_nothing_answers_judges_answers_and_no_ranks() -> None:
    known = RegressionSet(PASSAGES, DOCUMENTS, ("passage 7",), ({3: 1.0},), (ASIDE,))
    judged = judge(known, side(), side(Mistaken()), [])
    assert judged.ndcg.figures()["questions"] == 1
    assert judged.answers["wrongly_talkative"].figures()["questions"] == 2
    assert judged.answers["wrongly_talkative"].gains.tolist() == [0, 1]


def test_questions_of_the_set_that_are_alike_are_one() -> None:
    known = RegressionSet(("a", "b"), (0, 1), ("asked", "Asked?", "other thing"), ({1: 1.0},) * 3)
    judged = judge(known, side(), side(), [])
    assert judged.ndcg.clusters is not None
    assert judged.ndcg.clusters[0] == judged.ndcg.clusters[1] != judged.ndcg.clusters[2]
