"""Do votes show the candidate of a trial to be better, or worse? Looked at again and again, at one price; pure.

Each question that somebody had a say on is won by the candidate, lost, or even. Where neither generation is better, a
coin decided whose pick a source was, so a question is as likely won as lost: the number of those won among those
decided is binomial, whatever people like, however often they agree.

- **Promotion** is a group sequential test: of its `alpha` each look may use what the O'Brien-Fleming-like spending
  function has set free by then (Lan and DeMets: Discrete Sequential Boundaries for Clinical Trials, Biometrika 1983),
  2Φ(Φ⁻¹(alpha/2) / √t) at the share t of the questions there may be. It is next to nothing at first, so little
  is lost by looking. The boundaries are exact, not normal: the probability that a fair coin crosses none before, and
  this one, is summed up over the numbers of questions won.
- **Harm** may end it at any look, also one that nobody planned: a wealth that starts at 1, and is multiplied by 1 + λ
  for a question lost and 1 - λ for one won, reaches 1 / `harm_alpha` with a probability of `harm_alpha` at most, ever
  (Ville 1939; Ramdas et al.: Game-Theoretic Statistics and Safe Anytime-Valid Inference, Statistical Science 2023). The
  mean over a few λ, which are fixed before, has that property too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from itertools import pairwise
from math import exp, log1p, sqrt
from statistics import NormalDist
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from retrain.measures import p_in_words

TrialDecision = Literal["go on", "promoted", "dropped", "undecided"]

_NORMAL = NormalDist()

_MOST = 700.0
"""A logarithm whose exponential is still a float."""


@dataclass(frozen=True, slots=True)
class TrialRules:
    """What is asked of a trial of at most so many `questions` that somebody has a say on.

    `alpha` is the chance at which one that is no better is promoted, `harm_alpha` that at which one that is no worse is
    dropped. `bets` are the λ, each between 0 and 1. It is looked at whenever 1 / `looks` of the questions are new.
    """

    alpha: float
    questions: int
    harm_alpha: float = 0.05
    bets: tuple[float, ...] = (0.15, 0.3, 0.5)
    looks: int = 20

    @property
    def questions_a_look(self) -> int:
        """New questions after which it is looked at again."""
        return max(1, self.questions // self.looks)


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at one look, and what follows.

    Args:
        questions: that somebody had a say on.
        won: of them by the candidate.
        lost: by the incumbent; others are even.
        least_won: how many would have shown that it is better.
        p: the chance that coins win as many of those decided.
        allowed: the chance that they win `least_won`; it is 0 where not even all of them would show it.
        spent: the chance that luck had by this look, of `alpha`.
        wealth: against the candidate; see the module.
        decision: what follows.
    """

    questions: int
    won: int
    lost: int
    least_won: int
    p: float
    allowed: float
    spent: float
    wealth: float
    decision: TrialDecision

    @property
    def decided(self) -> int:
        """Questions that aren't even."""
        return self.won + self.lost

    @property
    def sentence(self) -> str:
        """For people."""
        return (
            f"Of {self.questions} questions that people had a say on, the candidate won {self.won} and lost "
            f"{self.lost} ({p_in_words(self.p)}, and {self.allowed:.4f} was allowed)."
        )

    def as_json(self) -> dict[str, Any]:
        """As the trial's row keeps it."""
        return asdict(self)


def read_look(kept: Mapping[str, Any]) -> Look:
    """What `as_json` kept, whatever was kept beside it."""
    return Look(**{own.name: kept[own.name] for own in fields(Look)})


def is_due(questions: int, earlier: Sequence[Look], rules: TrialRules) -> bool:
    """Whether enough is new for another look, or all are there."""
    seen = earlier[-1].questions if earlier else 0
    return questions - seen >= rules.questions_a_look or questions >= rules.questions > seen


def look(says: Sequence[int], earlier: Sequence[Look], rules: TrialRules, *, is_last: bool = False) -> Look:
    """One look: what people say by now, after the `earlier` ones.

    Args:
        says: of each question that somebody had a say on: 1 where the candidate won, -1 where it lost, 0 where even.
        earlier: looks that didn't end it, the first first.
        rules: of this trial.
        is_last: whether its time is up: all of `alpha` that is left may be used.
    """
    won, lost, n = says.count(1), says.count(-1), len(says)
    decided = won + lost
    is_last |= n >= rules.questions
    allowed_by_now = rules.alpha if is_last else spending(n / rules.questions, rules.alpha)
    least_won, spent = _boundary(decided, allowed_by_now, earlier)
    p, allowed = (_coins_win(least, decided) for least in (won, least_won))
    wealth = sum(exp(min(_MOST, won * log1p(-bet) + lost * log1p(bet))) for bet in rules.bets) / len(rules.bets)
    decision: TrialDecision = "undecided" if is_last else "go on"
    if won >= least_won:
        decision = "promoted"
    elif wealth >= 1 / rules.harm_alpha:
        decision = "dropped"
    return Look(n, won, lost, least_won, p, allowed, spent, wealth, decision)


def spending(t: float, alpha: float) -> float:
    """How much of `alpha` may be used at the share t (0 to 1) of what is planned; see the module."""
    if t <= 0 or alpha <= 0:
        return 0.0
    return 2 * _NORMAL.cdf(_NORMAL.inv_cdf(alpha / 2) / sqrt(min(1.0, t)))


def _boundary(decided: int, allowed: float, earlier: Sequence[Look]) -> tuple[int, float]:
    """How many of those decided must be won, and the chance that luck has had by then.

    Where votes were taken back since the last look, what came before is no part of what there is now: the chance of
    either is at most the sum of both.
    """
    spent = earlier[-1].spent if earlier else 0.0
    numbers = [*(own.decided for own in earlier), decided]
    if any(later < before for before, later in pairwise(numbers)):
        still = _coins(decided)
    else:
        still, before = np.ones(1), 0
        for own in earlier:
            still = np.convolve(still, _coins(own.decided - before))
            still[own.least_won :] = 0.0
            before = own.decided
        still = np.convolve(still, _coins(decided - before))
    at_least = np.append(still[::-1].cumsum()[::-1], 0.0)  # so many or more, no look having ended it before
    least_won = int(np.argmax(at_least <= max(0.0, allowed - spent)))
    if at_least[least_won] == 0:  # only votes that were changed since would get there, and nothing is set aside for it
        least_won = decided + 1
    return least_won, spent + float(at_least[least_won])


@lru_cache(maxsize=512)
def _coins(n: int) -> NDArray[np.float64]:
    """`(n + 1,)` the probabilities that 0, 1, … of n fair coins win."""
    from scipy.stats import binom

    chances: NDArray[np.float64] = binom.pmf(np.arange(n + 1), n, 0.5)
    chances.setflags(write=False)
    return chances


@lru_cache(maxsize=4096)
def _coins_win(least: int, n: int) -> float:
    """The probability that at least so many of n fair coins win."""
    from scipy.stats import binom

    return float(binom.sf(least - 1, n, 0.5)) if least <= n else 0.0
