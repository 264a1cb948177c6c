"""What is planted: which list of each question is the incumbent's, and which the candidate's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmarks.trial.lists import GAPS, VECTORS, WORDS, Listed, weighed

LEAST_OTHER = 200
"""Questions with other lists that a trial needs: what is asked again is no other question."""

Kind = Literal["no better", "better", "worse"]


@dataclass(frozen=True, slots=True)
class Plant:
    """Two generations.

    Args:
        name: what to call it.
        kind: what a trial ought to find out.
        incumbent, candidate: names of lists.
        mixed: the share of questions where the candidate has its own lists; elsewhere it has the incumbent's.
        swapped: the share of questions where the two lists change sides.
        noise: the share of votes that are wrong; at .5 they mean nothing.
        changing: the share of people's says that they turn round later.
    """

    name: str
    kind: Kind
    incumbent: str = VECTORS
    candidate: str = WORDS
    mixed: float = 1.0
    swapped: float = 0.0
    noise: float = 0.05
    changing: float = 0.0

    def sides(self, listed: Listed, draw: np.random.Generator) -> list[tuple[str, str]]:
        """Of each question, whose list is the incumbent's and whose the candidate's."""
        mixed, swapped = draw.random((2, len(listed.questions)))
        return [
            (self.incumbent, self.incumbent)
            if is_mixed >= self.mixed
            else (self.candidate, self.incumbent)
            if is_swapped < self.swapped
            else (self.incumbent, self.candidate)
            for is_mixed, is_swapped in zip(mixed, swapped, strict=True)
        ]

    def gain(self, listed: Listed) -> float:
        """The mean by which the candidate is better, in ndcg@10."""
        return listed.gain(self.candidate, self.incumbent) * self.mixed * (1 - 2 * self.swapped)


def plants(listed: Listed) -> list[Plant]:
    """All that is planted in these questions; gaps that they have no room for, or too few questions, are left out."""
    room = listed.gain()
    gaps = [gap for gap in GAPS if gap < room]
    return [
        Plant("equally good", "no better", swapped=0.5),
        Plant("equally good, a tenth of votes changed later", "no better", swapped=0.5, changing=0.1),
        Plant("votes mean nothing", "no better", noise=0.5),
        Plant("vectors → words", "better"),
        *(Plant(f"+{gap}: words weigh less", "better", candidate=weighed(gap)) for gap in gaps),
        *(
            Plant(f"+{gap}: other lists on a share of questions", "better", mixed=gap / room)
            for gap in gaps
            if gap / room * len(listed.questions) >= LEAST_OTHER
        ),
        *(Plant(f"+{gap}: more often the better list", "better", swapped=(1 - gap / room) / 2) for gap in gaps),
        Plant("words → vectors", "worse", WORDS, VECTORS),
        *(Plant(f"−{gap}: words weigh less", "worse", weighed(gap), VECTORS) for gap in gaps[-1:]),
    ]
