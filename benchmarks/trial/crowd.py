"""People who ask and vote, with the habits of `nightshift.simulate.voters`, drawn many at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from nightshift.simulate.people import PEOPLE
from nightshift.simulate.voters import make_voters

BESIDE = 0.2
"""Of the questions, those that somebody else votes on too."""

_AT_ONCE = 512


class Crowd:
    """People of one trial.

    Whoever asks votes on the answer, and now and then somebody who reads along. A vote goes as `cast_votes` has it go,
    but for where its chances come from: a generator that hands out hundreds of questions' worth of them at a time.
    """

    def __init__(self, sources: int, noise: float, seed: int) -> None:
        self._draw = np.random.default_rng([seed, 2])
        self._sources = sources
        voters = make_voters(PEOPLE, seed=seed, noise=noise)
        self._names = [own.name for own in voters]
        ranks = np.arange(1, sources + 1)
        self._voting = np.array([own.zeal * ranks**-own.impatience for own in voters])
        self._noise = noise
        self._asking = 1 / (np.arange(PEOPLE) + 3)
        self._at = _AT_ONCE

    def votes(self, shown: Sequence[str], right: Collection[str]) -> list[tuple[str, int, int]]:
        """Who votes on what is shown for the next question: person, place (from 0) and value."""
        if self._at == _AT_ONCE:
            self._refill()
        at, self._at = self._at, self._at + 1
        votes = []
        for person, is_voting, is_slip in self._people[at]:
            for place, source in enumerate(shown):
                if is_voting[place]:
                    votes.append((self._names[person], place, 1 if (source in right) != is_slip[place] else -1))
        return votes

    def _refill(self) -> None:
        draw, size = self._draw, (_AT_ONCE, 2, self._sources)
        who = draw.choice(PEOPLE, (_AT_ONCE, 2), p=self._asking / self._asking.sum())
        is_voting = (draw.random(size) < self._voting[who]).tolist()
        is_slip = (draw.random(size) < self._noise).tolist()
        reads_along = (draw.random(_AT_ONCE) < BESIDE) & (who[:, 0] != who[:, 1])
        self._people = [
            [(int(who[at, each]), is_voting[at][each], is_slip[at][each]) for each in range(1 + int(reads_along[at]))]
            for at in range(_AT_ONCE)
        ]
        self._at = 0
