"""Is a candidate better? Evidence, and the gate that decides."""

from retrain.court.enough import reasons_not_to_train
from retrain.court.evidence import ANSWERS, MEASURES, Evidence, Limits, Luck, Paired, Vectors, n_in_words
from retrain.court.gate import Verdict, decide
from retrain.court.golden_set import find_alike, power_in_words
from retrain.court.judge import gather_evidence, share_shelf
from retrain.court.ledger import NIGHT_SHARE, RANKING_SHARE, Ledger, Spending, Try
from retrain.court.margins import SLICES, what_would_decide_otherwise
from retrain.court.regression import FindRegressionSet, OnRegressionSet, RegressionSet, judge_regression
from retrain.court.serve import Portion, Served, Shelf, Side, find_listed, ranked, serve_questions
from retrain.court.superiority import TRIED, tried_in

__all__ = [
    "ANSWERS",
    "Evidence",
    "FindRegressionSet",
    "Ledger",
    "Limits",
    "Luck",
    "MEASURES",
    "NIGHT_SHARE",
    "OnRegressionSet",
    "Paired",
    "Portion",
    "RANKING_SHARE",
    "RegressionSet",
    "SLICES",
    "Served",
    "Shelf",
    "Side",
    "Spending",
    "TRIED",
    "Try",
    "Vectors",
    "Verdict",
    "decide",
    "find_alike",
    "find_listed",
    "gather_evidence",
    "judge_regression",
    "n_in_words",
    "power_in_words",
    "ranked",
    "reasons_not_to_train",
    "serve_questions",
    "share_shelf",
    "tried_in",
    "what_would_decide_otherwise",
]
