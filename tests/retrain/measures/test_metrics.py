from __future__ import annotations

import numpy as np
import pytest

from db.search import NOTHING
from retrain.measures.metrics import (
    first_ranks,
    hub_share,
    mrr_at_k,
    ndcg_at_k,
    pair_accuracy,
    recall_at_k,
)


def ranking(*documents: int) -> np.ndarray:
    return np.array([documents], dtype=np.int64)


def test_the_first_relevant_document_has_a_rank_and_none_has_zero() -> None:
    ranked = np.array([[4, 2, 9], [4, 2, 9], [4, NOTHING, NOTHING]])
    relevant = [{9: 1.0, 2: 1.0}, {4: 0.0, 9: 1.0}, {7: 1.0}]
    assert first_ranks(ranked, relevant).tolist() == [2, 3, 0]
    assert mrr_at_k(ranked, relevant, k=2).tolist() == [0.5, 0.0, 0.0]


def test_ndcg_has_linear_gain_like_trec_eval() -> None:
    # dcg = 3/log2(3) + 1/log2(5); ideal = 3 + 1/log2(3): with exponential gain the first would be 7
    got = ndcg_at_k(ranking(9, 1, 8, 2), [{1: 3.0, 2: 1.0}])
    assert got == pytest.approx([(3 / np.log2(3) + 1 / np.log2(5)) / (3 + 1 / np.log2(3))])


def test_the_ideal_of_ndcg_holds_everything_relevant_even_what_was_not_found() -> None:
    assert ndcg_at_k(ranking(1, NOTHING), [{1: 1.0, 2: 1.0}]) == pytest.approx([1 / (1 + 1 / np.log2(3))])


def test_ranks_beyond_ten_count_nothing() -> None:
    ranked = ranking(*range(11))
    for measure in (ndcg_at_k, mrr_at_k, recall_at_k):
        assert measure(ranked, [{10: 1.0}]).tolist() == [0.0]


def test_mrr_and_recall() -> None:
    ranked = ranking(5, 6, 7)
    assert mrr_at_k(ranked, [{6: 1.0, 7: 1.0}]).tolist() == [0.5]
    assert recall_at_k(ranked, [{6: 1.0, 9: 1.0, 5: 0.0}]).tolist() == [0.5]


def test_questions_without_anything_relevant_score_nothing() -> None:
    for measure in (ndcg_at_k, mrr_at_k, recall_at_k):
        assert measure(ranking(1), [{}]).tolist() == [0.0]


def test_only_judged_pairs_count_and_a_tie_is_half() -> None:
    scores = [{1: 0.9, 2: 0.5, 3: 0.95, 4: 0.5}, {1: 0.2}]
    values = [{1: 1, 2: 1, 3: -1, 4: -1}, {1: 1}]
    accuracy = pair_accuracy(scores, values)
    assert accuracy[0] == pytest.approx((0 + 1 + 0 + 0.5) / 4)
    assert np.isnan(accuracy[1])


def test_what_can_not_be_found_is_in_no_pair() -> None:
    assert pair_accuracy([{1: 0.9, 2: np.nan, 3: 0.5}], [{1: 1, 2: -1, 3: -1}]).tolist() == [1.0]
    assert np.isnan(pair_accuracy([{1: np.nan, 2: 0.9}], [{1: 1, 2: -1}]))


def test_hub_share_counts_questions_not_places() -> None:
    assert hub_share(np.array([[1, 2], [1, 3], [4, 1], [5, NOTHING]])) == 0.75
    assert hub_share(np.empty((0, 10), dtype=np.int64)) == 0.0
    assert hub_share(np.full((2, 3), NOTHING)) == 0.0


def test_a_document_that_only_paraphrases_of_one_question_find_is_no_hub() -> None:
    ranked = np.array([[1, 2]] * 7 + [[3, 4], [3, 5], [6, 7]])
    assert hub_share(ranked) == 0.7
    assert hub_share(ranked, np.array([0] * 7 + [7, 8, 9])) == 0.5
