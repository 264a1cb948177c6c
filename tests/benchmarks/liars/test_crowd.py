"""The crowds: who is in each, and that liars say the contrary of what is right."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from benchmarks.liars.crowd import CROWDS, _shown_in
from benchmarks.quality.lists import SHOWN, lists_before
from benchmarks.quality.task import Task
from retrain.lesson import Judgement
from tests.benchmarks.quality.small_task import make_task


def is_true(task: Task, vote: Judgement) -> bool:
    return (vote.value > 0) == (int(task.document_of_passage[vote.chunk_id]) in task.relevant[vote.question_id])


@pytest.mark.parametrize("crowd", CROWDS)
def test_a_crowd_votes_on_what_was_shown_for_what_was_asked_and_again_the_same(crowd: str) -> None:
    task = make_task()
    votes = CROWDS[crowd](task)
    assert votes == CROWDS[crowd](task)
    assert {vote.question_id for vote in votes} <= {vote.question for vote in task.votes}
    assert all(vote.rank is not None and 1 <= vote.rank <= SHOWN for vote in votes)
    assert max(Counter((vote.person, vote.question_id, vote.chunk_id) for vote in votes).values()) == 1


def test_most_of_what_honest_people_say_is_true() -> None:
    task = make_task()
    votes = CROWDS["honest"](task)
    assert sum(is_true(task, vote) for vote in votes) > 0.8 * len(votes)


@pytest.mark.parametrize(("crowd", "liars"), [("liars of 5%", 2), ("liars of 10%", 3)])
def test_liars_vote_on_what_they_would_vote_on_honestly(crowd: str, liars: int) -> None:
    task = make_task()
    honest, lied = CROWDS["honest"](task), CROWDS[crowd](task)
    said = [(vote.person, vote.question_id, vote.chunk_id) for vote in honest]
    assert [(vote.person, vote.question_id, vote.chunk_id) for vote in lied] == said
    turned = {now.person for was, now in zip(honest, lied, strict=True) if was.value != now.value}
    assert 1 <= len(turned) <= liars
    assert all(was.value == -now.value for was, now in zip(honest, lied, strict=True) if was.person in turned)


@pytest.mark.parametrize(("crowd", "liars"), [("one loud liar", ["loud"]), ("five colluders", ["colluder"] * 5)])
def test_added_liars_say_the_contrary_and_leave_the_honest_as_they_were(crowd: str, liars: list[str]) -> None:
    task = make_task()
    honest = CROWDS["honest"](task)
    votes = CROWDS[crowd](task)
    assert votes[: len(honest)] == honest
    added = votes[len(honest) :]
    assert not any(is_true(task, vote) for vote in added)
    assert len({vote.person for vote in added}) == len(liars)
    assert all(vote.person.startswith(liars[0]) for vote in added)


def test_people_see_what_is_served_a_document_once() -> None:
    task = make_task()
    shown = _shown_in(task)
    assert list(shown) == sorted({vote.question for vote in task.votes})
    for question, rows in shown.items():
        documents = task.document_of_passage[rows]
        assert len(set(documents.tolist())) == len(rows) == SHOWN
        assert rows[0] == lists_before(task)[question][0].chunk_id


def added_by(task: Task, crowd: str) -> list[Judgement]:
    honest = CROWDS["honest"](task)
    votes = CROWDS[crowd](task)
    assert votes[: len(honest)] == honest
    added = votes[len(honest) :]
    assert len({vote.person for vote in added}) == 5
    return added


def test_who_wants_one_document_first_votes_it_up_and_all_beside_it_down() -> None:
    task = make_task()
    added = added_by(task, "five for one document")
    up = {int(task.document_of_passage[vote.chunk_id]) for vote in added if vote.value > 0}
    down = {int(task.document_of_passage[vote.chunk_id]) for vote in added if vote.value < 0}
    assert len(up) == 1 and not up & down
    asked = {vote.question_id for vote in added}
    assert sum(vote.value > 0 for vote in added) == 5 * len(asked)


def test_coins_fall_either_way_and_have_nothing_to_do_with_the_place() -> None:
    added = added_by(make_task(), "five who toss coins")
    share = [np.mean([vote.value > 0 for vote in added if vote.rank == rank]) for rank in range(1, SHOWN + 1)]
    assert all(0.25 < own < 0.75 for own in share)


def test_who_turns_the_ranking_round_votes_up_what_stood_last() -> None:
    added = added_by(make_task(), "five who turn it round")
    assert {vote.rank for vote in added if vote.value > 0} == {SHOWN - 1, SHOWN}
    assert {vote.rank for vote in added if vote.value < 0} == set(range(1, SHOWN - 1))
