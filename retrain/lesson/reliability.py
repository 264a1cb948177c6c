"""How reliable is each voter? Whoever reads what is shown votes it up less and less often from the first rank on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from retrain.lesson.labels import Judgement, LabelRules, on_sources

PRIORS = {
    "reads": 0.49,
    "picks": 0.24,
    "corrects": 0.08,
    "misses": 0.08,
    "thanks": 0.08,
    "coins": 0.015,
    "against": 0.015,
}
"""Ways to vote, and how common each is thought to be. All but the last two are honest. Whoever `picks` calls one source
of an answer right, wherever it stands; whoever `corrects` votes only where the first source is wrong; for whoever
`misses` the search is bad at what just this person asks, at any rank; and whoever `thanks` votes only on what is right.
"""

HONEST = 1 - PRIORS["coins"] - PRIORS["against"]

HABIT_SD = {"honest": 2.0, "misses": 0.5, "coins": 0.5, "against": 1.0}
"""Log-odds by which people differ in how readily they vote up. Honest ones so much that it tells little: somebody for
whom the search finds next to nothing has few 👍 to give. Who turns votes round, or tosses coins, gives many."""

MISSED = -2.0
"""Log-odds of an up-vote from somebody for whom the search is bad."""

SLIP = 0.05
"""Share of votes that are a slip of the finger."""

ROUNDS = 4
SHRINKAGE = 10.0
"""Votes' worth by which a rank's share of up-votes is drawn to that of all ranks."""

_NORMAL = np.linspace(-3.5, 3.5, 57)
_LOG_NORMAL = -0.5 * _NORMAL**2 - np.log(np.exp(-0.5 * _NORMAL**2).sum())


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
    unknown = HONEST if reliability else 1.0
    kept = tuple(
        replace(vote, weight=vote.weight * reliability.get(vote.person, unknown))
        for vote in judgements
        if reliability.get(vote.person, unknown) >= rules.min_reliability
    )
    left_out = {person for person, share in reliability.items() if share < rules.min_reliability}
    return Reliable(kept, len(left_out), len(judgements) - len(kept))


def reliability_of(judgements: Iterable[Judgement]) -> dict[str, float]:
    """The probability that each person votes honestly, as far as votes on ranked sources tell.

    A mixture of those ways to vote, fitted by expectation maximisation (as Dawid and Skene 1979 did for doctors who
    disagree, with the ranking in the place of other people's word on the same thing, since few sources get two votes).
    At rank r a reader's vote is up with the log-odds s_r + h, h ~ N(0, `HABIT_SD`) being the person's own; one against
    is the reverse; a coin's are h at every r. Given who is honest, s_r is the share of up-votes at r, shrunk.

    Returns:
        by person, 0 to 1; nobody where honest votes would not fall with the rank, for it then tells nobody apart.
    """
    votes = on_sources(judgements)
    if not votes:
        return {}
    people, person = np.unique([vote.person for vote, _ in votes], return_inverse=True)
    ranks, rank = np.unique([shown_at for _, shown_at in votes], return_inverse=True)
    question = np.array([vote.question_id for vote, _ in votes])
    up = np.array([vote.value > 0 for vote, _ in votes], dtype=np.float64)
    depths = np.log2(ranks.astype(np.float64))
    say = _equal_say(person)
    honest = np.ones(len(people))
    for _ in range(ROUNDS):
        weights = (honest * say)[person]
        shares = _shares_of_ups(rank, up, weights, len(ranks))
        if not _falls(shares, depths, rank, weights):
            return {}
        odds = np.log(shares / (1 - shares))[rank]
        honest = np.array(
            [_probability_honest(odds[own], up[own], ranks[rank[own]], question[own]) for own in _rows_of(person)]
        )
    return {str(name): float(share) for name, share in zip(people, honest, strict=True)}


def _equal_say(person: NDArray[np.intp]) -> NDArray[np.float64]:
    """The weight of each person's votes, `(people,)`: nobody has more to say of what is usual than the median voter.

    Otherwise a few who vote on everything would be the usual, and all others odd.
    """
    votes = np.bincount(person)
    say: NDArray[np.float64] = np.minimum(1.0, np.median(votes) / votes)
    return say


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
    if mass.sum() < 1:  # nobody's vote is left to tell the others by
        return False
    centred = depths - np.average(depths, weights=mass)
    return bool((mass * centred * shares).sum() < 0)


def _probability_honest(
    odds: NDArray[np.float64],
    up: NDArray[np.float64],
    rank: NDArray[np.int64],
    question: NDArray[np.int64],
) -> float:
    """Of one person, with a reader's log-odds `(n,)` of each vote, whether it was up, at which rank, on what."""
    first = rank == 1
    likelihoods = {
        "reads": _log_likelihood(odds, up, HABIT_SD["honest"]),
        "picks": _log_picks(up, rank, question),
        "corrects": _log_likelihood(odds[~first], up[~first], HABIT_SD["honest"]) + _log_slips(1 - up[first]),
        "misses": _log_likelihood(np.full_like(odds, MISSED), up, HABIT_SD["misses"]),
        "thanks": _log_slips(up),
        "coins": _log_likelihood(np.zeros_like(odds), up, HABIT_SD["coins"]),
        "against": _log_likelihood(odds, 1 - up, HABIT_SD["against"]),
    }
    most = max(likelihoods.values())
    share = {way: PRIORS[way] * float(np.exp(own - most)) for way, own in likelihoods.items()}
    return 1 - (share["coins"] + share["against"]) / sum(share.values())


def _log_picks(up: NDArray[np.float64], rank: NDArray[np.int64], question: NDArray[np.int64]) -> float:
    """The log-likelihood of at most one up-vote for each question.

    It is the lowest of those voted on with a half, for whoever has found the right one looks no further; another one
    or none with a quarter each.
    """
    order = np.lexsort((rank, question))
    up, question = up[order], question[order]
    _, first, votes = np.unique(question, return_index=True, return_counts=True)
    ups, lowest_up = np.add.reduceat(up, first), up[first + votes - 1] > 0
    one = np.where(lowest_up, 0.5, 0.25 / np.maximum(votes - 1, 1))
    allowed = np.where(votes == 1, 0.5, np.where(ups == 0, 0.25, one))
    others = np.maximum(2.0**votes - votes - 1, 1.0)
    return float(np.log(np.where(ups <= 1, (1 - SLIP) * allowed, SLIP / others)).sum())


def _log_slips(expected: NDArray[np.float64]) -> float:
    """The log-likelihood of votes `(n,)` of somebody who only votes one way; 1 where it is that way."""
    slips = float((1 - expected).sum())
    return float(np.log(1 - SLIP)) * (len(expected) - slips) + float(np.log(SLIP)) * slips


def _log_likelihood(odds: NDArray[np.float64], up: NDArray[np.float64], sd: float) -> float:
    """Of votes `(n,)`, over all habits."""
    signed = np.where(up > 0, 1.0, -1.0)[:, None] * (odds[:, None] + sd * _NORMAL)
    return float(np.logaddexp.reduce(_LOG_NORMAL - np.sum(np.log1p(np.exp(-signed)), axis=0)))
