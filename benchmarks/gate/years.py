"""Years of a company whose nights learn nothing, or something in one of them, decided by the gate itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from retrain.court import (
    NIGHT_SHARE,
    RANKING_SHARE,
    Evidence,
    Ledger,
    Limits,
    Luck,
    Paired,
    Try,
    Vectors,
    decide,
    tried_in,
)

Candidates = Literal["alike", "anew"]
"""Nights that learn from the same votes and more make like candidates; `anew` is the worst case: each is another."""

_LIMITS = Limits(luck=Luck(draws=10_000, randomisations=400))
_DEEPEST = 51.0
_VECTORS = Vectors(np.eye(8, dtype=np.float32)[:4], 8)


@dataclass(frozen=True, slots=True)
class Company:
    """What judges its nights, and how often it has them.

    `scatter` is how far a candidate moves a question's right document: the standard deviation of the logarithm (to 2)
    of its rank, before there is a best rank. The usual value is that of ten nights on covidqa, whose candidates moved
    questions by +.27 of a rank's logarithm with a deviation of .85 (.31 of it) and by +.063 in ndcg@10 (.30 of it).
    """

    golden: int = 50
    voted: int = 30
    votes_at_first: int = 300
    votes_a_year: int = 6000
    news: float = 0.1
    scatter: float = 0.6


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run of a year: when, by how many votes, and how much of the ledger's chance its kind may use."""

    day: float
    votes: float
    share: float


def runs_of_a_year(company: Company) -> list[Attempt]:
    """Whenever a tenth has come to what was said, a night tries, and a ranking run between two of them."""
    attempts, votes, share = [], float(company.votes_at_first), NIGHT_SHARE
    while votes < company.votes_at_first + company.votes_a_year:
        day = (votes - company.votes_at_first) / company.votes_a_year * 365
        attempts.append(Attempt(day, votes, share))
        votes *= np.sqrt(1 + company.news)
        share = RANKING_SHARE if share == NIGHT_SHARE else NIGHT_SHARE
    return attempts if attempts[-1].share == NIGHT_SHARE else attempts[:-1]


def first_night(company: Company, day: float) -> int:
    """The number of a year's first night on that day or later; its last one where there is none."""
    attempts = runs_of_a_year(company)
    nights = [number for number, own in enumerate(attempts) if own.share == NIGHT_SHARE]
    return next((number for number in nights if attempts[number].day >= day), nights[-1])


def promoted_in_a_year(
    company: Company, candidates: Candidates, seed: int, learnt: float = 0.0, learns: int | None = None
) -> int | None:
    """The first run of a year that promotes, by its number from 0 on; None where none does.

    `learnt` is how much the candidate of run `learns` halves ranks by, in truth; all before it learnt nothing, and with
    it the year ends. None: nothing is ever learnt.
    """
    attempts = runs_of_a_year(company)[: None if learns is None else learns + 1]
    draw = np.random.default_rng(seed)
    questions = _Questions(company, draw)
    tries: tuple[Try, ...] = ()
    for number, (attempt, noise) in enumerate(
        zip(attempts, _noises(questions.n, attempts, candidates, draw), strict=True)
    ):
        now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=attempt.day)
        moved = learnt if number == learns else 0.0
        ledger = Ledger(now, tries, attempt.share)
        verdict = decide(questions.evidence(company.scatter * noise + moved), ledger, _LIMITS, seed=seed)
        if verdict.promote:
            return number
        tries = (*tries, Try(now, tried_in(verdict.report)))
    return None


def gain_in_ndcg(company: Company, learnt: float, seed: int = 0) -> tuple[float, float]:
    """Mean and standard deviation of a question's change in ndcg@10, over many, where ranks are halved by `learnt`."""
    draw = np.random.default_rng(seed)
    many = Company(golden=100_000, voted=0, scatter=company.scatter)
    questions = _Questions(many, draw)
    golden = questions.evidence(many.scatter * draw.normal(size=questions.n) + learnt).golden
    return float(golden.gains.mean()), float(golden.gains.std())


def _noises(
    n: int, attempts: list[Attempt], candidates: Candidates, draw: np.random.Generator
) -> Iterator[NDArray[np.float64]]:
    """What luck does to each question, `(n,)` of deviation 1: like before as far as the votes are the same ones."""
    noise, before = draw.normal(size=n), attempts[0].votes
    for attempt in attempts:
        same = before / attempt.votes if candidates == "alike" else 0.0
        noise = np.sqrt(same) * noise + np.sqrt(1 - same) * draw.normal(size=n)
        before = attempt.votes
        yield noise


class _Questions:
    """Golden and voted questions under what serves."""

    def __init__(self, company: Company, draw: np.random.Generator) -> None:
        self.n = company.golden + company.voted
        self._golden = company.golden
        self._depth = np.abs(draw.normal(0.0, 2.0, self.n)) - 0.5  # of the right document: log2 of its rank
        self._own = company.scatter * draw.normal(size=self.n)

    def evidence(self, moved: NDArray[np.float64]) -> Evidence:
        """What the gate sees of a candidate that moves each question's right document by so many halvings."""
        before, after = (_ranks(self._depth - own) for own in (self._own, moved))
        golden, voted = slice(None, self._golden), slice(self._golden, None)
        return Evidence(
            learnt_from=300,
            vectors=_VECTORS,
            golden=Paired(_ndcg(before[golden]), _ndcg(after[golden])),
            golden_ranks=Paired(-np.log2(before[golden]), -np.log2(after[golden])),
            votes=Paired(_in_order(before[voted]), _in_order(after[voted])),
        )


def _ranks(depth: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.clip(np.round(2.0**depth), 1.0, _DEEPEST)


def _ndcg(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(ranks <= 10, 1 / np.log2(1 + ranks), 0.0)


def _in_order(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of a voted question's pairs in the right order, its up-voted source standing at this rank of five."""
    return np.clip((5 - ranks) / 4, 0.0, 1.0)
