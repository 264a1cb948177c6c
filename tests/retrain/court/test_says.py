"""What votes say of each question of a trial: one person, one question, one say."""

from __future__ import annotations

import random
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from db.question import Team
from retrain.court.says import TeamVote, fold_says

CANDIDATE: Team = "candidate"
INCUMBENT: Team = "incumbent"

votes_of_anybody = st.builds(
    TeamVote,
    st.integers(1, 12),
    st.sampled_from(["ann", "bob", "cy"]),
    st.sampled_from([CANDIDATE, INCUMBENT]),
    st.sampled_from([1, -1]),
)
likenesses = st.dictionaries(st.integers(1, 12), st.integers(0, 3))


def fold(
    votes: Iterable[TeamVote],
    questions: int = 400,
    alike: dict[int, int] | None = None,
    reliable: dict[str, bool] | None = None,
) -> list[int]:
    return fold_says(votes, questions, alike or {}, reliable or {})


def test_a_vote_up_is_for_its_team() -> None:
    assert fold([TeamVote(1, "ann", CANDIDATE, 1)]) == [1]
    assert fold([TeamVote(1, "ann", INCUMBENT, 1)]) == [-1]


def test_votes_down_are_a_say_that_wins_nothing() -> None:
    assert fold([TeamVote(1, "ann", CANDIDATE, -1)]) == fold([TeamVote(1, "ann", INCUMBENT, -1)]) == [0]
    down = [TeamVote(1, "ann", CANDIDATE, -1), TeamVote(1, "ann", CANDIDATE, -1), TeamVote(1, "ann", INCUMBENT, -1)]
    assert fold(down) == [0]
    assert fold([*down, TeamVote(1, "ann", CANDIDATE, 1)]) == [1]


def test_questions_that_nobody_had_a_say_on_arent_there() -> None:
    assert fold([]) == []
    assert fold([TeamVote(9, "ann", CANDIDATE, 1), TeamVote(4, "ann", INCUMBENT, 1)]) == [-1, 1]


def test_what_a_person_says_is_for_whose_picks_more_were_voted_up() -> None:
    ann = [TeamVote(1, "ann", CANDIDATE, 1), TeamVote(1, "ann", INCUMBENT, 1), TeamVote(1, "ann", CANDIDATE, 1)]
    assert fold(ann[:2]) == [0]
    assert fold(ann) == [1]


def test_who_votes_on_everything_counts_no_more_than_who_votes_once() -> None:
    loud = [TeamVote(1, "loud", CANDIDATE, 1), TeamVote(1, "loud", CANDIDATE, 1), TeamVote(1, "loud", CANDIDATE, 1)]
    quiet = [TeamVote(1, "ann", INCUMBENT, 1), TeamVote(1, "bob", INCUMBENT, 1)]
    assert fold([*loud, *quiet[:1]]) == [0]
    assert fold([*loud, *quiet]) == [-1]


def test_a_question_is_one_unit_however_many_speak_of_it() -> None:
    assert fold([TeamVote(1, who, CANDIDATE, 1) for who in ("ann", "bob", "cy")]) == [1]


def test_who_is_of_two_minds_has_still_had_a_say() -> None:
    assert fold([TeamVote(1, "ann", CANDIDATE, 1), TeamVote(1, "ann", INCUMBENT, 1)]) == [0]


def test_unreliable_people_arent_listened_to_and_others_are() -> None:
    votes = [TeamVote(1, "liar", CANDIDATE, 1), TeamVote(2, "ann", INCUMBENT, 1), TeamVote(3, "bob", INCUMBENT, 1)]
    assert fold(votes, reliable={"liar": False, "ann": True}) == [-1, -1]
    assert fold(votes) == [1, -1, -1]


def test_of_questions_alike_a_person_has_a_say_on_the_first() -> None:
    again = [TeamVote(1, "ann", CANDIDATE, 1), TeamVote(2, "ann", INCUMBENT, 1), TeamVote(3, "ann", INCUMBENT, 1)]
    assert fold(again, alike={1: 7, 2: 7}) == [1, -1]
    assert fold(again, alike={1: 7, 2: 7, 3: 7}) == [1]
    assert fold(again) == [1, -1, -1]


