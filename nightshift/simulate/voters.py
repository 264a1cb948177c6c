"""Simulated people: they look at what was shown, and vote by gold judgements, with habits, noise and lies."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Voter:
    """One person's habits.

    Rank r (1 is the best) is examined with probability r ** -`impatience`, and what was examined is voted on with
    probability `zeal`. A vote is wrong with probability `noise`; a liar's votes are all turned round.
    """

    name: str
    impatience: float
    zeal: float
    noise: float
    liar: bool = False


@dataclass(frozen=True, slots=True)
class CastVote:
    """A vote on the source at `rank` (1 is the best)."""

    person: str
    rank: int
    value: int


def make_voters(count: int, *, seed: int, noise: float = 0.05, liars: float = 0.0) -> list[Voter]:
    """`count` people whose habits differ; `round(liars * count)` of them lie, all others err with `noise`."""
    if count < 1 or not 0 <= noise <= 1 or not 0 <= liars <= 1:
        raise ValueError("there must be a voter, and noise and liars must be shares between 0 and 1")
    draw = random.Random(_seed_of(seed, "voters"))  # noqa: S311
    lying = set(draw.sample(range(count), round(liars * count)))
    return [
        Voter(
            name=f"voter-{number:03d}",
            impatience=draw.uniform(0.1, 0.6),
            zeal=draw.uniform(0.8, 1.0),
            noise=noise,
            liar=number in lying,
        )
        for number in range(count)
    ]


def asker_of(question: str, voters: Sequence[Voter], *, seed: int) -> Voter:
    """Who asks a question: some people ask much more than others (Zipf), and the same one whatever the order."""
    draw = random.Random(_seed_of(seed, "asker", question))  # noqa: S311
    return draw.choices(voters, weights=[1 / (place + 3) for place in range(len(voters))])[0]


def cast_votes(
    voter: Voter, question: str, shown: Sequence[str], relevant: AbstractSet[str], *, seed: int
) -> list[CastVote]:
    """The votes that a person gives to the documents `shown` (best first) for a question.

    The draw for a rank depends on the seed, the person, the question and the rank alone, so neither the order of
    questions nor what else was shown changes it.
    """
    votes = []
    for rank, document in enumerate(shown, start=1):
        draw = random.Random(_seed_of(seed, voter.name, question, str(rank)))  # noqa: S311
        examined, moved, slipped = draw.random(), draw.random(), draw.random()
        if examined < rank**-voter.impatience and moved < voter.zeal:
            wrong = (slipped < voter.noise) != voter.liar
            votes.append(CastVote(voter.name, rank, 1 if (document in relevant) != wrong else -1))
    return votes


def _seed_of(seed: int, *parts: str) -> int:
    digest = hashlib.sha256("\x1f".join((str(seed), *parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big")
