"""Fits the weights under which right passages come first most surely, never far from the shipped ones; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from db.generations import FEATURES, MOST_LENGTH, MOST_WEIGHT, SHIPPED, Ranking
from retrain.ranking.choices import Choice

Floats = NDArray[np.float64]

_LEAST = np.array([1.0, *[0.0] * (len(FEATURES) - 2), -MOST_LENGTH])
_MOST = np.array([1.0, *[MOST_WEIGHT] * (len(FEATURES) - 2), MOST_LENGTH])
_LEAST_SHARPNESS = 0.2

AS_SHIPPED = "The weights are as they ship: "
"""How the sentence begins that says why nothing was fitted."""


@dataclass(frozen=True, slots=True)
class FittingRules:
    """`worth_of` is how many questions the shipped weights are worth: so many must say otherwise to move them halfway.

    `sharpness` turns scores into odds where the fit begins: a passage that scores .1 more is 2.7 times as likely right.
    Under `at_least` questions nothing is fitted.
    """

    worth_of: float = 10.0
    sharpness: float = 10.0
    at_least: int = 10


@dataclass(frozen=True, slots=True)
class Fitted:
    """A ranking, and from how many questions.

    `before` (by the shipped one) and `after` are the mean chance, 0 to 1, that the softmax of the scores gives the
    right passages. `why_not` says why it is the shipped one, if nothing was fitted.
    """

    ranking: Ranking
    questions: int
    before: float = 0.0
    after: float = 0.0
    why_not: str | None = None


def fit_ranking(choices: Sequence[Choice], rules: FittingRules = FittingRules()) -> Fitted:  # noqa: B008 - frozen
    """Fits weights, the cosine's being 1, to people's choices; with too few of them the shipped ones stay.

    A softmax over each question's passages (listwise, as in Cao et al., Learning to Rank, 2007, of those that are right
    against all), with a ridge toward the shipped weights. Weights are 0 or more, that of length within ±0.3. A feature
    that is the same everywhere keeps its weight. Deterministic.
    """
    usable = [own for own in choices if np.isfinite(own.right).all() and np.isfinite(own.wrong).all()]
    if len(usable) < rules.at_least:
        why = (
            f"{len(usable)} questions have a source that was voted up and others beside it; {rules.at_least} are needed"
        )
        return Fitted(SHIPPED, len(usable), why_not=f"{AS_SHIPPED}{why}.")
    problem = _Problem(usable, rules)
    weights = problem.solve()
    ranking = Ranking(**dict(zip(FEATURES, map(float, weights), strict=True)))
    return Fitted(ranking, len(usable), problem.chance_of_right(problem.shipped), problem.chance_of_right(weights))


class _Problem:
    """All choices in one array, so that a step of the fit is a few products."""

    def __init__(self, choices: Sequence[Choice], rules: FittingRules) -> None:
        self.shipped = np.array(SHIPPED.weights)
        self._rules = rules
        self._features = np.concatenate([part for own in choices for part in (own.right, own.wrong)])
        sizes = [len(own.right) + len(own.wrong) for own in choices]
        self._is_right = np.concatenate(
            [np.arange(size) < len(own.right) for own, size in zip(choices, sizes, strict=True)]
        )
        self._starts = np.cumsum([0, *sizes[:-1]])
        self._choice = np.repeat(np.arange(len(choices)), sizes)
        self._weight = np.array([own.weight for own in choices])
        self._spread = self._spread_within_choices()

    def solve(self) -> Floats:
        """`(len(FEATURES),)` the best weights, that of meaning being 1."""
        from scipy.optimize import minimize

        sharpness = self._rules.sharpness
        bounds = list(zip(sharpness * _LEAST, sharpness * _MOST, strict=True))
        bounds[0] = sharpness * _LEAST_SHARPNESS, np.inf  # what a cosine counts: the others are counted in it
        found = minimize(self._loss, sharpness * self.shipped, jac=True, bounds=bounds, method="L-BFGS-B")
        weights: Floats = np.clip(found.x / found.x[0], _LEAST, _MOST)
        return weights

    def chance_of_right(self, weights: Floats) -> float:
        """The mean chance of the right passages, by the softmax of their scores."""
        chance, right = self._chances(self._rules.sharpness * weights)
        return float(np.add.reduceat(chance * right, self._starts).mean())

    def _loss(self, weights: Floats) -> tuple[float, Floats]:
        chance, right = self._chances(weights)
        of_right = np.add.reduceat(chance * right, self._starts)
        given_right = chance * right / of_right[self._choice]
        pull = (weights - self._rules.sharpness * self.shipped) * self._spread
        loss = -(self._weight * np.log(of_right)).sum() + self._rules.worth_of * pull @ pull / 2
        slope = ((chance - given_right) * self._weight[self._choice]) @ self._features
        return float(loss), slope + self._rules.worth_of * pull * self._spread

    def _chances(self, weights: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        scores = self._features @ weights
        scores -= np.maximum.reduceat(scores, self._starts)[self._choice]
        odds = np.exp(scores)
        chance: Floats = np.maximum(odds / np.add.reduceat(odds, self._starts)[self._choice], 1e-300)
        return chance, self._is_right

    def _spread_within_choices(self) -> Floats:
        """How far passages of one question lie apart in each feature: what a ridge must weigh a weight by."""
        counts = np.bincount(self._choice)[:, None]
        means = np.add.reduceat(self._features, self._starts) / counts
        spread: Floats = (self._features - means[self._choice]).std(axis=0)
        return spread
