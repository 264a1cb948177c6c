"""Each part is really gone where the table says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.ablation.parts import PARTS, SHIPPED, TRIED
from benchmarks.liars.crowd import honest
from benchmarks.quality import arrays, lessons
from benchmarks.quality.arrays import Parts, train_and_rank
from db.settings import load_settings
from retrain.lesson import Anchor, Lesson, TrainingRow, prepare_lesson
from retrain.training import Recipe
from tests.benchmarks.quality.small_task import make_task


class _Stopped(Exception):
    pass


@pytest.fixture
def taught(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What was prepared, and what training was called with; it is stopped there."""
    seen: dict[str, Any] = {}

    def prepare(*given: Any, **named: Any) -> Lesson:
        seen["lesson"] = prepare_lesson(*given, **named)
        lesson: Lesson = seen["lesson"]
        return lesson

    def train(model: object, rows: object, texts: object, right: object, recipe: Recipe, **_: object) -> None:
        seen.update(rows=rows, right=right, recipe=replace(recipe, dtype="float32"), trusts=Anchor("pair", 0).is_given)
        raise _Stopped

    monkeypatch.setattr(lessons, "prepare_lesson", prepare)
    monkeypatch.setattr(arrays, "fit", train)
    return seen


def rows_of(taught: dict[str, Any], parts: Parts) -> tuple[TrainingRow, ...]:
    task = make_task()
    with pytest.raises(_Stopped):
        train_and_rank(task, honest(task), load_settings().base_model, lambda *_: None, parts)
    rows: tuple[TrainingRow, ...] = taught["rows"]
    return rows


def test_every_row_is_something_else_than_what_ships() -> None:
    assert PARTS["as it ships"] == SHIPPED == Parts()
    others = [*PARTS.values(), *TRIED.values()]
    assert all(one != another for number, one in enumerate(others) for another in others[:number])


def test_every_row_can_be_asked_for() -> None:
    assert not any("," in name for name in (*PARTS, *TRIED))


def test_votes_and_pairs_are_left_out_of_training_alone(taught: dict[str, Any]) -> None:
    whole, part_of = rows_of(taught, SHIPPED), taught["lesson"].part_of
    votes = rows_of(taught, PARTS["without the curated pairs"])
    assert taught["lesson"].part_of == part_of
    pairs = rows_of(taught, PARTS["without the votes"])
    assert taught["lesson"].part_of == part_of
    assert {row.anchor.kind for row in votes} == {"question"}
    assert {row.anchor.kind for row in pairs} == {"pair"}
    assert len(votes) + len(pairs) == len(whole)


def test_what_is_mined_believed_and_trusted_goes_where_it_should(taught: dict[str, Any]) -> None:
    whole = rows_of(taught, SHIPPED)
    assert taught["recipe"] == Recipe()
    assert taught["right"] == taught["lesson"].right
    assert taught["trusts"]
    assert all(row.mined for row in whole)
    assert not any(row.mined for row in rows_of(taught, PARTS["without mined negatives"]))
    alike = rows_of(taught, PARTS["with all 👍 believed alike"])
    assert {row.weight for row in alike} != {row.weight for row in whole}
    rows_of(taught, PARTS["without trust in pairs"])
    assert not taught["trusts"]
    assert Anchor("pair", 0).is_given
