"""One trial, question by question: asked, drawn, voted on, folded and looked at by the code that does so for real."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from benchmarks.trial.crowd import Crowd
from benchmarks.trial.lists import Listed, Question
from benchmarks.trial.planted import Plant
from bot.answering import count_contested, draft
from retrain.court import MOST_OF_ONE, Look, TeamVote, TrialRules, fold_says, is_due, look

SHOWN = 5
"""Sources of an answer."""

REPEATED = 0.15
"""Of the questions, those that somebody asked before."""

MOST_ASKED = 4000
"""Questions that both answer after which its time is up."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How a trial ended, and after how many questions: with a say, and asked of both generations; slots likewise."""

    last: Look
    asked: int
    slots: int
    contested: int


@dataclass(frozen=True, slots=True)
class _Answered:
    number: int
    question: Question
    slots: int
    contested: int
    votes: list[TeamVote]


def hold_trial(listed: Listed, plant: Plant, rules: Sequence[TrialRules], seed: int) -> list[Seen]:
    """What each of these rules makes of the same questions and votes."""
    looks: list[list[Look]] = [[] for _ in rules]
    seen: dict[int, Seen] = {}
    votes: list[TeamVote] = []
    alike: dict[int, int] = {}
    draw = np.random.default_rng([seed, 1])
    says_of: dict[str, set[int]] = defaultdict(set)
    most = rules[0].questions * MOST_OF_ONE
    heard: set[int] = set()
    asked = slots = contested = wait_until = 0
    for answered in _answers(listed, plant, seed):
        asked, slots, contested = asked + 1, slots + answered.slots, contested + answered.contested
        if answered.votes:
            votes += answered.votes
            alike[answered.number] = answered.question.alike
            _hear(heard, says_of, answered, most)
        if len(heard) < wait_until and asked < MOST_ASKED:
            continue
        open_ones = [at for at in range(len(rules)) if at not in seen]
        says = fold_says(votes, rules[0].questions, alike, {})
        for at in open_ones:
            if is_due(len(says), looks[at], rules[at]) or asked == MOST_ASKED:
                looks[at].append(look(says, looks[at], rules[at], is_last=asked == MOST_ASKED))
                if looks[at][-1].decision != "go on":
                    seen[at] = Seen(looks[at][-1], asked, slots, contested)
        if len(seen) == len(rules):
            break
        # at least as many more it takes until the next look is due
        due = next(n for n in count(len(says) + 1) if any(is_due(n, looks[at], rules[at]) for at in open_ones))
        wait_until = len(heard) + due - len(says)
        if plant.changing:
            votes = _change(votes, plant.changing / rules[0].looks, draw)
    return [seen[at] for at in range(len(rules))]


def _hear(heard: set[int], says_of: dict[str, set[int]], answered: _Answered, most: float) -> None:
    """Counts questions that are to have a say at least, so that votes aren't folded again with every answer."""
    kind = answered.question.alike
    new = {own.person for own in answered.votes if kind not in says_of[own.person]}
    if any(len(says_of[person]) < most for person in new):
        heard.add(kind)
    for person in new:
        says_of[person].add(kind)


def _answers(listed: Listed, plant: Plant, seed: int) -> Iterator[_Answered]:
    draw = np.random.default_rng([seed, 0])
    sides = plant.sides(listed, draw)
    crowd = Crowd(SHOWN, plant.noise, seed)
    for number, row in enumerate(_rows(len(listed.questions), draw), start=1):
        question = listed.questions[row]
        incumbent, candidate = (question.lists[name] for name in sides[row])
        drawn = draft(incumbent, candidate, SHOWN, f"{seed} {number}")
        contested, votes = count_contested(drawn), []
        if contested:
            for person, place, value in crowd.votes([slot.source for slot in drawn], question.right):
                if (team := drawn[place].team) is not None:
                    votes.append(TeamVote(number, person, team, value))
        yield _Answered(number, question, len(drawn), contested, votes)
        if number == MOST_ASKED:
            return


def _rows(questions: int, draw: np.random.Generator) -> Iterator[int]:
    """Which question is asked next: one that nobody asked yet, or now and then one that somebody did."""
    while True:
        fresh = draw.permutation(questions).tolist()
        for at, row in enumerate(fresh):
            while at and draw.random() < REPEATED:
                yield fresh[int(draw.integers(at))]
            yield row


def _change(votes: Sequence[TeamVote], share: float, draw: np.random.Generator) -> list[TeamVote]:
    """A share of what people said of questions turned round: all of somebody's votes on one."""
    said = sorted({(own.question_id, own.person) for own in votes})
    turned = {own for own, at in zip(said, draw.random(len(said)), strict=True) if at < share}
    return [
        TeamVote(own.question_id, own.person, own.team, -own.value) if (own.question_id, own.person) in turned else own
        for own in votes
    ]
