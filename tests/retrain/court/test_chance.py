from __future__ import annotations

import random
from dataclasses import replace

import pytest

from nightshift.simulate.voters import cast_votes, make_voters
from retrain.court.chance import fall_with_rank, order_as_shown, votes_at_chance
from retrain.lesson import Judgement


def judgement(question: int, rank: int, value: int, **values: object) -> Judgement:
    return Judgement("T:anna", question, 100 + rank, value, 1.0, rank=rank, **values)  # type: ignore[arg-type]


def simulated(noise: float, seed: int, questions: int = 300) -> list[Judgement]:
    """Votes on a poor search: the right document is shown to half of the people, most often first."""
    voters, draw = make_voters(20, seed=seed, noise=noise), random.Random(seed)
    votes = []
    for question in range(questions):
        shown = [f"document {rank}" for rank in range(1, 6)]
        right = draw.choices([*shown, "elsewhere"], weights=[6, 3, 2, 1, 1, 13])[0]
        voter = voters[question % len(voters)]
        votes += [
            judgement(question, vote.rank, vote.value)
            for vote in cast_votes(voter, str(question), shown, {right}, seed=seed)
        ]
    return votes


def test_only_questions_with_both_kinds_of_votes_count() -> None:
    votes = [judgement(1, 1, 1), judgement(1, 2, -1), judgement(1, 3, 1), judgement(2, 1, 1), judgement(3, 2, -1)]
    votes += [judgement(4, 1, -1), judgement(4, 5, 1), judgement(4, 2, 1, origin="answer")]
    assert order_as_shown(votes).tolist() == [0.5, 0.0]


def test_votes_that_mean_something_are_told_from_votes_that_do_not() -> None:
    for seed in range(5):
        assert votes_at_chance(simulated(0.05, seed)) == []
        assert votes_at_chance(simulated(0.1, seed)) == []
        for n_golden in (0, 75):
            [reason] = votes_at_chance(simulated(0.5, seed), n_golden)
            assert "can't be told from chance" in reason


def test_who_stops_at_the_first_right_source_is_believed() -> None:
    for seed in range(5):
        draw, votes = random.Random(seed), []
        for question in range(500):
            right = draw.choices([1, 2, 3, 4, 5, 6], weights=[6, 3, 2, 1, 1, 13])[0]
            votes += [judgement(question, rank, 1 if rank == right else -1) for rank in range(1, min(right, 5) + 1)]
        assert order_as_shown(votes).mean() == 0  # what is voted down is above by construction
        assert fall_with_rank(votes).mean() > 0
        assert votes_at_chance(votes) == []


def test_votes_against_the_ranking_are_left_to_golden_questions_where_there_are_some() -> None:
    turned_round = simulated(0.95, 1)
    [reason] = votes_at_chance(turned_round, 10)
    assert "go against the ranking" in reason and "about 30 more golden pairs" in reason
    assert votes_at_chance(turned_round, 25) == []


def test_what_is_voted_down_for_another_reason_than_being_wrong_says_nothing() -> None:
    votes = [judgement(1, 1, -1, reason="outdated"), judgement(1, 2, 1), judgement(1, 3, -1, reason="wrong_source")]
    assert order_as_shown(votes).tolist() == [1.0]


def test_the_same_question_asked_again_and_again_is_one_question() -> None:
    asked_once = simulated(0.5, 1, questions=60)
    often = [replace(vote, question_id=vote.question_id + 60 * time) for time in range(5) for vote in asked_once]
    clusters = {question: question % 60 for question in range(300)}
    for measure in (order_as_shown, fall_with_rank):
        assert len(measure(often, clusters)) == len(measure(asked_once)) < len(measure(often))
    assert order_as_shown(often, clusters) == pytest.approx(order_as_shown(asked_once))
    assert votes_at_chance(often)
    assert votes_at_chance(often, clusters=clusters) == []


def test_few_votes_are_given_the_benefit_of_the_doubt() -> None:
    assert votes_at_chance(simulated(0.5, 1, questions=60)) == []
    assert len(order_as_shown([])) == len(fall_with_rank([])) == 0 and votes_at_chance([]) == []
