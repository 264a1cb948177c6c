"""On a few answers the last source comes from further down, so that votes reach what the ranking hides; pure.

A document that is never shown never gets a vote, so votes alone can't say that it should have been. Chance decides,
and what is logged is how likely each document was to be shown: only with that can votes be weighed later (inverse
propensity scoring: Joachims, Swaminathan, Schnabel: Unbiased Learning-to-Rank with Biased Feedback, WSDM 2017). Its
passages come with it, the same whenever it is drawn, so that its chance is theirs too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.question import EXPLORATION_DEPTH


@dataclass(frozen=True, slots=True)
class Choice:
    """Ranks of documents that are shown, ascending; and of each that might have been, how likely that was (0 to 1).

    `explores` if the last one was drawn from further down.
    """

    shown: tuple[int, ...]
    propensities: Mapping[int, float]
    explores: bool = False


def choose_ranks(relevant: Sequence[int], n: int, share: float, key: str) -> Choice:
    """Choose which documents are shown: the first `n`, but on `share` of the answers the last one gives up its slot.

    Its place then goes to one of those after it, down to rank 20, each as likely. The best source is never given
    up, and where nothing relevant is left over, nothing is explored. The same key always draws the same.

    Args:
        relevant: ranks of documents that are relevant enough to be shown, ascending; 1 is the best.
        n: sources that an answer has.
        share: of the answers that explore, 0 to 1.
        key: what is drawn from: the event, or the question.
    """
    ordinary = relevant[:n]
    hidden = [rank for rank in relevant[n:] if rank <= EXPLORATION_DEPTH]
    if n < 2 or not hidden or not share:
        return Choice(tuple(ordinary), dict.fromkeys(ordinary, 1.0))
    *always, last = ordinary
    propensities = dict.fromkeys(always, 1.0) | {last: 1.0 - share} | dict.fromkeys(hidden, share / len(hidden))
    whether, which = _draw(key)
    explored = hidden[int(which * len(hidden))] if whether < share else last
    return Choice((*always, explored), propensities, whether < share)


def _draw(key: str) -> tuple[float, float]:
    """Two independent uniform draws from [0, 1)."""
    digest = hashlib.sha256(f"exploration\x1f{key}".encode("utf-8", "replace")).digest()
    # 48 bits each: a float holds them exactly, so neither draw can round up to 1
    return int.from_bytes(digest[:6]) / 2**48, int.from_bytes(digest[6:12]) / 2**48
