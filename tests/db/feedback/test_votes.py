"""Votes on a real database: 50 people at once, out of order; outsiders refused."""

from __future__ import annotations

import random
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa

from db import schema
from db.answers import start_thread
from db.corpus import ChannelKind
from db.errors import BadInputError, UnknownIdError, VoteRefusedError
from db.feedback.fold import LiveVote, VoteEvent, fold_votes
from db.feedback.votes import count_votes_since, live_votes, pressed_buttons, record_vote, set_reason
from db.question import Answer
from tests.corpus import ASKED, add_answer

UP, DOWN = 1, -1


def press(answer: Answer, value: int, ts: int, *, number: int = 1, person: str = "T1:U1", key: str = "") -> VoteEvent:
    return VoteEvent(
        dedupe_key=key or f"{person}:{number}:{ts}",
        workspace="T1",
        person=person,
        question_id=answer.question_id,
        citation_id=answer.sources[number - 1].citation_id,
        action="press",
        value=value,  # type: ignore[arg-type]
        occurred_ts=Decimal(ts),
    )


def react(answer: Answer, value: int, ts: int, *, person: str = "T1:U1", action: str = "react") -> VoteEvent:
    return replace(
        press(answer, value, ts, person=person, key=f"{person}:{action}:{value}:{ts}"),
        citation_id=None,
        action=action,  # type: ignore[arg-type]
    )


def rows(engine: sa.Engine) -> dict[tuple[str, str], LiveVote]:
    vote = schema.vote.c
    wanted = sa.select(vote.person, vote.citation_id, vote.value, vote.weight, vote.origin, vote.occurred_ts)
    with engine.connect() as connection:
        return {
            (person, citation_id): LiveVote(*standing) for person, citation_id, *standing in connection.execute(wanted)
        }


def test_fifty_people_flip_flop_at_once(engine: sa.Engine) -> None:
    seed = random.randrange(2**32)
    rng = random.Random(seed)
    answer = add_answer(engine, 3)
    sent: dict[str, list[VoteEvent]] = defaultdict(list)
    for number in range(50):
        person = f"T1:P{number}"
        for ts in range(1, 9):
            value = rng.choice([UP, DOWN])
            if rng.random() < 0.3:
                made = react(answer, value, ts, person=person, action=rng.choice(["react", "unreact"]))
            else:
                made = press(answer, value, ts, number=rng.randint(1, 3), person=person)
                if rng.random() < 0.2:
                    made = replace(made, citation_id=None)
            sent[person].append(made)
    deliveries = [made for events in sent.values() for made in events + rng.sample(events, 3)]
    rng.shuffle(deliveries)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda made: record_vote(engine, made), deliveries))
    cited = [source.citation_id for source in answer.sources]
    expected = {
        (person, citation_id): vote
        for person, events in sent.items()
        for citation_id, vote in fold_votes(events, cited).items()
    }
    assert rows(engine) == expected, f"seed {seed}"
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.vote_event)) == 50 * 8


def test_one_person_pressing_everywhere_at_once_loses_nothing(engine: sa.Engine) -> None:
    answer = add_answer(engine, 10)
    events = [press(answer, UP, 20 * round_ + number, number=number) for round_ in range(5) for number in range(1, 11)]
    random.Random(3).shuffle(events)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda made: record_vote(engine, made), events))
    assert live_votes(engine, answer.question_id, "T1:U1") == {source.citation_id: UP for source in answer.sources}


def test_what_is_returned_is_what_stands(engine: sa.Engine) -> None:
    answer = add_answer(engine, 2)
    first, second = (source.citation_id for source in answer.sources)
    assert record_vote(engine, react(answer, DOWN, 1))[first].value == DOWN
    live = record_vote(engine, press(answer, UP, 2))
    assert (live[first].value, live[second].value) == (UP, DOWN)
    assert live_votes(engine, answer.question_id, "T1:U1") == {first: UP, second: DOWN}
    assert live_votes(engine, answer.question_id, "T1:U2") == {}


def test_pressed_buttons_are_those_of_one_person_and_no_reactions(engine: sa.Engine) -> None:
    answer = add_answer(engine, 2)
    for made in (
        press(answer, DOWN, 1),
        replace(press(answer, UP, 2), citation_id=None),
        react(answer, DOWN, 3),
        press(answer, UP, 4, number=2, person="T1:U2"),
    ):
        record_vote(engine, made)
    first, second = (source.citation_id for source in answer.sources)
    assert pressed_buttons(engine, answer.question_id, "T1:U1") == {first: DOWN, None: UP}
    assert live_votes(engine, answer.question_id, "T1:U1") == {first: DOWN, second: UP}


