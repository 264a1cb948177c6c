"""Each part is really gone where the table says so."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.ablation.parts import PARTS, SHIPPED, TRIED
from benchmarks.liars.crowd import honest
from benchmarks.quality import arrays
from benchmarks.quality.arrays import Parts, train_and_rank
from db.settings import load_settings
from retrain.labels import Anchor
from retrain.lesson import Lesson
from retrain.train import Recipe
from tests.benchmarks.quality.small_task import make_task


class _Stopped(Exception):
    pass


@pytest.fixture
def taught(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What training was called with; it is stopped there."""
    seen: dict[str, Any] = {}

    def train(base: object, lesson: Lesson, *_: object, **named: Any) -> None:
        seen.update(lesson=lesson, trusts=Anchor("pair", 0).is_given, **named)
        raise _Stopped

    monkeypatch.setattr(arrays, "train_candidates", train)
    return seen


def lesson_of(taught: dict[str, Any], parts: Parts) -> Lesson:
    task = make_task()
    with pytest.raises(_Stopped):
        train_and_rank(task, honest(task), load_settings().base_model, lambda *_: None, parts)
    lesson: Lesson = taught["lesson"]
    return lesson


def test_every_row_is_something_else_than_what_ships() -> None:
    assert PARTS["as it ships"] == SHIPPED == Parts()
    others = [*PARTS.values(), *TRIED.values()]
    assert all(one != another for number, one in enumerate(others) for another in others[:number])


def test_every_row_can_be_asked_for() -> None:
    assert not any("," in name for name in (*PARTS, *TRIED))


def test_votes_and_pairs_are_left_out_of_training_alone(taught: dict[str, Any]) -> None:
    whole = lesson_of(taught, SHIPPED)
    votes = lesson_of(taught, PARTS["without the curated pairs"])
    pairs = lesson_of(taught, PARTS["without the votes"])
    assert {row.anchor.kind for row in votes.rows} == {"question"}
    assert {row.anchor.kind for row in pairs.rows} == {"pair"}
    assert len(votes.rows) + len(pairs.rows) == len(whole.rows)
    assert votes.part_of == pairs.part_of == whole.part_of


def test_what_is_mined_believed_and_trusted_goes_where_it_should(taught: dict[str, Any]) -> None:
    whole = lesson_of(taught, SHIPPED)
    assert taught["recipe"] == Recipe()
    assert taught["trusts"]
    assert all(row.mined for row in whole.rows)
    assert not any(row.mined for row in lesson_of(taught, PARTS["without mined negatives"]).rows)
    alike = lesson_of(taught, PARTS["with all 👍 believed alike"])
    assert {row.weight for row in alike.rows} != {row.weight for row in whole.rows}
    lesson_of(taught, PARTS["without trust in pairs"])
    assert not taught["trusts"]
    assert Anchor("pair", 0).is_given
