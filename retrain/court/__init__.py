"""Is a candidate better? Evidence, and the gate that decides."""

from retrain.court.enough import reasons_not_to_train
from retrain.court.evidence import ANSWERS, MEASURES, Paired, n_in_words
from retrain.court.gate import Verdict, decide
from retrain.court.golden_set import find_alike, power_in_words
from retrain.court.judge import gather_evidence, share_shelf
from retrain.court.margins import SLICES, what_would_decide_otherwise
from retrain.court.regression import FindRegressionSet, OnRegressionSet, RegressionSet, judge_regression
from retrain.court.serve import Portion, Served, Shelf, Side, find_listed, ranked, serve_questions

__all__ = [
    "ANSWERS",
    "FindRegressionSet",
    "MEASURES",
    "OnRegressionSet",
    "Paired",
    "Portion",
    "RegressionSet",
    "SLICES",
    "Served",
    "Shelf",
    "Side",
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
    "what_would_decide_otherwise",
]
