"""Batches for contrastive training: each passage once, and none that is known to be right punished as a negative."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from retrain.lesson import Anchor, TrainingRow


@dataclass(frozen=True, slots=True)
class BatchRules:
    """`voted` and `mined` bound the negatives that a row brings along; what one kind lacks the other makes up."""

    size: int = 16
    voted: int = 1
    mined: int = 1


@dataclass(frozen=True, slots=True)
class Batch:
    """`allowed[i, j]`: column (passage) j may stand against row i; row i's own positive is column `target[i]`."""

    anchors: tuple[Anchor, ...]
    chunk_ids: tuple[int, ...]
    target: NDArray[np.int64]
    allowed: NDArray[np.bool_]
    weights: NDArray[np.float32]


def make_batches(
    rows: Sequence[TrainingRow],
    right: Mapping[Anchor, frozenset[int]],
    *,
    epoch: int,
    seed: int,
    rules: BatchRules,
) -> Iterator[Batch]:
    """One epoch's batches, shuffled by seed and epoch; every row is in exactly one of them.

    Of a row's voted negatives each epoch takes the next `rules.voted`, so that later epochs bring those that earlier
    ones left out.
    """
    for group in group_rows(rows, epoch=epoch, seed=seed, size=rules.size):
        negatives = [_negatives_of(row, epoch, rules) for row in group]
        yield _assemble(group, negatives, right)


def group_rows(rows: Sequence[TrainingRow], *, epoch: int, seed: int, size: int) -> list[list[TrainingRow]]:
    """Shuffle rows into groups of up to `size` that are as even as can be.

    A last group of three rows would steer the model as much as one of thirty. Rows of one anchor, or of one positive,
    may meet: a batch has each passage once, and masks whatever else is right for a row.
    """
    order = np.random.default_rng((seed, epoch)).permutation(len(rows))
    return [[rows[index] for index in group] for group in np.array_split(order, ceil(len(rows) / size)) if len(group)]


def _negatives_of(row: TrainingRow, epoch: int, rules: BatchRules) -> tuple[list[int], list[int]]:
    most_voted = max(rules.voted, rules.voted + rules.mined - len(row.mined))
    start = epoch * most_voted % len(row.voted) if row.voted else 0
    voted = [*row.voted[start:], *row.voted[:start]][:most_voted]
    return voted, list(row.mined[: rules.voted + rules.mined - len(voted)])


def _assemble(
    group: Sequence[TrainingRow],
    negatives: Sequence[tuple[list[int], list[int]]],
    right: Mapping[Anchor, frozenset[int]],
) -> Batch:
    columns: dict[int, int] = {}
    for row, (voted, mined) in zip(group, negatives, strict=True):
        for chunk_id in (row.positive_chunk_id, *voted, *mined):
            columns.setdefault(chunk_id, len(columns))
    chunk_ids = tuple(columns)
    target = np.array([columns[row.positive_chunk_id] for row in group], dtype=np.int64)
    allowed = np.ones((len(group), len(chunk_ids)), dtype=bool)
    for index, row in enumerate(group):
        for chunk_id in columns.keys() & right.get(row.anchor, frozenset()):
            allowed[index, columns[chunk_id]] = False
        for chunk_id in columns.keys() & set(row.voted):  # a person's word stands
            allowed[index, columns[chunk_id]] = True
        allowed[index, target[index]] = True
    weights = np.array([row.weight for row in group], dtype=np.float32)
    return Batch(tuple(row.anchor for row in group), chunk_ids, target, allowed, weights)
