"""What is served and what is judged are put in order by one rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from db.search.ranking import NOTHING, Hit, best_first, rank_documents, rank_hits, relevant_ranks

HIT = Hit(1, 1, b"", "Leave", "", "", "28 days.", 0, 0.9)


@given(
    st.lists(st.tuples(st.sampled_from([-np.inf, -1.0, 0.0, 0.5]), st.integers(1, 99)), unique_by=lambda row: row[1])
)
def test_the_highest_score_comes_first_and_of_equal_ones_the_lower_id(rows: list[tuple[float, int]]) -> None:
    scores, ids = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows], np.int64)
    wanted = sorted(rows, key=lambda row: (-row[0], row[1]))
    assert [rows[place] for place in best_first(scores, ids)] == wanted
    hits = [replace(HIT, chunk_id=chunk_id, similarity=score) for score, chunk_id in rows]
    assert [(hit.similarity, hit.chunk_id) for hit in rank_hits(hits)] == wanted


def test_what_is_no_number_comes_last() -> None:
    assert best_first(np.array([np.nan, -np.inf, 1.0]), np.array([1, 2, 3])).tolist() == [2, 1, 0]


def test_what_is_too_dissimilar_or_says_the_same_again_is_not_relevant() -> None:
    words = (("28 days.", 0.9), ("Ask your lead.", 0.8), ("28  DAYS.", 0.7), ("Parking.", 0.3), ("Ferns.", 0.29))
    hits = [replace(HIT, text=text, similarity=similarity) for text, similarity in words]
    assert relevant_ranks(hits, 0.3) == [1, 2, 4]


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
