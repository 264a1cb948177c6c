"""What holds for every peer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.quality.matches import Matched, WordMatches
from benchmarks.quality.peers import (
    boost,
    linear_adapter,
    memory,
    nudge,
    onyx,
    onyx_rrf,
    ragflow,
    rrf,
    untrained,
    weighed,
)
from benchmarks.quality.task import Scores, Task
from tests.benchmarks.quality.small_task import make_task

PEERS: dict[str, Any] = {
    "vectors": untrained,
    "rrf": rrf,
    "onyx": onyx,
    "onyx_rrf": onyx_rrf,
    "weighed": weighed,
    "boost": boost,
    "ragflow": ragflow,
    "linear_adapter": linear_adapter,
    "memory": memory,
    "nudge": nudge,
}


@pytest.fixture(params=PEERS)
def rank(request: pytest.FixtureRequest) -> Callable[[Task], Scores]:
    if request.param == "nudge":
        pytest.importorskip("nudge", reason="needs the extra `benchmarks`")
    return PEERS[request.param].rank


def test_a_score_for_each_held_out_question_and_passage(rank: Callable[[Task], Scores]) -> None:
    scores = rank(make_task())
    assert scores.shape == (40, 60)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()


def test_the_right_answers_are_not_looked_at(rank: Callable[[Task], Scores]) -> None:
    task = make_task()
    np.testing.assert_array_equal(rank(task), rank(replace(task, relevant=({},) * 120)))


def test_held_out_questions_do_not_help_each_other(rank: Callable[[Task], Scores]) -> None:
    task = make_task()
    alone = rank(replace(task, held_out=task.held_out[:3]))
    np.testing.assert_allclose(rank(task)[:3], alone, atol=1e-5)


@pytest.mark.parametrize("golden", [(), ((60, (5,)),)], ids=["nothing", "one pair"])
def test_too_little_to_learn_from_is_no_error(
    rank: Callable[[Task], Scores], golden: tuple[tuple[int, tuple[int, ...]], ...]
) -> None:
    assert np.isfinite(rank(make_task(votes=(), golden=golden))).all()


@pytest.mark.parametrize("peer", sorted(PEERS.keys() - {"vectors"}))
def test_every_peer_ranks_by_words_too(peer: str) -> None:
    if peer == "nudge":
        pytest.importorskip("nudge", reason="needs the extra `benchmarks`")
    task = make_task()
    others = WordMatches.of([Matched(np.array([50]), np.array([1.0]), np.ones(1))] * 120)
    assert not np.array_equal(PEERS[peer].rank(task), PEERS[peer].rank(replace(task, words=others)))
