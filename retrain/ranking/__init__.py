"""Fitting a ranking's weights to what people said of the lists that they were served."""

from retrain.ranking.choices import Choice, choices_of
from retrain.ranking.fitting import AS_SHIPPED, Fitted, FittingRules, fit_ranking

__all__ = ["AS_SHIPPED", "Choice", "Fitted", "FittingRules", "choices_of", "fit_ranking"]
