"""Which questions train and which judge (the gate): near-duplicates always on one side."""

from __future__ import annotations

import hashlib
import unicodedata
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from db.models import measure_scale

Part = Literal["train", "gate"]
Kind = Literal["golden", "explored", "voted"]

_KINDS: tuple[Kind, ...] = ("golden", "explored", "voted")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to be put on one side: `golden` if somebody gave its right passage, else `explored` or `voted`.

    It is explored if chance had brought up one of the sources that it was voted on for. `asked_s` is in seconds since
    the epoch. One that is `trained` taught an earlier generation, itself or by a near-duplicate.
    """

    text: str
    kind: Kind
    asked_s: float = 0.0
    trained: bool = False


@dataclass(frozen=True, slots=True)
class SplitRules:
    """`shares` of the clusters that judge, by kind; the others train. From `near_duplicate` on two are one.

    Golden questions teach most, for they name passages that the serving generation misses, and they show best whether
    a candidate is better: a third of them judges, and of few of them half: `min_golden_gate` in any case, and up to
    `most_by_half` where `min_golden_train` are left. Of other votes most are there to be learnt from. `near_duplicate`
    is a share of the questions' own `Scale`.
    """

    near_duplicate: float = 0.9
    shares: Mapping[Kind, float] = field(default_factory=lambda: {"golden": 1 / 3, "explored": 0.5, "voted": 0.2})
    newest_share_of_gate: float = 0.5
    min_golden_gate: int = 50
    most_by_half: int = 100
    min_golden_train: int = 60

    def golden_judging(self, clusters: int) -> float:
        """How many of so many clusters of golden questions judge; it never falls as they grow."""
        by_half = max(
            min(clusters / 2, self.min_golden_gate),
            min(clusters / 2, self.most_by_half, clusters - self.min_golden_train),
        )
        return max(by_half, self.shares["golden"] * clusters)

    def pairs_to_add(self, judging: int, needed: int) -> int:
        """Golden pairs to add where so many judge and so many are needed; two figures are precise enough."""
        pairs = self._golden_for(needed) - self._golden_for(judging)
        return max(1, round(pairs, -1 if pairs >= 100 else 0))

    def _golden_for(self, judging: int) -> int:
        most = ceil(judging / self.shares["golden"])
        return bisect_left(range(most), float(judging), key=self.golden_judging)


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
        near_duplicate: how alike two questions are one, as a share of the vectors' own `Scale`.
        block: rows compared at once; bounds memory.

    Returns:
        `(n,)` the index of the first question of each one's cluster.
    """
    parent = np.arange(len(texts))
    from_cosine = measure_scale(vectors).at(near_duplicate)

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
        alike = vectors[start : start + block] @ vectors[start:].T >= from_cosine
        for row, column in zip(*np.nonzero(alike), strict=True):
            if row < column:
                join(start + int(row), start + int(column))
    return np.array([root(index) for index in range(len(texts))], dtype=np.int64)


def split_questions(
    asked: Sequence[Asked],
    vectors: NDArray[np.float32],
    *,
    seed: int,
    rules: SplitRules | None = None,
    clusters: NDArray[np.int64] | None = None,
) -> list[Part]:
    """Put each question in a part, whole clusters together; `vectors` is `(len(asked), dim)`, L2-normalised.

    A cluster follows the shares of the first kind in it: golden, explored, voted. Of the voted questions that judge,
    the newest come first (`newest_share_of_gate`), the others are drawn; draws depend on the seed and the texts, not
    on order. A cluster in which anything trained before never judges, however the set grows; what judged may train one
    day, and judges no more from then on.

    `clusters` is what `cluster_questions` makes of them, where that is known.
    """
    rules = rules or SplitRules()
    if clusters is None:
        clusters = cluster_questions([a.text for a in asked], vectors, rules.near_duplicate)
    members: dict[int, list[int]] = {}
    for index, cluster in enumerate(clusters):
        members.setdefault(int(cluster), []).append(index)
    part: list[Part] = ["train"] * len(asked)
    for kind in _KINDS:
        own = [m for m in members.values() if _kind_of(m, asked) == kind]
        own.sort(key=lambda m: _draw(seed, min(normalise_question(asked[i].text) for i in m)))
        for index in _judging(own, asked, kind, rules):
            part[index] = "gate"
    return part


def _judging(clusters: list[list[int]], asked: Sequence[Asked], kind: Kind, rules: SplitRules) -> list[int]:
    """Which questions judge, of clusters that come in drawn order: a share of all, among those that never trained."""
    wanted = rules.golden_judging(len(clusters)) if kind == "golden" else rules.shares[kind] * len(clusters)
    fresh = [own for own, cluster in enumerate(clusters) if not any(asked[i].trained for i in cluster)]
    newest = sorted(fresh, key=lambda own: -max(asked[i].asked_s for i in clusters[own]))
    by_age = int(wanted * rules.newest_share_of_gate + 0.5) if kind == "voted" else 0
    first = set(newest[:by_age])
    drawn = [own for own in fresh if own not in first][: int(wanted + 0.5) - len(first)]
    return [index for own in (*first, *drawn) for index in clusters[own]]


def _kind_of(members: Sequence[int], asked: Sequence[Asked]) -> Kind:
    return min((asked[index].kind for index in members), key=_KINDS.index)


def _draw(seed: int, text: str) -> bytes:
    return hashlib.sha256(f"{seed}\x1f{text}".encode()).digest()
