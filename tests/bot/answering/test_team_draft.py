"""The draw of a trial: fair to both generations whatever people look at first, and the same each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise, product
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering import team_draft
from bot.answering.team_draft import Slot, count_contested, draft, takes_part
from db.question import Team

lists = st.lists(st.integers(0, 9), unique=True, max_size=8)
sizes = st.integers(1, 8)

Draw = Callable[[Sequence[int], Sequence[int], int, str], list[Slot[int]]]

UNIFORM, FIRST_ONLY, STEEP = (1.0, 1.0, 1.0, 1.0, 1.0), (1.0, 0.0, 0.0, 0.0, 0.0), (1.0, 0.5, 0.2, 0.1, 0.05)
ALIKE = ([1, 2, 3, 4, 5], [2, 1, 6, 3, 7])
UNLIKE = ([1, 2, 3, 4, 5], [6, 7, 8, 9, 10])
SHORT = ([1, 2, 3, 4, 5], [6, 7])
NEXT_TO_NOTHING = ([1], [1, 2, 3, 4, 5])


def with_coins(coins: Sequence[float], incumbent: Sequence[int], candidate: Sequence[int], n: int) -> list[Slot[int]]:
    """The draw with these tosses instead of its own, as many as it may want."""
    tosses = iter(coins)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(team_draft, "_uniform", lambda _: next(tosses))
        return draft(incumbent, candidate, n, "any")


def all_draws(incumbent: Sequence[int], candidate: Sequence[int], n: int) -> Iterator[list[Slot[int]]]:
    """Every draw that coins can make, each as likely as the next."""
    rounds = ceil(n / 2)
    for coins in product((0.25, 0.75), repeat=rounds):
        yield with_coins(coins, incumbent, candidate, n)


@given(lists, lists, sizes, st.text())
def test_each_source_is_shown_once_and_as_many_as_there_may_be(
    incumbent: list[int], candidate: list[int], n: int, key: str
) -> None:
    slots = draft(incumbent, candidate, n, key)
    shown = [slot.source for slot in slots]
    there = set(incumbent[:n]) | set(candidate[:n])
    assert len(set(shown)) == len(shown) == min(n, len(there))
    assert set(shown) <= there
    assert draft(incumbent, candidate, n, key) == slots


@given(lists, lists, sizes, st.text())
def test_a_credit_is_for_a_source_that_its_team_has_and_would_have_shown_next(
    incumbent: list[int], candidate: list[int], n: int, key: str
) -> None:
    of: dict[Team, list[int]] = {"incumbent": incumbent[:n], "candidate": candidate[:n]}
    picked: dict[Team, list[int]] = {"incumbent": [], "candidate": []}
    for slot in draft(incumbent, candidate, n, key):
        if slot.team is not None:
            assert slot.source in of[slot.team]
            picked[slot.team].append(slot.source)
    for team, sources in picked.items():
        assert sources == sorted(sources, key=of[team].index)


@given(lists, sizes, st.text())
def test_where_lists_agree_nothing_is_contested_and_no_coin_is_tossed(own: list[int], n: int, key: str) -> None:
    slots = draft(own, own, n, key)
    assert [slot.source for slot in slots] == own[:n]
    assert count_contested(slots) == 0
    assert with_coins([], own, own, n) == slots


@given(lists, lists, sizes, st.text())
def test_credits_come_in_pairs_one_each(incumbent: list[int], candidate: list[int], n: int, key: str) -> None:
    slots = draft(incumbent, candidate, n, key)
    teams = [slot.team for slot in slots if slot.team is not None]
    rounds = [teams[at : at + 2] for at in range(0, len(teams), 2)]
    assert all(set(own) == {"incumbent", "candidate"} for own in rounds if len(own) == 2)
    assert abs(teams.count("incumbent") - teams.count("candidate")) <= 1
    if len(teams) % 2:
        assert len(slots) == n and slots[-1].team is not None  # only the last place can cut a round in two
    assert count_contested(slots) == len(teams)
    # the two of a round stand next to each other: nothing that is to nobody's credit comes between them
    places = [place for place, slot in enumerate(slots) if slot.team is not None]
    assert all(later == own + 1 for own, later in list(pairwise(places))[::2])


@given(lists, lists, sizes)
def test_each_place_is_either_teams_equally_often(incumbent: list[int], candidate: list[int], n: int) -> None:
    credited = Counter(
        (place, slot.team)
        for slots in all_draws(incumbent, candidate, n)
        for place, slot in enumerate(slots)
        if slot.team is not None
    )
    assert all(credited[place, "incumbent"] == credited[place, "candidate"] for place in range(n))


@given(lists, lists, sizes)
def test_which_places_are_contested_doesnt_depend_on_coins(incumbent: list[int], candidate: list[int], n: int) -> None:
    contested = {tuple(slot.team is not None for slot in own) for own in all_draws(incumbent, candidate, n)}
    assert len(contested) == 1


@given(lists, lists, sizes, st.lists(st.sampled_from([0.25, 0.75]), min_size=4, max_size=4))
def test_other_sides_and_other_coins_are_the_same_draw_mirrored(
    incumbent: list[int], candidate: list[int], n: int, coins: list[float]
) -> None:
    other: dict[Team | None, Team | None] = {"incumbent": "candidate", "candidate": "incumbent", None: None}
    mirrored = with_coins([1 - coin for coin in coins], candidate, incumbent, n)
    slots = with_coins(coins, incumbent, candidate, n)
    assert slots == [Slot(slot.source, other[slot.team]) for slot in mirrored]


def test_an_example_told_in_full() -> None:
    heads, tails = 0.25, 0.75
    slots = with_coins([heads, tails], [1, 2, 3, 4, 5], [1, 6, 2, 4, 7], 5)
    # both have 1. Then 2 against 6, heads: the candidate's first. Then 3 against 4, tails.
    assert slots == [
        Slot(1, None),
        Slot(6, "candidate"),
        Slot(2, "incumbent"),
        Slot(3, "incumbent"),
        Slot(4, "candidate"),
    ]


def test_what_one_side_has_left_over_credits_nobody() -> None:
    slots = draft([1, 2, 3, 4], [5], 5, "any")
    assert {slot.source for slot in slots[:2]} == {1, 5}
    assert slots[2:] == [Slot(2, None), Slot(3, None), Slot(4, None)]
    assert draft([], [1, 2], 5, "any") == [Slot(1, None), Slot(2, None)]
    assert draft([], [], 5, "any") == []


def candidates_credit(draw: Draw, own: tuple[list[int], list[int]], attention: Sequence[float], n: int) -> float:
    """The candidate's share of what people credit who vote by the place alone, over 20,000 questions."""
    credit: Counter[Team] = Counter()
    for number in range(20_000):
        for slot, seen in zip(draw(*own, n, f"question {number}"), attention, strict=False):
            if slot.team is not None:
                credit[slot.team] += seen  # type: ignore[assignment]
    return credit["candidate"] / (credit["candidate"] + credit["incumbent"])