def test_what_is_asked_again_by_others_is_the_same_question() -> None:
    """It goes the same way each time, which ten coins wouldn't: ten questions would look like a proof."""
    asked = [TeamVote(number, f"person {number}", CANDIDATE, 1) for number in range(1, 11)]
    assert fold(asked) == [1] * 10
    assert fold(asked, alike=dict.fromkeys(range(1, 11), 1)) == [1]
    others = [TeamVote(number, f"person {number}", INCUMBENT, 1) for number in range(11, 23)]
    assert fold([*asked, *others], alike=dict.fromkeys(range(1, 23), 1)) == [-1]
    assert fold([*asked, *others[:10]], alike=dict.fromkeys(range(1, 21), 1)) == [0]


def test_a_question_stands_where_it_was_asked_first() -> None:
    votes = [TeamVote(1, "ann", INCUMBENT, 1), TeamVote(2, "bob", CANDIDATE, 1), TeamVote(3, "cy", INCUMBENT, 1)]
    assert fold(votes, alike={1: 5, 3: 5}) == [-1, 1]


def test_a_question_like_no_other_is_not_taken_for_a_group_of_that_number() -> None:
    votes = [TeamVote(1, "ann", CANDIDATE, 1), TeamVote(7, "ann", CANDIDATE, 1)]
    assert fold(votes, alike={1: 7}) == [1, 1]
    assert fold(votes, alike={1: 0}) == [1, 1]


def test_one_person_has_a_say_on_a_tenth_of_the_questions_at_most() -> None:
    ann = [TeamVote(number, "ann", CANDIDATE, 1) for number in range(1, 100)]
    assert fold(ann, questions=400) == [1] * 40
    assert fold(ann, questions=5) == [1]
    bob = [TeamVote(number, "bob", INCUMBENT, 1) for number in range(1, 100)]
    assert fold([*ann, *bob], questions=400) == [0] * 40
    late = [TeamVote(number, "bob", INCUMBENT, 1) for number in range(60, 70)]
    assert fold([*ann, *late], questions=400) == [1] * 40 + [-1] * 10


@given(st.lists(votes_of_anybody, max_size=40), likenesses, st.randoms())
def test_the_order_in_which_votes_are_read_changes_nothing(
    votes: list[TeamVote], alike: dict[int, int], draw: random.Random
) -> None:
    shuffled = list(votes)
    draw.shuffle(shuffled)
    assert fold(votes, alike=alike) == fold(shuffled, alike=alike)


@given(st.lists(votes_of_anybody, max_size=40), likenesses)
def test_the_other_way_round_all_is_the_other_way_round(votes: list[TeamVote], alike: dict[int, int]) -> None:
    """What makes coins fair: had each coin fallen otherwise, each question would have gone otherwise."""
    other: dict[Team, Team] = {CANDIDATE: INCUMBENT, INCUMBENT: CANDIDATE}
    turned = [TeamVote(own.question_id, own.person, other[own.team], own.value) for own in votes]
    assert fold(turned, alike=alike) == [-own for own in fold(votes, alike=alike)]


@given(st.lists(votes_of_anybody, max_size=40), likenesses, st.sets(st.integers(1, 12)))
def test_whatever_coins_fell_the_same_people_have_a_say_on_the_same_questions(
    votes: list[TeamVote], alike: dict[int, int], turned: set[int]
) -> None:
    """A coin may turn its question and no other: not how many there are, nor what others say."""
    other: dict[Team, Team] = {CANDIDATE: INCUMBENT, INCUMBENT: CANDIDATE}
    turned = {own for own in range(1, 13) if alike.get(own, -own) in {alike.get(one, -one) for one in turned}}
    with_others = [
        TeamVote(own.question_id, own.person, other[own.team], own.value) if own.question_id in turned else own
        for own in votes
    ]
    before, after = fold(votes, alike=alike), fold(with_others, alike=alike)
    assert [abs(own) for own in before] == [abs(own) for own in after]