def test_an_event_that_comes_again_counts_once(engine: sa.Engine) -> None:
    answer = add_answer(engine, 1)
    for _ in range(4):
        live = record_vote(engine, press(answer, UP, 1))
    assert [vote.value for vote in live.values()] == [UP]


def test_the_later_press_wins_even_if_it_arrives_first(engine: sa.Engine) -> None:
    answer = add_answer(engine, 1)
    record_vote(engine, press(answer, DOWN, 2))
    live = record_vote(engine, press(answer, UP, 1))
    assert [vote.value for vote in live.values()] == [DOWN]


@pytest.mark.parametrize(
    ("kind", "workspace", "person", "allowed"),
    [
        ("public", "T1", "T1:U2", True),
        ("private", "T1", "T1:U2", True),
        ("direct", "T1", "T1:U1", True),
        ("direct", "T1", "T1:U2", False),
        ("public", "T2", "T2:U1", False),
        ("public", "T1", "T2:U1", False),
        ("direct", "T2", "T1:U1", False),
        ("public", "local", "local:console", False),
    ],
)
def test_only_the_audience_of_a_reply_votes(
    engine: sa.Engine, kind: ChannelKind, workspace: str, person: str, allowed: bool
) -> None:
    answer = add_answer(engine, 1, replace(ASKED, channel_kind=kind))
    made = replace(press(answer, UP, 1, person=person), workspace=workspace)
    if allowed:
        assert record_vote(engine, made)
        return
    with pytest.raises(VoteRefusedError):
        record_vote(engine, made)
    assert rows(engine) == {}
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.vote_event)) == 0


@pytest.mark.parametrize("kind", ["public", "private"])
def test_what_one_person_was_shown_by_a_command_is_voted_on_by_others_once_it_is_shared(
    engine: sa.Engine, kind: ChannelKind
) -> None:
    answer = add_answer(engine, 1, replace(ASKED, channel_kind=kind, thread_ts=None))
    with pytest.raises(VoteRefusedError):
        record_vote(engine, press(answer, UP, 1, person="T1:U2"))
    assert record_vote(engine, press(answer, UP, 1))
    start_thread(engine, answer.question_id, "2.5")
    assert record_vote(engine, press(answer, UP, 1, person="T1:U2"))


def test_unknown_things_are_named_plainly(engine: sa.Engine) -> None:
    answer, other = add_answer(engine, 1), add_answer(engine, 2, replace(ASKED, channel="C2"))
    with pytest.raises(UnknownIdError, match="no question"):
        record_vote(engine, replace(react(answer, UP, 1), question_id=10**9))
    with pytest.raises(UnknownIdError, match="no source"):
        record_vote(engine, replace(press(answer, UP, 1), citation_id=other.sources[0].citation_id))


def test_a_reason_belongs_to_a_down_vote_and_goes_with_it(engine: sa.Engine) -> None:
    answer = add_answer(engine, 2)
    citation_id = answer.sources[0].citation_id

    def reasons() -> list[str]:
        with engine.connect() as connection:
            return list(connection.scalars(sa.select(schema.vote_reason.c.reason)))

    with pytest.raises(VoteRefusedError):
        set_reason(engine, "T1:U1", citation_id, "outdated")
    record_vote(engine, press(answer, DOWN, 1))
    set_reason(engine, "T1:U1", citation_id, "outdated")
    set_reason(engine, "T1:U1", citation_id, "wrong_source")
    record_vote(engine, press(answer, UP, 2, number=2))
    assert reasons() == ["wrong_source"]
    with pytest.raises(VoteRefusedError):
        set_reason(engine, "T1:U2", citation_id, "other")
    with pytest.raises(UnknownIdError):
        set_reason(engine, "T1:U1", "nowhere", "other")
    with pytest.raises(BadInputError):
        set_reason(engine, "T1:U1", citation_id, "because")
    record_vote(engine, press(answer, UP, 3))
    assert reasons() == []


def test_votes_that_are_new_are_counted_once_each_however_often_a_button_is_pressed(engine: sa.Engine) -> None:
    answer = add_answer(engine, 3)
    record_vote(engine, press(answer, UP, 1))
    assert (count_votes_since(engine, 0), count_votes_since(engine, 1)) == (1, 0)
    for ts in range(2, 9):
        record_vote(engine, replace(press(answer, UP if ts % 2 else DOWN, ts), action="set"))
    record_vote(engine, press(answer, UP, 9, number=2))
    assert count_votes_since(engine, 1) == 2
    record_vote(engine, react(answer, DOWN, 10, person="T1:U2"))
    assert count_votes_since(engine, 9) == len([own for own in rows(engine) if own[0] == "T1:U2"]) == 3
    record_vote(engine, react(answer, DOWN, 11, person="T1:U2", action="unreact"))
    assert count_votes_since(engine, 9) == 0