@pytest.mark.parametrize("n", [4, 5])
@pytest.mark.parametrize("attention", [UNIFORM, STEEP, FIRST_ONLY], ids=["uniform", "steep", "first only"])
@pytest.mark.parametrize("own", [ALIKE, UNLIKE, SHORT], ids=["alike", "unlike", "short"])
def test_people_who_dont_care_credit_both_alike(
    own: tuple[list[int], list[int]], attention: Sequence[float], n: int
) -> None:
    assert candidates_credit(draft, own, attention, n) == pytest.approx(0.5, abs=0.02)


def incumbent_first(incumbent: Sequence[int], candidate: Sequence[int], n: int, _: str) -> list[Slot[int]]:
    return with_coins([0.75] * n, incumbent, candidate, n)


def leftovers_credited(incumbent: Sequence[int], candidate: Sequence[int], n: int, key: str) -> list[Slot[int]]:
    team_of: dict[int, Team] = dict.fromkeys(set(incumbent) - set(candidate), "incumbent")
    team_of |= dict.fromkeys(set(candidate) - set(incumbent), "candidate")
    return [Slot(slot.source, slot.team or team_of.get(slot.source)) for slot in draft(incumbent, candidate, n, key)]


@pytest.mark.parametrize(
    ("broken", "own", "attention", "n"),
    [
        (incumbent_first, UNLIKE, STEEP, 5),
        (incumbent_first, UNLIKE, UNIFORM, 5),
        (leftovers_credited, SHORT, UNIFORM, 5),
    ],
)
def test_a_draw_that_favours_one_would_be_seen(
    broken: Draw, own: tuple[list[int], list[int]], attention: Sequence[float], n: int
) -> None:
    assert abs(candidates_credit(broken, own, attention, n) - 0.5) > 0.02


def test_nothing_is_credited_where_one_list_is_part_of_the_other() -> None:
    assert not any(count_contested(draft(*NEXT_TO_NOTHING, 5, f"question {number}")) for number in range(50))


def test_a_share_of_questions_takes_part_the_same_ones_each_time() -> None:
    keys = [f"question {number}" for number in range(20_000)]
    part = [key for key in keys if takes_part(key, 0.2)]
    assert len(part) / len(keys) == pytest.approx(0.2, abs=0.01)
    assert part == [key for key in keys if takes_part(key, 0.2)]
    assert not any(takes_part(key, 0.0) for key in keys) and all(takes_part(key, 1.0) for key in keys)
    assert set(part) <= {key for key in keys if takes_part(key, 0.3)}


def test_whether_it_takes_part_says_nothing_of_its_coins() -> None:
    first = Counter(draft(*UNLIKE, 5, key)[0].team for key in map(str, range(20_000)) if takes_part(key, 0.2))
    assert first["candidate"] / first.total() == pytest.approx(0.5, abs=0.03)


def test_rounds_have_coins_of_their_own() -> None:
    pairs = Counter((own[0].team, own[2].team) for own in (draft(*UNLIKE, 5, str(n)) for n in range(20_000)))
    assert len(pairs) == 4
    assert all(count / pairs.total() == pytest.approx(0.25, abs=0.015) for count in pairs.values())
    assert set(chain.from_iterable(pairs)) == {"incumbent", "candidate"}
