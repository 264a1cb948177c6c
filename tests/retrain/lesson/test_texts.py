"""Rows learn from the passages that are still there."""

from __future__ import annotations

from collections.abc import Iterable

from retrain.lesson.labels import Anchor
from retrain.lesson.texts import Texts, rows_with_texts, texts_of
from retrain.lesson.triplets import TrainingRow

ASKED, OTHER = Anchor("question", 1), Anchor("pair", 2)
ROW = TrainingRow(ASKED, 10, (11, 12), (13, 14), 1.0)


def test_texts_are_those_that_the_rows_name() -> None:
    wanted: list[int] = []

    def read(chunk_ids: Iterable[int]) -> dict[int, str]:
        wanted.extend(sorted(chunk_ids))
        return {10: "right"}

    assert texts_of([ROW], {OTHER: "another?", ASKED: "which?"}, read) == Texts({ASKED: "which?"}, {10: "right"})
    assert wanted == [10, 11, 12, 13, 14]


def test_a_row_loses_the_negatives_that_went_and_goes_with_its_positive() -> None:
    gone = TrainingRow(OTHER, 20, (11,), (), 1.0)
    left = rows_with_texts([ROW, gone], Texts({}, dict.fromkeys((10, 11, 14), "text")))
    assert left == (TrainingRow(ASKED, 10, (11,), (14,), 1.0),)
