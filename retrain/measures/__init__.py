"""Figures of merit and the statistics behind them; pure."""

from retrain.measures.answers import (
    RIGHT,
    WRONGLY_SILENT,
    WRONGLY_TALKATIVE,
    Answered,
    holds_answer,
    judge_answers,
)
from retrain.measures.blocks import rows_in_block, score_chunks, score_in_blocks
from retrain.measures.metrics import first_ranks, hub_share, log_ranks, mrr_at_k, ndcg_at_k, pair_accuracy, recall_at_k
from retrain.measures.served import WITHOUT_WORDS, AskedText, ScoreWords, Words, score_asked, visible_to
from retrain.measures.significance import (
    compare_means,
    gain_that_shows,
    holm,
    interval_95,
    mean_by_cluster,
    p_better,
    p_in_words,
    questions_needed,
)
from retrain.measures.tries import Tried, p_of_first_luck

__all__ = [
    "Answered",
    "AskedText",
    "RIGHT",
    "ScoreWords",
    "Tried",
    "WITHOUT_WORDS",
    "WRONGLY_SILENT",
    "WRONGLY_TALKATIVE",
    "Words",
    "compare_means",
    "first_ranks",
    "gain_that_shows",
    "holds_answer",
    "holm",
    "hub_share",
    "interval_95",
    "judge_answers",
    "log_ranks",
    "mean_by_cluster",
    "mrr_at_k",
    "ndcg_at_k",
    "p_better",
    "p_in_words",
    "p_of_first_luck",
    "pair_accuracy",
    "questions_needed",
    "recall_at_k",
    "rows_in_block",
    "score_asked",
    "score_chunks",
    "score_in_blocks",
    "visible_to",
]
