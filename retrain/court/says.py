"""What people's votes say of each question in a trial: who won it, one person having one say on one question; pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from db.question import Team

MOST_OF_ONE = 0.1
"""Of the questions that a trial may have, those that one person has a say on, at most; what is over says nothing."""


@dataclass(frozen=True, slots=True)
class TeamVote:
    """One person's live vote on a source that was one team's pick, among those that speak of relevance.

    Questions are numbered as they were asked.
    """

    question_id: int
    person: str
    team: Team
    value: int


def fold_says(
    votes: Iterable[TeamVote], questions: int, alike: Mapping[int, int], reliable: Mapping[str, bool]
) -> list[int]:
    """Of each question that somebody had a say on, as they were asked: 1 where the candidate won, -1, or 0 where even.

    What a person says of a question is for the team of whose picks they voted more up. What all say of it, and of those
    that are near-duplicates, is the sign of the sum: what is asked ten times goes the same way ten times, and would
    look like ten coins. Votes down make a question one that somebody had a say on, and win it for nobody: where one
    source is right, all others are voted down whosever they are, and who happened to have one more would lose. A person
    has one say on questions that are alike, the first; and on `MOST_OF_ONE` of what a trial may have at most.

    Args:
        votes: all that are live.
        questions: how many the trial may have.
        alike: by question, the same number for those that are near-duplicates; one that isn't there is like no other.
        reliable: by person, whether they are listened to; somebody who isn't there is.
    """
    sums: dict[tuple[int, str], int] = defaultdict(int)
    for vote in votes:
        if reliable.get(vote.person, True):
            sums[vote.question_id, vote.person] += (vote.value > 0) * (1 if vote.team == "candidate" else -1)
    most = max(1, int(questions * MOST_OF_ONE))
    said: set[tuple[str, int]] = set()
    says_of: Counter[str] = Counter()
    by_question: dict[int, int] = {}
    for (question_id, person), total in sorted(sums.items()):
        question = alike.get(question_id, -question_id)
        if (person, question) in said or says_of[person] >= most:
            continue
        said.add((person, question))
        says_of[person] += 1
        by_question[question] = by_question.get(question, 0) + _sign(total)
    return [_sign(total) for total in by_question.values()]


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
