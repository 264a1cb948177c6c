"""The draw of a trial: two generations pick sources by turns, and nobody knows whose is whose; pure.

Team draft interleaving (Radlinski, Kurup, Joachims: How Does Clickthrough Data Reflect Retrieval Quality?, CIKM 2008).
In each round a coin says which generation picks first; each picks the best of its sources that isn't there yet. Where
both would pick the same one, it is shown and credits neither, so what they agree on decides nothing and costs no coin.
Where one has no source left, what the other still has is shown and credits neither too: a longer list is no better one.
Which sources are there after a round doesn't depend on its coin, and neither do later rounds. So whatever places people
look at first, both generations' picks are there as often, and votes that mean nothing favour neither.

It was preferred to probabilistic interleaving (Hofmann, Whiteson, de Rijke, CIKM 2011), which shows people rankings
that neither generation made, and to optimised interleaving (Radlinski, Craswell, WSDM 2013), whose weights on five
sources would be solved anew for each question: they win sensitivity where nobody may see more than clicks, while here
a source that is right can be said to be right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from db.question import Team

Source = TypeVar("Source", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Slot(Generic[Source]):
    """A source that is shown, and whose pick it was: None where it is to nobody's credit."""

    source: Source
    team: Team | None


def takes_part(key: str, share: float) -> bool:
    """Whether a question is answered by both; `share` (0 to 1) of all keys, the same ones each time."""
    return _uniform(f"takes part\x1f{key}") < share


def draft(incumbent: Sequence[Source], candidate: Sequence[Source], n: int, key: str) -> list[Slot[Source]]:
    """The `n` sources that are shown, best first, fewer where there are no more.

    Args:
        incumbent: what it would show, best first, each source once.
        candidate: the same of it; a source that both have is equal in both.
        n: sources that an answer has.
        key: what the coins are drawn from; the same always draws the same. Neither list is looked at below its nth.
    """
    return list(islice(_slots(incumbent[:n], candidate[:n], key), n))


def count_contested(slots: Sequence[Slot[Source]]) -> int:
    """Slots to somebody's credit; where there is none, the question is not competitive."""
    return sum(slot.team is not None for slot in slots)


def _slots(incumbent: Sequence[Source], candidate: Sequence[Source], key: str) -> Iterator[Slot[Source]]:
    shown: set[Source] = set()
    number = 0
    while True:
        ours = next((own for own in incumbent if own not in shown), None)
        theirs = next((own for own in candidate if own not in shown), None)
        if ours is None or theirs is None or ours == theirs:
            at_hand = theirs if ours is None else ours
            if at_hand is None:
                return
            picks: list[Slot[Source]] = [Slot(at_hand, None)]
        else:
            number += 1
            picks = [Slot(ours, "incumbent"), Slot(theirs, "candidate")]
            if _uniform(f"round {number}\x1f{key}") < 0.5:
                picks.reverse()
        shown |= {pick.source for pick in picks}
        yield from picks


def _uniform(what: str) -> float:
    """A uniform draw from [0, 1)."""
    # 48 bits: a float holds them exactly, so none can round up to 1
    return int.from_bytes(hashlib.sha256(f"trial\x1f{what}".encode("utf-8", "replace")).digest()[:6]) / 2**48
