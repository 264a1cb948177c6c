"""Whose votes go with the ranking, against it, or nowhere; and that no honest habit is taken for a lie."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from retrain.lesson.labels import Judgement, LabelRules
from retrain.lesson.reliability import _falls, reliability_of, weigh_people

SHARE_RIGHT = (0.55, 0.25, 0.15, 0.10, 0.08)
"""How often the source at each rank is right."""

Habit = Callable[[list[bool], random.Random], list[int | None]]
"""What a person says (1, -1, or nothing) of the sources of an answer, told which of them are right."""


def reads(right: list[bool], draw: random.Random) -> list[int | None]:
    return [(1 if source != (draw.random() < 0.05) else -1) for source in right]


def lies(right: list[bool], draw: random.Random) -> list[int | None]:
    return [-1 if source else 1 for source in right]


def tosses_coins(right: list[bool], draw: random.Random) -> list[int | None]:
    return [draw.choice((1, -1)) for _ in right]


def only_thanks(right: list[bool], draw: random.Random) -> list[int | None]:
    return [1 if source else None for source in right]


def only_complains(right: list[bool], draw: random.Random) -> list[int | None]:
    return [None if source else -1 for source in right]


def corrects(right: list[bool], draw: random.Random) -> list[int | None]:
    return [None] * len(right) if right[0] else list(reads(right, draw))


def corrects_and_sometimes_thanks(right: list[bool], draw: random.Random) -> list[int | None]:
    """👎 for a wrong first source and 👍 for the right one below it; now and then 👍 for a right first one."""
    if True not in right or (right[0] and draw.random() < 0.5):
        return [None] * len(right)
    found = right.index(True)
    return [1 if place == found else -1 if place == 0 else None for place in range(len(right))]


def stops_at_the_first(right: list[bool], draw: random.Random) -> list[int | None]:
    said = reads(right, draw)
    last = said.index(1) if 1 in said else len(said) - 1
    return [value if place <= last else None for place, value in enumerate(said)]


def votes_of(
    person: str, habit: Habit, answers: int, seed: int = 0, share_right: Sequence[float] = SHARE_RIGHT
) -> list[Judgement]:
    draw = random.Random(f"{person} {seed}")  # noqa: S311
    votes = []
    for answer in range(answers):
        right = [draw.random() < share for share in share_right]
        for place, value in enumerate(habit(right, draw)):
            if value is not None:
                question = sum(map(ord, person)) * 10_000 + answer
                votes.append(Judgement(person, question, place, 1 if value > 0 else -1, 0.0, rank=place + 1))
    return votes


def company(seed: int = 0, people: int = 15) -> list[Judgement]:
    return [vote for number in range(people) for vote in votes_of(f"reader{number}", reads, 15, seed)]


HONEST = [reads, only_thanks, only_complains, corrects, corrects_and_sometimes_thanks, stops_at_the_first]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("people", [0, 1, 4, 15])
@pytest.mark.parametrize("habit", HONEST)
def test_honest_habits_are_believed(habit: Habit, people: int, seed: int) -> None:
    reliability = reliability_of(company(seed, people) + votes_of("x", habit, 30, seed))
    assert all(share > 0.5 for share in reliability.values())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("habit", HONEST)
def test_a_team_of_one_habit_is_believed(habit: Habit, seed: int) -> None:
    votes = [vote for number in range(4) for vote in votes_of(f"x{number}", habit, 30, seed)]
    assert all(share > 0.5 for share in reliability_of(votes).values())


@pytest.mark.parametrize("seed", range(5))
def test_who_asks_what_the_search_is_bad_at_is_believed(seed: int) -> None:
    badly_served = votes_of("x", reads, 40, seed, share_right=(0.08, 0.10, 0.14, 0.17, 0.20))
    assert reliability_of(company(seed) + badly_served)["x"] > 0.5


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("habit", [lies, tosses_coins])
def test_who_votes_against_or_like_coins_is_not(habit: Habit, seed: int) -> None:
    assert reliability_of(company(seed) + votes_of("x", habit, 40, seed))["x"] < 0.1


def test_a_third_may_lie() -> None:
    liars = [vote for number in range(7) for vote in votes_of(f"liar{number}", lies, 20)]
    reliability = reliability_of(company() + liars)
    assert all((share < 0.5) == person.startswith("liar") for person, share in reliability.items())


def test_a_few_votes_cost_nobody_their_say() -> None:
    assert reliability_of(company() + votes_of("x", lies, 1))["x"] > 0.5


def test_nobody_is_told_apart_by_a_ranking_that_honest_votes_do_not_follow() -> None:
    assert reliability_of(votes_of("x", lies, 40) + votes_of("y", lies, 40)) == {}
    assert reliability_of([]) == {}


def test_nobody_being_believed_is_no_error() -> None:
    def flat(person: str, share: float, ranks: tuple[int, ...]) -> list[Judgement]:
        draw = random.Random(person)  # noqa: S311
        return [
            Judgement(person, 1000 * len(person) + n, place, 1 if draw.random() < share else -1, 0.0, rank=place)
            for n in range(300)
            for place in ranks
        ]

    reliability_of(flat("much", 0.8, (1, 1, 2)) + flat("little", 0.2, (4, 5, 5)))


def test_where_nobody_is_believed_no_rank_is_compared_with_another() -> None:
    shares, ranks = np.array([0.9, 0.1]), np.arange(2)
    assert _falls(shares, np.log2([1.0, 2.0]), ranks, np.ones(2))
    assert not _falls(shares, np.log2([1.0, 2.0]), ranks, np.zeros(2))


def test_what_says_nothing_of_relevance_counts_for_nothing() -> None:
    unranked = Judgement("x", 1, 1, 1, 0.0)
    whole = Judgement("x", 1, 2, -1, 0.0, origin="answer", rank=1)
    unclear = Judgement("x", 1, 3, -1, 0.0, reason="unclear", rank=1)
    assert reliability_of([unranked, whole, unclear]) == {}


def test_votes_are_weighed_and_left_out_by_their_person() -> None:
    lied = votes_of("x", lies, 40)
    judgements = company() + lied
    reliable = weigh_people(judgements, LabelRules())
    assert (reliable.people, reliable.votes) == (1, len(lied))
    assert {vote.person for vote in reliable.judgements} == {f"reader{number}" for number in range(15)}
    assert all(0.5 < vote.weight <= 1 for vote in reliable.judgements)
    assert len(weigh_people(judgements, LabelRules(min_reliability=0.0)).judgements) == len(judgements)


def test_the_order_of_votes_says_nothing() -> None:
    judgements = company() + votes_of("x", lies, 10)
    assert reliability_of(judgements) == pytest.approx(reliability_of(judgements[::-1]))


@pytest.mark.parametrize("loud", [1, 5])
def test_who_votes_on_everything_does_not_make_the_others_odd(loud: int) -> None:
    honest = company()
    lied = [vote for number in range(loud) for vote in votes_of(f"loud{number}", lies, 200)]
    assert len(lied) > (0.3 if loud == 1 else 0.6) * len(honest)
    reliability = reliability_of(honest + lied)
    assert all((share < 0.01) == person.startswith("loud") for person, share in reliability.items())


def test_votes_that_weigh_nothing_tell_nothing_of_who_gave_them() -> None:
    votes = [replace(vote, weight=0.0) for vote in votes_of("ann", lies, 60)]
    assert weigh_people(votes, LabelRules()).people == 0
