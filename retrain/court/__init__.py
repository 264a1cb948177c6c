"""Is a candidate better? Evidence, and the gate that decides."""

from retrain.court.changes import RANKED_DEPTH
from retrain.court.enough import reasons_not_to_train
from retrain.court.evidence import ANSWERS, MEASURES, Paired, n_in_words
from retrain.court.gate import Verdict, decide
from retrain.court.golden_set import find_alike, power_in_words
from retrain.court.judge import Side, comparable_floor, gather_evidence, judge_regression
from retrain.court.margins import SLICES, what_would_decide_otherwise
from retrain.court.regression import FindRegressionSet, RegressionSet

__all__ = [
    "ANSWERS",
    "FindRegressionSet",
    "MEASURES",
    "Paired",
    "RANKED_DEPTH",
    "RegressionSet",
    "SLICES",
    "Side",
    "Verdict",
    "comparable_floor",
    "decide",
    "find_alike",
    "gather_evidence",
    "judge_regression",
    "n_in_words",
    "power_in_words",
    "reasons_not_to_train",
    "what_would_decide_otherwise",
]
