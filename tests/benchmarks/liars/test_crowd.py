"""The crowds: who is in each, and that liars say the contrary of what is right."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.liars.crowd import CROWDS, SHOWN, _shown_in
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
    for question, rows in shown.items():
        documents = task.document_of_passage[rows]
        assert len(set(documents.tolist())) == len(rows) == SHOWN
        words = task.words.scores_of([question], len(task.passages))[0]
        served = task.passage_vectors @ task.question_vectors[question] + task.words_weight * words
        assert rows[0] == int(served.argmax())
