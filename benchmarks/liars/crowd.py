"""Crowds: the same questions and answers, voted on by honest people and by some that aren't."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from benchmarks.quality.lists import SHOWN, lists_before, sources_of
from benchmarks.quality.task import Task
from nightshift.simulate.people import PEOPLE
from nightshift.simulate.voters import Voter, asker_of, cast_votes, make_voters
from retrain.lesson import Judgement

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


def wanting_one_first(task: Task) -> list[Judgement]:
    """Besides honest people, five want one document first: wherever it is shown they vote it up, and all others down.

    It is the one that is shown most often, and mostly in vain.
    """
    shown = _shown_in(task)
    times = Counter(_document(task, row) for rows in shown.values() for row in rows)
    right = Counter(document for question in shown for document in task.relevant[question])
    wanted = max(times, key=lambda document: (times[document] - right[document], -document))
    told = {question: rows for question, rows in shown.items() if wanted in (_document(task, row) for row in rows)}
    return honest(task) + _five_say(told, lambda _, row, __: _document(task, row) == wanted)


def tossing_coins(task: Task) -> list[Judgement]:
    """Besides honest people, five toss a coin for every source of every fifth answer."""
    draw = random.Random(f"{task.seed} coins")  # noqa: S311 - no secret
    return honest(task) + _five_say(_every_fifth(_shown_in(task)), lambda *_: draw.random() < 0.5)


def turning_round(task: Task) -> list[Judgement]:
    """Besides honest people, five want the ranking turned round: the last two of every fifth answer up, others down."""
    return honest(task) + _five_say(_every_fifth(_shown_in(task)), lambda place, *_: place >= SHOWN - 2)


CROWDS: dict[str, Callable[[Task], list[Judgement]]] = {
    "honest": honest,
    "liars of 5%": liars_5,
    "liars of 10%": liars_10,
    "one loud liar": loud_voter,
    "five colluders": colluders,
    "five for one document": wanting_one_first,
    "five who toss coins": tossing_coins,
    "five who turn it round": turning_round,
}


def _every_fifth(shown: Shown) -> Shown:
    return {question: shown[question] for question in list(shown)[::5]}


def _five_say(shown: Shown, is_up: Callable[[int, int, int], bool]) -> list[Judgement]:
    """Votes of five people on all that was shown; `is_up` gets the place, from 0, the passage and the person."""
    return [
        Judgement(f"clique-{who}", question, row, 1 if is_up(place, row, who) else -1, 0.0, rank=place + 1)
        for question, rows in shown.items()
        for who in range(5)
        for place, row in enumerate(rows)
    ]


def _document(task: Task, row: int) -> int:
    return int(task.document_of_passage[row])


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
    before = lists_before(task)
    return {question: sources_of(before[question]) for question in sorted({vote.question for vote in task.votes})}


def _votes_of(task: Task, voter: Voter, question: int, shown: Shown) -> Iterator[Judgement]:
    documents = [str(_document(task, row)) for row in shown[question]]
    right = {str(document) for document, gain in task.relevant[question].items() if gain > 0}
    for cast in cast_votes(voter, task.question_ids[question], documents, right, seed=task.seed):
        row = shown[question][cast.rank - 1]
        yield Judgement(voter.name, question, row, 1 if cast.value > 0 else -1, 0.0, rank=cast.rank)
