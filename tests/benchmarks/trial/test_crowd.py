"""A crowd votes as simulated people do."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from benchmarks.trial.crowd import BESIDE, Crowd
from nightshift.simulate.people import PEOPLE
from nightshift.simulate.voters import asker_of, cast_votes, make_voters

SHOWN = ["a", "b", "c", "d", "e"]
QUESTIONS = 6000


def test_places_and_slips_are_those_of_simulated_people() -> None:
    crowd, voters = Crowd(5, 0.05, seed=3), make_voters(PEOPLE, seed=3, noise=0.05)
    own, theirs, asked_by = Counter[tuple[int, int]](), Counter[tuple[int, int]](), Counter[str]()
    people = 0
    for number in range(QUESTIONS):
        cast = crowd.votes(SHOWN, ["b"])
        people += len({person for person, *_ in cast})
        own.update((place, value) for _, place, value in cast)
        voter = asker_of(f"{number}", voters, seed=3)
        asked_by[voter.name] += 1
        theirs.update((vote.rank - 1, vote.value) for vote in cast_votes(voter, f"{number}", SHOWN, {"b"}, seed=3))
    for place in range(5):
        for value in (1, -1):
            expected = theirs[place, value] * (1 + BESIDE)
            assert own[place, value] == pytest.approx(expected, abs=5 * np.sqrt(expected) + 0.05 * expected)


def test_some_ask_more_than_others_and_some_read_along() -> None:
    crowd = Crowd(5, 0.0, seed=1)
    votes = [crowd.votes(SHOWN, []) for _ in range(QUESTIONS)]
    voted = Counter(person for own in votes for person in {name for name, *_ in own})
    assert len(voted) == PEOPLE
    assert voted["voter-000"] > 4 * voted["voter-029"]
    together = sum(len({name for name, *_ in own}) == 2 for own in votes) / QUESTIONS
    assert together == pytest.approx(BESIDE, abs=0.04)
    assert all(value == -1 for own in votes for *_, value in own)


def test_the_same_seed_is_the_same_crowd() -> None:
    one, other, another = Crowd(5, 0.05, seed=1), Crowd(5, 0.05, seed=1), Crowd(5, 0.05, seed=2)
    own = [one.votes(SHOWN, ["b"]) for _ in range(50)]
    assert own == [other.votes(SHOWN, ["b"]) for _ in range(50)]
    assert own != [another.votes(SHOWN, ["b"]) for _ in range(50)]
