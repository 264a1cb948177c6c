"""The lists of a data set's questions: what each is worth, and that gaps are what they are called."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.trial import lists
from benchmarks.trial.lists import VECTORS, WORDS, Listed, lists_of, weighed
from tests.benchmarks.quality.small_task import make_task


@pytest.fixture(scope="module")
def listed() -> Listed:
    return lists_of(make_task(), "small")


def test_words_help_and_each_list_is_worth_what_is_said(listed: Listed) -> None:
    assert len(listed.questions) == len(make_task().questions)
    assert listed.gain() > 0.02
    for question in listed.questions:
        assert all(len(set(own)) == len(own) for own in question.lists.values())
        place = {document: at for at, document in enumerate(question.lists[WORDS], start=1)}
        [right] = question.right
        assert question.ndcg[WORDS] == pytest.approx(1 / np.log2(1 + place[right]) if right in place else 0.0)


def test_gaps_are_as_large_as_they_are_called(listed: Listed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "GAPS", (0.02, 0.9))
    own = lists_of(make_task(), "small")
    assert set(own.questions[0].lists) == {VECTORS, WORDS, weighed(0.02)}  # for .9 there is no room
    assert own.gain(weighed(0.02)) == pytest.approx(0.02, abs=0.02)
    assert 0.02 <= own.gain(weighed(0.02)) <= own.gain()


def test_what_repeats_or_belongs_to_the_regression_set_is_left_out() -> None:
    task = make_task(repeats=np.array([118]), held_out=np.arange(80, 118))
    assert len(lists_of(task, "small").questions) == len(task.questions) - 1


def test_kept_and_read_again_they_are_the_same(listed: Listed, tmp_path: Path) -> None:
    path = tmp_path / "kept" / "lists.json"
    listed.save(path)
    assert Listed.load(path) == listed
