"""Which questions train and which judge (the gate): near-duplicates always on one side."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Part = Literal["train", "gate"]
Kind = Literal["golden", "explored", "voted"]

_KINDS: tuple[Kind, ...] = ("golden", "explored", "voted")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to be put on one side: `golden` if somebody gave its right passage, else `explored` or `voted`.

    It is explored if chance had brought up one of the sources that it was voted on for. `asked_s` is in seconds since
    the epoch.
    """

    text: str
    kind: Kind
    asked_s: float = 0.0


@dataclass(frozen=True, slots=True)
class SplitRules:
    """`shares` of the questions that judge, by kind; the others train. From the cosine `near_duplicate` on two are one.

    Golden questions teach most, for they name passages that the serving generation misses, and they alone can show
    that a candidate is better: a third of them judges, and up to half where `min_golden_gate` is not reached
    otherwise. Other votes are there to be learnt from.
    """

    near_duplicate: float = 0.9
    shares: Mapping[Kind, float] = field(default_factory=lambda: {"golden": 1 / 3, "explored": 0.5, "voted": 0.1})
    newest_share_of_gate: float = 0.5
    min_golden_gate: int = 50

    def pairs_to_add(self, judging: int, needed: int) -> int:
        """Golden pairs to add where so many judge and so many are needed; two figures are precise enough."""
        pairs = self._golden_for(needed) - self._golden_for(judging)
        return max(1, round(pairs, -1 if pairs >= 100 else 0))

    def _golden_for(self, judging: int) -> int:
        if judging <= self.min_golden_gate:
            return 2 * judging
        return ceil(judging / self.shares["golden"])


def normalise_question(text: str) -> str:
    """The text without case, accents' encoding, punctuation and spacing: what makes two questions the same."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())


def cluster_questions(
    texts: Sequence[str], vectors: NDArray[np.float32], near_duplicate: float = 0.9, block: int = 1024
) -> NDArray[np.int64]:
    """Group questions that are the same but for case and punctuation, or as alike as `near_duplicate`, transitively.

    Args:
        texts: n questions.
        vectors: `(n, dim)` float32, L2-normalised.
        near_duplicate: cosine from which two questions are one.
        block: rows compared at once; bounds memory.

    Returns:
        `(n,)` the index of the first question of each one's cluster.
    """
    parent = np.arange(len(texts))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = int(parent[node])
        return node

    def join(a: int, b: int) -> None:
        first, second = sorted((root(a), root(b)))
        parent[second] = first

    seen: dict[str, int] = {}
    for index, text in enumerate(texts):
        join(seen.setdefault(normalise_question(text), index), index)
    for start in range(0, len(texts), block):
        alike = vectors[start : start + block] @ vectors[start:].T >= near_duplicate
        for row, column in zip(*np.nonzero(alike), strict=True):
            if row < column:
                join(start + int(row), start + int(column))
    return np.array([root(index) for index in range(len(texts))], dtype=np.int64)


def split_questions(
    asked: Sequence[Asked], vectors: NDArray[np.float32], *, seed: int, rules: SplitRules | None = None
) -> list[Part]:
    """Put each question in a part, whole clusters together; `vectors` is `(len(asked), dim)`, L2-normalised.

    A cluster follows the shares of the first kind in it: golden, explored, voted. Of the voted questions that judge,
    the newest come first (`newest_share_of_gate`), the others are drawn; draws depend on the seed and the texts, not
    on order.
    """
    rules = rules or SplitRules()
    members: dict[int, list[int]] = {}
    for index, cluster in enumerate(cluster_questions([a.text for a in asked], vectors, rules.near_duplicate)):
        members.setdefault(int(cluster), []).append(index)
    part: list[Part] = ["train"] * len(asked)
    for kind in _KINDS:
        clusters = [m for m in members.values() if _kind_of(m, asked) == kind]
        clusters.sort(key=lambda m: _draw(seed, min(normalise_question(asked[i].text) for i in m)))
        for cluster in _judging(clusters, asked, kind, rules):
            for index in clusters[cluster]:
                part[index] = "gate"
    return part


def _judging(clusters: list[list[int]], asked: Sequence[Asked], kind: Kind, rules: SplitRules) -> set[int]:
    """Which clusters judge, of those that come in drawn order; shares are of the number of questions of the kind."""
    sizes = [sum(asked[i].kind == kind for i in cluster) for cluster in clusters]
    wanted = rules.shares[kind] * sum(sizes)
    if kind == "golden":
        wanted = max(wanted, min(sum(sizes) / 2, rules.min_golden_gate))
    chosen: set[int] = set()

    def choose(amount: float, order: Sequence[int]) -> None:
        for cluster in order:
            if cluster not in chosen and sizes[cluster] <= amount + 0.5:  # a cluster too big for what is left trains
                chosen.add(cluster)
                amount -= sizes[cluster]

    newest = sorted(range(len(clusters)), key=lambda c: (-max(asked[i].asked_s for i in clusters[c]), c))
    by_age = wanted * rules.newest_share_of_gate if kind == "voted" else 0.0
    choose(by_age, newest)
    choose(wanted - by_age, range(len(clusters)))
    return chosen


def _kind_of(members: Sequence[int], asked: Sequence[Asked]) -> Kind:
    return min((asked[index].kind for index in members), key=_KINDS.index)


def _draw(seed: int, text: str) -> bytes:
    return hashlib.sha256(f"{seed}\x1f{text}".encode()).digest()
