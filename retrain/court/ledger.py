"""The ledger of error: how much of a year's chance of promoting by luck tonight's try may use."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from retrain.measures import Tried

YEAR = timedelta(days=365)

NIGHT_SHARE = 2 / 3
"""Of the chance there is when a night tries: one that just missed must not wait for months."""

BEFORE_TRIAL_SHARE = 1 / 3
"""The same where a trial may follow, which has what is left then: one candidate spends chance by both, once each."""

RANKING_SHARE = 1 / 6
"""Of the chance there is when a ranking run tries: they are many, and the nights' candidates have rankings too."""


@dataclass(frozen=True, slots=True)
class Spending:
    """What luck is allowed: `in_a_year` in all, of which `at_first` is there when a year's first try is made.

    The rest comes in with the square root of the time that has gone by, since tries come thick while a tenth more votes
    is soon there; evenly, what is learnt in a year's second month would be seen least of all. Each try may use a share
    of what is there.
    """

    in_a_year: float = 0.05
    at_first: float = 0.025


@dataclass(frozen=True, slots=True)
class Try:
    """A run that held a candidate against what serves; `at` is when it began."""

    at: datetime
    tried: Tried


@dataclass(frozen=True, slots=True)
class Ledger:
    """Tries since the last promotion that still stands, the oldest first, and when tonight's began.

    A promotion begins a new ledger: with nothing to be found there is none, and so at most `in_a_year` of years have
    one; where there is something, at most one promotion of `1 / in_a_year` is luck in the long run (alpha-investing,
    Foster and Stine 2008). One that people take back begins nothing. `share` is how much of what there is tonight's
    kind of run may use.
    """

    now: datetime
    tries: tuple[Try, ...] = ()
    share: float = NIGHT_SHARE
    spending: Spending = Spending()

    @property
    def earlier(self) -> tuple[Tried, ...]:
        """What tonight's try is tested together with: the last year's."""
        return tuple(own.tried for own in self._dated if own.at > self.now - YEAR)

    @property
    def spent(self) -> float:
        """Of a year's chance, by the tries of the last 365 days."""
        return sum(own.alpha for own in self.earlier)

    @property
    def alpha(self) -> float:
        """The chance of luck that tonight's try is allowed; 0 or more."""
        began, in_this_year = self._this_year()
        rule = self.spending
        gone_by = min(1.0, (self.now - began) / YEAR)
        come_in = rule.at_first + (rule.in_a_year - rule.at_first) * math.sqrt(gone_by)
        left = min(come_in - sum(own.tried.alpha for own in in_this_year), rule.in_a_year - self.spent)
        return max(0.0, left) * self.share

    @property
    def _dated(self) -> tuple[Try, ...]:
        """The tries, none later than the next one or than tonight: a clock that was ahead costs no years of waiting."""
        latest, dated = self.now, list[Try]()
        for own in reversed(self.tries):
            latest = min(latest, own.at)
            dated.append(replace(own, at=latest))
        return tuple(reversed(dated))

    def _this_year(self) -> tuple[datetime, Sequence[Try]]:
        """When the year began that tonight belongs to, with its first try, and what was tried in it."""
        tries, first = self._dated, 0
        for number, own in enumerate(tries):
            if own.at - tries[first].at >= YEAR:
                first = number
        if not tries or self.now - tries[first].at >= YEAR:
            return self.now, ()
        return tries[first].at, tries[first:]
