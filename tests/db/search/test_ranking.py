"""What is served and what is judged are put in order by one rule."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.search.found import Found
from db.search.ranking import (
    CANDIDATES,
    NOTHING,
    Passages,
    WordScores,
    best_first,
    find_best,
    fuse,
    rank_documents,
    rank_found,
    relevant_ranks,
)
from tests.hits import hit

FOUND = Found(chunk_id=1, document_id=1, copy=1, similarity=0.5, words=0.0, coverage=0.0, score=0.5)
WEIGHT = 0.35


@given(
    st.lists(st.tuples(st.sampled_from([-np.inf, -1.0, 0.0, 0.5]), st.integers(1, 99)), unique_by=lambda row: row[1])
)
def test_the_highest_score_comes_first_and_of_equal_ones_the_lower_id(rows: list[tuple[float, int]]) -> None:
    scores, ids = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows], np.int64)
    wanted = sorted(rows, key=lambda row: (-row[0], row[1]))
    assert [rows[place] for place in best_first(scores, ids)] == wanted


def test_passages_are_ordered_by_their_score_then_by_document_then_by_place() -> None:
    ordered = [
        replace(FOUND, score=0.9, document_id=7, chunk_id=1),
        replace(FOUND, score=0.5, document_id=2, chunk_id=5, similarity=0.1),
        replace(FOUND, score=0.5, document_id=2, chunk_id=6, similarity=0.9),
        replace(FOUND, score=0.5, document_id=3, chunk_id=4),
        replace(FOUND, score=float("nan"), document_id=1, chunk_id=2),
    ]
    for shuffled in permutations(ordered):
        assert rank_found(shuffled) == ordered
    assert rank_found([]) == []


def test_what_is_no_number_comes_last() -> None:
    assert best_first(np.array([np.nan, -np.inf, 1.0]), np.array([1, 2, 3])).tolist() == [2, 1, 0]


def test_words_count_beside_the_cosine_by_their_weight() -> None:
    assert fuse(np.array([0.5, 0.2]), np.array([0.0, 2.0]), 0.25).tolist() == pytest.approx([0.5, 0.7])


def scores_of(words: np.ndarray, ids: np.ndarray) -> WordScores:
    has = words > 0
    return WordScores(ids[has], words[has], words[has] / 2.2)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([5, 60, 400]), st.sampled_from([1, 20, 120]))
def test_the_best_of_both_sides_are_found_as_by_sorting(seed: int, n: int, k: int) -> None:
    draw = np.random.default_rng(seed)
    ids = np.sort(draw.choice(5_000, n, replace=False)).astype(np.int64)
    passages = Passages(ids, draw.integers(1, 40, n), draw.integers(1, 9, n))
    similarity = draw.integers(-9, 10, n) / 10  # many ties
    words = np.where(draw.random(n) < 0.3, draw.integers(1, 20, n) / 9, 0.0)
    found = find_best(passages, similarity, scores_of(words, ids), WEIGHT, k)
    each = max(k, CANDIDATES)
    by_vectors = sorted(range(n), key=lambda row: (-similarity[row], ids[row]))[:each]
    by_words = sorted((row for row in range(n) if words[row]), key=lambda row: (-words[row], ids[row]))[:each]
    fused = similarity + WEIGHT * words
    wanted = sorted({*by_vectors, *by_words}, key=lambda row: (-fused[row], passages.document_ids[row], ids[row]))[:k]
    assert [each.chunk_id for each in found] == ids[wanted].tolist()
    assert [each.document_id for each in found] == passages.document_ids[wanted].tolist()
    assert [each.copy for each in found] == passages.copies[wanted].tolist()
    assert [each.score for each in found] == fused[wanted].tolist()
    assert [(each.similarity, each.words) for each in found] == [(similarity[row], words[row]) for row in wanted]
    assert [each.coverage for each in found] == pytest.approx((words[wanted] / 2.2).tolist())


def test_words_of_what_may_not_be_seen_are_passed_over() -> None:
    passages = Passages(np.array([2, 4]), np.array([1, 1]), np.array([1, 2]))
    words = WordScores(np.array([1, 3, 4, 9]), np.ones(4), np.ones(4))
    found = find_best(passages, np.array([0.5, 0.4]), words, WEIGHT, 10)
    assert [(each.chunk_id, each.words) for each in found] == [(4, 1.0), (2, 0.0)]


def test_what_is_too_dissimilar_or_says_the_same_again_is_not_relevant() -> None:
    words = (("28 days.", 0.9), ("Ask your lead.", 0.8), ("28  DAYS.", 0.7), ("Parking.", 0.3), ("Ferns.", 0.29))
    assert relevant_ranks([hit(text=text, similarity=similarity) for text, similarity in words], 0.3) == [1, 2, 4]


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
