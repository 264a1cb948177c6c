"""Is a candidate better? Evidence, and the gate that decides."""

from retrain.court.enough import reasons_not_to_train
from retrain.court.evidence import ANSWERS, MEASURES, Evidence, Limits, Luck, Paired, Vectors, n_in_words
from retrain.court.gate import Verdict, decide
from retrain.court.golden_set import find_alike, power_in_words
from retrain.court.judge import gather_evidence, share_shelf
from retrain.court.ledger import BEFORE_TRIAL_SHARE, NIGHT_SHARE, RANKING_SHARE, Ledger, Spending, Try
from retrain.court.margins import SLICES, what_would_decide_otherwise
from retrain.court.regression import FindRegressionSet, OnRegressionSet, RegressionSet, judge_regression
from retrain.court.says import MOST_OF_ONE, TeamVote, fold_says
from retrain.court.serve import Portion, Served, Shelf, Side, find_listed, ranked, serve_questions
from retrain.court.superiority import TRIED, tried_in
from retrain.court.trial import Look, TrialRules, is_due, look, read_look

__all__ = [
    "ANSWERS",
    "BEFORE_TRIAL_SHARE",
    "Evidence",
    "FindRegressionSet",
    "Ledger",
    "Limits",
    "Look",
    "Luck",
    "MEASURES",
    "MOST_OF_ONE",
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
    "TeamVote",
    "TrialRules",
    "Try",
    "Vectors",
    "Verdict",
    "decide",
    "find_alike",
    "find_listed",
    "fold_says",
    "gather_evidence",
    "is_due",
    "judge_regression",
    "look",
    "n_in_words",
    "power_in_words",
    "ranked",
    "read_look",
    "reasons_not_to_train",
    "serve_questions",
    "share_shelf",
    "tried_in",
    "what_would_decide_otherwise",
]
