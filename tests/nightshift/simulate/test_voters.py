from __future__ import annotations

import pytest

from nightshift.simulate.voters import Voter, asker_of, cast_votes, make_voters

SHOWN = ["a", "b", "c", "d", "e"]


def honest(**more: float) -> Voter:
    return Voter("ann", **{"impatience": 0.0, "zeal": 1.0, "noise": 0.0, **more})


def values(voter: Voter, questions: int = 1000) -> list[int]:
    votes = [cast_votes(voter, f"q{n}", SHOWN, {"a"}, seed=1) for n in range(questions)]
    return [vote.value * (1 if vote.rank == 1 else -1) for cast in votes for vote in cast]


def test_without_noise_people_vote_as_the_judgements_say() -> None:
    votes = cast_votes(honest(), "q", SHOWN, {"b", "z"}, seed=0)
    assert [(vote.rank, vote.value) for vote in votes] == [(1, -1), (2, 1), (3, -1), (4, -1), (5, -1)]


def test_lower_ranks_are_looked_at_less() -> None:
    seen = [0] * 5
    for n in range(2000):
        for vote in cast_votes(honest(impatience=0.5), f"q{n}", SHOWN, {"a"}, seed=1):
            seen[vote.rank - 1] += 1
    assert seen[0] == 2000
    assert [count / 2000 for count in seen] == pytest.approx([r**-0.5 for r in range(1, 6)], abs=0.04)


def test_noise_is_the_share_of_wrong_votes_and_liars_turn_it_round() -> None:
    assert values(honest(noise=0.2)).count(-1) / 5000 == pytest.approx(0.2, abs=0.02)
    liar = Voter("ann", 0.0, 1.0, 0.05, liar=True)
    assert values(liar).count(-1) / 5000 == pytest.approx(0.95, abs=0.02)
    assert values(honest(noise=0.5)).count(-1) / 5000 == pytest.approx(0.5, abs=0.03)


def test_people_differ_and_as_many_lie_as_were_asked_for() -> None:
    voters = make_voters(20, seed=3, liars=0.1)
    assert sum(voter.liar for voter in voters) == 2
    assert len({voter.impatience for voter in voters}) == 20
    assert len({voter.name for voter in voters}) == 20
    assert voters == make_voters(20, seed=3, liars=0.1)
    assert voters != make_voters(20, seed=4, liars=0.1)


def test_some_people_ask_much_more_than_others_and_order_does_not_matter() -> None:
    voters = make_voters(20, seed=3)
    asked = [asker_of(f"q{n}", voters, seed=1).name for n in range(3000)]
    counts = sorted((asked.count(voter.name) for voter in voters), reverse=True)
    assert counts[0] > 3 * counts[-1] > 0
    assert asker_of("q7", voters, seed=1).name == asked[7]


def test_the_draws_depend_on_seed_person_question_and_rank_alone() -> None:
    voter = honest(impatience=0.5, noise=0.3)
    whole = cast_votes(voter, "q", SHOWN, {"a"}, seed=5)
    first_two = cast_votes(voter, "q", SHOWN[:2], {"a"}, seed=5)
    assert first_two == [vote for vote in whole if vote.rank <= 2]
    others = [cast_votes(voter, "q", SHOWN, {"a"}, seed=seed) for seed in range(20)]
    assert any(other != whole for other in others)


@pytest.mark.parametrize("bad", [{"count": 0}, {"count": 3, "noise": 1.5}, {"count": 3, "liars": -0.1}])
def test_impossible_people_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="shares between 0 and 1"):
        make_voters(seed=0, **bad)  # type: ignore[arg-type]
