"""How reliable is each voter? Whoever reads what is shown votes it up less and less often from the first rank on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retrain.labels import Judgement, LabelRules, on_sources

PRIORS = {"reads": 0.80, "corrects": 0.05, "thanks": 0.05, "coins": 0.05, "against": 0.05}
"""Ways to vote, and how common each is thought to be. The first three are honest: whoever `corrects` votes only where
the first source is wrong, so that it alone never gets an up-vote; whoever `thanks` votes only on what is right."""

HABIT_SD = 2.0
"""Log-odds by which people differ in how readily they vote up. So wide that it tells little: 👍 on the last rank as
often as on the first says more with each vote."""

SLIP = 0.05
"""Share of votes that are a slip of the finger."""

ROUNDS = 4
SHRINKAGE = 10.0
"""Votes' worth by which a rank's share of up-votes is drawn to that of all ranks."""

_HABITS = np.linspace(-3.5, 3.5, 57) * HABIT_SD
_LOG_HABITS = -0.5 * (_HABITS / HABIT_SD) ** 2 - np.log(np.exp(-0.5 * (_HABITS / HABIT_SD) ** 2).sum())


@dataclass(frozen=True, slots=True)
class Reliable:
    """The votes to learn from, weighed; `people` and `votes` count what was left out."""

    judgements: tuple[Judgement, ...]
    people: int
    votes: int


def weigh_people(judgements: Sequence[Judgement], rules: LabelRules) -> Reliable:
    """Each vote's weight times its person's reliability; who falls under `rules.min_reliability` is left out.

    Where that is 0 everybody is believed alike.
    """
    if rules.min_reliability == 0:
        return Reliable(tuple(judgements), 0, 0)
    reliability = reliability_of(judgements)
    kept = tuple(
        replace(vote, weight=vote.weight * reliability.get(vote.person, 1.0))
        for vote in judgements
        if reliability.get(vote.person, 1.0) >= rules.min_reliability
    )
    left_out = {person for person, share in reliability.items() if share < rules.min_reliability}
    return Reliable(kept, len(left_out), len(judgements) - len(kept))


def reliability_of(judgements: Iterable[Judgement]) -> dict[str, float]:
    """The probability that each person votes honestly, as far as votes on ranked sources tell.

    A mixture of those ways to vote, fitted by expectation maximisation (as Dawid and Skene 1979 did for doctors who
    disagree, with the ranking in the place of other people's word on the same thing, since few sources get two votes).
    At rank r a reader's vote is up with the log-odds s_r + h, h ~ N(0, `HABIT_SD`) being the person's own; one against
    is the reverse; a coin's are the same at every r. Given who is honest, s_r is the share of up-votes at r, shrunk.

    Returns:
        by person, 0 to 1; nobody where honest votes would not fall with the rank, for it then tells nobody apart.
    """
    votes = on_sources(judgements)
    if not votes:
        return {}
    people, person = np.unique([vote.person for vote, _ in votes], return_inverse=True)
    ranks, rank = np.unique([shown_at for _, shown_at in votes], return_inverse=True)
    up = np.array([vote.value > 0 for vote, _ in votes], dtype=np.float64)
    depths = np.log2(ranks.astype(np.float64))
    honest = np.ones(len(people))
    for _ in range(ROUNDS):
        shares = _shares_of_ups(rank, up, honest[person], len(ranks))
        if not _falls(shares, depths, rank, honest[person]):
            return {}
        odds = np.log(shares / (1 - shares))[rank]
        honest = np.array(
            [
                _probability_honest(odds[own], float(odds.mean()), up[own], ranks[rank[own]] == 1)
                for own in _rows_of(person)
            ]
        )
    return {str(name): float(share) for name, share in zip(people, honest, strict=True)}


def _rows_of(person: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    rows: dict[int, list[int]] = defaultdict(list)
    for row, number in enumerate(person):
        rows[int(number)].append(row)
    return [np.array(rows[number], dtype=np.intp) for number in sorted(rows)]


def _shares_of_ups(
    rank: NDArray[np.intp], up: NDArray[np.float64], weights: NDArray[np.float64], n_ranks: int
) -> NDArray[np.float64]:
    """`(n_ranks,)`, inside of 0 and 1."""
    mean = (np.sum(weights * up) + 1) / (np.sum(weights) + 2)
    ups = np.bincount(rank, weights=weights * up, minlength=n_ranks)
    counts = np.bincount(rank, weights=weights, minlength=n_ranks)
    shares: NDArray[np.float64] = (ups + SHRINKAGE * mean) / (counts + SHRINKAGE)
    return shares


def _falls(
    shares: NDArray[np.float64], depths: NDArray[np.float64], rank: NDArray[np.intp], weights: NDArray[np.float64]
) -> bool:
    mass = np.bincount(rank, weights=weights, minlength=len(shares))
    centred = depths - np.average(depths, weights=mass)
    return bool((mass * centred * shares).sum() < 0)


def _probability_honest(
    odds: NDArray[np.float64], mean: float, up: NDArray[np.float64], first: NDArray[np.bool_]
) -> float:
    """Of one person, with a reader's log-odds `(n,)` of each vote, whether it was up, and whether on the first rank."""
    likelihoods = {
        "reads": _log_likelihood(odds, up),
        "corrects": _log_likelihood(odds[~first], up[~first]) + _log_slips(1 - up[first]),
        "thanks": _log_slips(up),
        "coins": _log_likelihood(np.full_like(odds, mean), up),
        "against": _log_likelihood(odds, 1 - up),
    }
    most = max(likelihoods.values())
    share = {way: PRIORS[way] * float(np.exp(own - most)) for way, own in likelihoods.items()}
    return 1 - (share["coins"] + share["against"]) / sum(share.values())


def _log_slips(expected: NDArray[np.float64]) -> float:
    """The log-likelihood of votes `(n,)` of somebody who only votes one way; 1 where it is that way."""
    slips = float((1 - expected).sum())
    return float(np.log(1 - SLIP)) * (len(expected) - slips) + float(np.log(SLIP)) * slips


def _log_likelihood(odds: NDArray[np.float64], up: NDArray[np.float64]) -> float:
    """Of votes `(n,)`, over all habits."""
    signed = np.where(up > 0, 1.0, -1.0)[:, None] * (odds[:, None] + _HABITS)
    each: NDArray[np.float64] = _LOG_HABITS - np.sum(np.log1p(np.exp(-signed)), axis=0)
    return float(each.max() + np.log(np.exp(each - each.max()).sum()))
