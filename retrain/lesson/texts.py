"""The texts that training rows need, and the rows that are left where some of their passages went."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from retrain.lesson.labels import Anchor
from retrain.lesson.triplets import TrainingRow


@dataclass(frozen=True, slots=True)
class Texts:
    """What is encoded: the questions by anchor, and the chunks (as `passage_text` makes them) by id."""

    questions: Mapping[Anchor, str]
    passages: Mapping[int, str]


def texts_of(
    rows: Iterable[TrainingRow],
    questions: Mapping[Anchor, str],
    read_passages: Callable[[Iterable[int]], Mapping[int, str]],
) -> Texts:
    """The texts that these rows need, of all `questions`, and of the chunks that are still there to be read."""
    wanted = list(rows)
    chunk_ids = {chunk_id for row in wanted for chunk_id in (row.positive_chunk_id, *row.voted, *row.mined)}
    anchors = sorted({row.anchor for row in wanted})
    return Texts({anchor: questions[anchor] for anchor in anchors}, read_passages(chunk_ids))


def rows_with_texts(rows: Iterable[TrainingRow], texts: Texts) -> tuple[TrainingRow, ...]:
    """The rows without the chunks that went while the lesson was prepared."""
    there = texts.passages.keys()
    return tuple(
        replace(row, voted=tuple(c for c in row.voted if c in there), mined=tuple(c for c in row.mined if c in there))
        for row in rows
        if row.positive_chunk_id in there
    )
