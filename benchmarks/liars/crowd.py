"""Crowds: the same questions and answers, voted on by honest people and by some that aren't."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.task import Task
from db.search import fuse
from nightshift.simulate.people import PEOPLE
from nightshift.simulate.voters import Voter, asker_of, cast_votes, make_voters
from retrain.lesson import Judgement

SHOWN = 5
NOISE = 0.05

Shown = dict[int, list[int]]
"""The rows of an answer's sources, the best passage of each, best first, by the question's row."""


def honest(task: Task) -> list[Judgement]:
    """Everybody votes by what is right; one in twenty votes is a slip."""
    return _asked_and_voted(task, liars=0.0)


def liars_5(task: Task) -> list[Judgement]:
    """One in twenty people turns every vote round."""
    return _asked_and_voted(task, liars=0.05)


def liars_10(task: Task) -> list[Judgement]:
    """One in ten people does."""
    return _asked_and_voted(task, liars=0.10)


def loud_voter(task: Task) -> list[Judgement]:
    """Besides honest people, one liar votes on every source of every third answer."""
    loud = Voter("loud", impatience=0.0, zeal=1.0, noise=0.0, liar=True)
    shown = _shown_in(task)
    return honest(task) + [vote for question in list(shown)[::3] for vote in _votes_of(task, loud, question, shown)]


def colluders(task: Task) -> list[Judgement]:
    """Besides honest people, five liars agree on every source of every fifth answer."""
    five = [Voter(f"colluder-{n}", impatience=0.0, zeal=1.0, noise=0.0, liar=True) for n in range(5)]
    shown = _shown_in(task)
    lies = [vote for question in list(shown)[::5] for who in five for vote in _votes_of(task, who, question, shown)]
    return honest(task) + lies


CROWDS: dict[str, Callable[[Task], list[Judgement]]] = {
    "honest": honest,
    "liars of 5%": liars_5,
    "liars of 10%": liars_10,
    "one loud liar": loud_voter,
    "five colluders": colluders,
}


def _asked_and_voted(task: Task, liars: float) -> list[Judgement]:
    """As in `nightshift simulate`: one person asks each question, and votes on its answer.

    Whoever lies looks at the same sources as when honest: crowds differ in nothing else.
    """
    voters = make_voters(PEOPLE, seed=task.seed, noise=NOISE)
    lying = random.Random(f"{task.seed} liars").sample(voters, round(liars * PEOPLE))  # noqa: S311
    voters = [replace(voter, liar=voter in lying) for voter in voters]
    shown = _shown_in(task)
    return [vote for question in shown for vote in _votes_of(task, _asker(task, voters, question), question, shown)]


def _asker(task: Task, voters: Sequence[Voter], question: int) -> Voter:
    return asker_of(task.question_ids[question], voters, seed=task.seed)


def _shown_in(task: Task) -> Shown:
    """What answers to all questions that the task has votes on show before any night: the best documents."""
    questions = sorted({vote.question for vote in task.votes})
    passages = len(task.own_vectors)
    words = task.words.scores_of(questions, passages)
    served = fuse(task.question_vectors[questions] @ task.own_vectors.T, words, task.words_weight)
    return {question: _best_of_documents(task, row) for question, row in zip(questions, served, strict=True)}


def _best_of_documents(task: Task, served: NDArray[np.float64]) -> list[int]:
    """The best passage of each of the best documents, best first."""
    order = np.argsort(-served, kind="stable")
    _, first = np.unique(task.document_of_passage[order], return_index=True)
    best: list[int] = order[np.sort(first)[:SHOWN]].tolist()
    return best


def _votes_of(task: Task, voter: Voter, question: int, shown: Shown) -> Iterator[Judgement]:
    documents = [str(task.document_of_passage[row]) for row in shown[question]]
    right = {str(document) for document, gain in task.relevant[question].items() if gain > 0}
    for cast in cast_votes(voter, task.question_ids[question], documents, right, seed=task.seed):
        row = shown[question][cast.rank - 1]
        yield Judgement(voter.name, question, row, 1 if cast.value > 0 else -1, 0.0, rank=cast.rank)
