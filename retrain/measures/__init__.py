"""Figures of merit and the statistics behind them; pure."""

from retrain.measures.blocks import rank_in_blocks, score_in_blocks
from retrain.measures.metrics import first_ranks, hub_share, mrr_at_k, ndcg_at_k, pair_accuracy, recall_at_k
from retrain.measures.significance import (
    compare_means,
    gain_that_shows,
    interval_95,
    mean_by_cluster,
    p_better,
    questions_needed,
    weighted_holm,
)

__all__ = [
    "compare_means",
    "first_ranks",
    "gain_that_shows",
    "hub_share",
    "interval_95",
    "mean_by_cluster",
    "mrr_at_k",
    "ndcg_at_k",
    "p_better",
    "pair_accuracy",
    "questions_needed",
    "rank_in_blocks",
    "recall_at_k",
    "score_in_blocks",
    "weighted_holm",
]
