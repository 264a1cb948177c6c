"""What is served and what is judged are put in order by one rule."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.generations import SHIPPED, Ranking
from db.search.features import QuestionTerms, Written
from db.search.found import Found
from db.search.ranking import (
    CANDIDATES,
    NOTHING,
    Floats,
    Passages,
    WordScores,
    best_first,
    find_best,
    fuse,
    order_features,
    rank_documents,
)

TERMS = QuestionTerms("ant bee", ("english",))
SAYINGS = ("", "ant", "ant bee", "bee and cat", "cat " * 40)


@given(
    st.lists(st.tuples(st.sampled_from([-np.inf, -1.0, 0.0, 0.5]), st.integers(1, 99)), unique_by=lambda row: row[1])
)
def test_the_highest_score_comes_first_and_of_equal_ones_the_lower_id(rows: list[tuple[float, int]]) -> None:
    scores, ids = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows], np.int64)
    wanted = sorted(rows, key=lambda row: (-row[0], row[1]))
    assert [rows[place] for place in best_first(scores, ids)] == wanted


def test_what_is_no_number_comes_last() -> None:
    assert best_first(np.array([np.nan, -np.inf, 1.0]), np.array([1, 2, 3])).tolist() == [2, 1, 0]


def test_passages_are_ordered_by_their_score_then_by_document_then_by_place() -> None:
    features = [(score, *[0.0] * 6) for score in (0.5, 0.9, 0.5, 0.5, float("nan"))]
    ids = [(3, 4), (7, 1), (2, 6), (2, 5), (1, 2)]
    assert [row for row, _ in order_features(features, ids, SHIPPED)] == [1, 3, 2, 0, 4]
    assert order_features([], [], SHIPPED) == []


def test_words_count_beside_the_cosine_by_their_weight() -> None:
    assert fuse(np.array([0.5, 0.2]), np.array([0.0, 2.0]), 0.25).tolist() == pytest.approx([0.5, 0.7])


def find(passages: Passages, similarity: Floats, words: WordScores, ranking: Ranking, k: int) -> list[Found]:
    """The best of passages that say one of `SAYINGS` each, by their ids."""

    def written(chunk_ids: Sequence[int]) -> list[Written]:
        return [Written("", "", SAYINGS[chunk_id % len(SAYINGS)]) for chunk_id in chunk_ids]

    return find_best(passages, similarity, words, ranking, k, TERMS, written)


def scores_of(words: Floats, ids: np.ndarray) -> WordScores:
    has = words > 0
    return WordScores(ids[has], words[has], words[has] / 2.2)


@settings(deadline=None)
@given(
    st.integers(0, 10_000),
    st.sampled_from([5, 60, 400]),
    st.sampled_from([1, 20, 120]),
    st.sampled_from([SHIPPED, Ranking(1, 0, 0.7, 1.5, 0.2, 0.4, -0.3), Ranking(pairs=0)]),
)
def test_the_best_of_both_sides_are_found_as_by_sorting(seed: int, n: int, k: int, ranking: Ranking) -> None:
    draw = np.random.default_rng(seed)
    ids = np.sort(draw.choice(5_000, n, replace=False)).astype(np.int64)
    passages = Passages(ids, draw.integers(1, 40, n), draw.integers(1, 9, n))
    similarity = draw.integers(-9, 10, n) / 10  # many ties
    words = np.where(draw.random(n) < 0.3, draw.integers(1, 20, n) / 9, 0.0)
    found = find(passages, similarity, scores_of(words, ids), ranking, k)
    each_side = max(k, CANDIDATES)
    by_vectors = sorted(range(n), key=lambda row: (-similarity[row], ids[row]))[:each_side]
    by_words = sorted((row for row in range(n) if words[row]), key=lambda row: (-words[row], ids[row]))[:each_side]
    fused = similarity + ranking.words * words
    either = sorted({*by_vectors, *by_words}, key=lambda row: -fused[row])
    best = [row for row in either if fused[row] >= fused[either[:each_side][-1]]]
    said = {row: TERMS.said_by(Written("", "", SAYINGS[ids[row] % len(SAYINGS)])) for row in best}
    score = {row: np.dot(ranking.weights, (similarity[row], words[row], words[row] / 2.2, *said[row])) for row in best}
    assert len(found) == min(k, len(best))
    assert [own.score for own in found] == pytest.approx(sorted(score.values(), reverse=True)[:k])
    assert sorted(found, key=lambda own: (-own.score, own.document_id, own.chunk_id)) == found
    row_of = dict(zip(ids.tolist(), range(n), strict=True))
    for own in found:
        row = row_of[own.chunk_id]
        assert own.score == pytest.approx(score[row])
        assert (own.document_id, own.copy) == (passages.document_ids[row], passages.copies[row])
        assert own.features == pytest.approx((similarity[row], words[row], words[row] / 2.2, *said[row]))


def test_what_ties_with_the_last_candidate_is_ordered_by_all_its_features_too() -> None:
    ids = np.arange(2 * CANDIDATES)
    words = np.where(ids < 60, 0.0, 0.01)  # forty are better than the fifty that tie for the last ten places
    found = find(Passages(ids, ids, ids), np.full(len(ids), 0.5), scores_of(words, ids), SHIPPED, CANDIDATES)
    has_pair = [chunk_id for chunk_id in ids.tolist() if SAYINGS[chunk_id % len(SAYINGS)] == "ant bee"]
    nearest = [chunk_id for chunk_id in has_pair if chunk_id < CANDIDATES]
    worded = [chunk_id for chunk_id in has_pair if chunk_id >= 60]
    assert [own.chunk_id for own in found][: len(nearest + worded)] == [*worded, *nearest]


def test_a_cosine_that_is_no_number_is_the_worst() -> None:
    ids = np.arange(CANDIDATES + 2)
    similarity = np.where(ids < 2, np.nan, 0.5)
    found = find(Passages(ids, ids, ids), similarity, scores_of(ids * 0.0, ids), SHIPPED, CANDIDATES)
    assert sorted(own.chunk_id for own in found) == ids[2:].tolist()


def test_words_of_what_may_not_be_seen_are_passed_over() -> None:
    passages = Passages(np.array([2, 4]), np.array([1, 1]), np.array([1, 2]))
    words = WordScores(np.array([1, 3, 4, 9]), np.ones(4), np.ones(4))
    found = find(passages, np.array([0.5, 0.4]), words, Ranking(pairs=0), 10)
    assert [(own.chunk_id, own.words) for own in found] == [(4, 1.0), (2, 0.0)]


def test_of_nothing_nothing_is_found() -> None:
    none = np.empty(0, np.int64)
    assert find(Passages(none, none, none), np.empty(0), scores_of(np.empty(0), none), SHIPPED, 10) == []


def test_a_document_is_as_good_as_its_best_chunk_and_ties_go_to_the_lower_id() -> None:
    scores = np.array([[0.1, 0.9, 0.5, 0.9, np.nan, np.nan]], dtype=np.float32)
    ranked = rank_documents(scores, np.array([7, 3, 7, 2, 5, 7]), k=5)
    assert ranked.tolist() == [[2, 3, 7, 5, NOTHING]]


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_ranking_agrees_with_the_plain_way(seed: int) -> None:
    draw = np.random.default_rng(seed)
    scores = draw.integers(0, 6, size=(3, 25)).astype(np.float64)
    owner = draw.integers(0, 9, size=25)
    for row, ranked in zip(scores, rank_documents(scores, owner, k=4), strict=True):
        best = {int(d): row[owner == d].max() for d in set(owner.tolist())}
        assert ranked.tolist() == sorted(best, key=lambda d: (-best[d], d))[:4]


def test_where_there_is_no_document_nothing_is_ranked() -> None:
    ranked = rank_documents(np.zeros((2, 0)), np.zeros(0, dtype=np.int64), k=3)
    assert ranked.tolist() == [[NOTHING] * 3] * 2
