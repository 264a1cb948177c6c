"""Which pieces are quoted: the best, and others that add to it, within what people read; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.quoting.pieces import Piece
from bot.quoting.wording import Shares, Wording
from db.search import Hit

MAX_QUOTES = 4
MAX_QUOTED_CHARS = 1_000
MARGIN = 0.2
"""A further quote may score so much less than the best."""

NEW_WORDS = 0.1
"""What a further quote gains for all of the question's words, where those before it have none: a comparison of two
things is answered by a quote on each."""

NEARBY = 0.1
"""What a further quote gains for standing in the passage of the best: it is likelier to complete the answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A piece of a passage of source `number`, how well it answers, and what it has of the question's words."""

    number: int
    passage: Hit
    piece: Piece
    score: float = 0.0
    having: Shares = field(default_factory=lambda: np.zeros(0))


def choose(candidates: Sequence[Candidate], wording: Wording) -> list[Candidate]:
    """The best of the candidates, of which there are some, and at most three more that fit and say something else."""
    left = sorted(candidates, key=lambda candidate: -candidate.score)
    chosen = [left.pop(0)]
    said = chosen[0].having
    room = MAX_QUOTED_CHARS - len(chosen[0].piece.text)
    while left and len(chosen) < MAX_QUOTES:
        worth = [
            one.score
            + NEW_WORDS * wording.weigh(np.maximum(one.having - said, 0.0))
            + NEARBY * (one.passage == chosen[0].passage)
            for one in left
        ]
        best = int(np.argmax(worth))
        if worth[best] < chosen[0].score - MARGIN:
            break
        candidate = left.pop(best)
        text = candidate.piece.text
        if len(text) <= room and not any(_same(text, other.piece.text) for other in chosen):
            chosen.append(candidate)
            said = np.maximum(said, candidate.having)
            room -= len(text)
    return chosen


def _same(text: str, other: str) -> bool:
    """Chunks overlap, and documents copy each other: nothing is quoted twice."""
    shorter, longer = sorted((" ".join(part.split()).casefold() for part in (text, other)), key=len)
    return shorter in longer
