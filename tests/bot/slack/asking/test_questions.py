"""A question from Slack when things fail: always one sentence, the claim given back, nothing answered twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from types import SimpleNamespace
from unittest.mock import AsyncMock

import pytest
import sqlalchemy as sa

from bot.slack.asking.questions import FAILED, STOPPED
from bot.slack.asking.ways_in import WaysIn
from bot.slack.incoming import QuestionMessage
from bot.slack.transport import BackgroundWork
from bot.slack.transport import leased as lease
from db import schema
from db.answers import has_answered
from db.errors import DatabaseUnavailableError
from db.question import Answer, Asked
from db.slack import claim_event
from db.store import create_engine, failure_counts
from tests.bot.slack.asking.scripted import MESSAGE, event_row, make_questions, raising, said, stored
from tests.doubles_slack import HTTP_CHANNEL, TEAM, OwnSlack, refused, wait_until

SECRET_WORDS = "what a person wrote"


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


async def test_a_failure_is_one_sentence_and_the_next_delivery_is_answered(
    engine: sa.Engine, slack: OwnSlack, caplog: pytest.LogCaptureFixture
) -> None:
    script = stored(engine)
    failing = make_questions(slack, engine, raising(RuntimeError(SECRET_WORDS)))
    await failing.answer(MESSAGE)
    await failing.answer(MESSAGE)
    assert said(slack) == [FAILED]
    assert event_row(engine) == (False, 2)
    assert SECRET_WORDS not in caplog.text and MESSAGE.key in caplog.text
    assert failure_counts(engine) == {"RuntimeError": 2}
    await make_questions(slack, engine, script).answer(MESSAGE)
    assert said(slack) == [FAILED, "I don't know."]
    assert event_row(engine) == (True, 3)


async def test_four_deliveries_without_a_database_are_one_apology(slack: OwnSlack) -> None:
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere", connect_timeout_s=2)
    questions = make_questions(slack, away)
    await asyncio.gather(*(questions.answer(MESSAGE) for _ in range(4)))
    assert said(slack) == [FAILED]


async def test_what_is_neither_stored_nor_apologised_for_is_acknowledged_to_none_of_its_deliveries(
    slack: OwnSlack,
) -> None:
    """So Slack brings it once more."""
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere", connect_timeout_s=2)
    slack.answers["chat.postMessage"] = slack.answers["chat.postEphemeral"] = [refused("fatal_error")]
    questions, acknowledge = make_questions(slack, away), AsyncMock()
    await asyncio.gather(*(questions.answer(MESSAGE, acknowledge) for _ in range(3)))
    acknowledge.assert_not_called()


async def test_a_claim_whose_owner_died_is_taken_again_when_stale(engine: sa.Engine, slack: OwnSlack) -> None:
    script = stored(engine)
    assert claim_event(engine, MESSAGE.key)
    await make_questions(slack, engine, script).answer(MESSAGE)
    assert said(slack) == []
    with engine.begin() as connection:
        minutes_ago = sa.func.clock_timestamp() - sa.text("interval '3 minutes'")
        connection.execute(sa.update(schema.slack_event).values(claimed_at=minutes_ago))
    await make_questions(slack, engine, script).answer(MESSAGE)
    assert said(slack) == ["I don't know."]


async def test_a_question_whose_owner_died_is_found_without_slack_sending_it_again(
    engine: sa.Engine, slack: OwnSlack
) -> None:
    script = stored(engine)
    assert claim_event(engine, MESSAGE.key, payload=asdict(MESSAGE))
    questions = make_questions(slack, engine, script)
    assert await questions.abandoned() == []
    with engine.begin() as connection:
        minutes_ago = sa.func.clock_timestamp() - sa.text("interval '3 minutes'")
        connection.execute(sa.update(schema.slack_event).values(claimed_at=minutes_ago))

    [abandoned] = await questions.abandoned()
    assert abandoned == MESSAGE
    await asyncio.gather(questions.answer(abandoned), questions.answer(abandoned))

    assert said(slack) == ["I don't know."]
    assert await questions.abandoned() == []
    with engine.connect() as connection:
        assert connection.scalars(sa.select(schema.slack_event.c.payload)).all() == [None]


async def test_an_answer_stored_by_one_who_died_before_showing_it_is_shown(engine: sa.Engine, slack: OwnSlack) -> None:
    script = stored(engine)
    asked = Asked(MESSAGE.text, TEAM, HTTP_CHANNEL, "public", MESSAGE.person, "1.5", MESSAGE.key)
    first = await script(asked)
    await make_questions(slack, engine).answer(MESSAGE)
    assert said(slack) == ["I don't know."]
    with engine.connect() as connection:
        assert connection.scalars(sa.select(schema.answer_message.c.question_id)).all() == [first.question_id]


async def test_when_the_bot_is_stopped_the_person_is_told(engine: sa.Engine, slack: OwnSlack) -> None:
    asking = asyncio.Event()

    async def never(asked: Asked) -> Answer:
        asking.set()
        await asyncio.Event().wait()
        raise AssertionError

    work = BackgroundWork(AsyncMock())
    work.start(make_questions(slack, engine, never).answer(MESSAGE))
    await asking.wait()
    await work.finish(0.1)
    assert said(slack) == [STOPPED]
    assert failure_counts(engine) == {"stopped": 1}
    assert event_row(engine) == (False, 1)
    assert claim_event(engine, MESSAGE.key)


async def test_an_answer_that_is_shown_stays_though_the_database_is_lost(engine: sa.Engine, slack: OwnSlack) -> None:
    script = stored(engine)

    async def answer_then_lose_the_database(asked: Asked) -> Answer:
        answer = await script(asked)
        with engine.begin() as connection:
            connection.execute(sa.text("DROP TABLE answer_message, slack_event"))
        return answer

    await make_questions(slack, engine, answer_then_lose_the_database).answer(MESSAGE)
    assert said(slack) == ["I don't know."]


async def test_an_answer_slack_does_not_take_is_logged(
    engine: sa.Engine, slack: OwnSlack, caplog: pytest.LogCaptureFixture
) -> None:
    slack.answers["chat.postMessage"] = [refused("is_archived")]
    await make_questions(slack, engine, stored(engine)).answer(MESSAGE)
    assert "Couldn't even say so" in caplog.text and "is_archived" in caplog.text
    assert event_row(engine) == (False, 1)


async def test_a_lost_database_in_the_middle_is_one_sentence(engine: sa.Engine, slack: OwnSlack) -> None:
    await make_questions(slack, engine, raising(DatabaseUnavailableError("x"))).answer(MESSAGE)
    assert said(slack) == [FAILED]


async def test_a_token_revoked_while_answering_ends_nothing_else(
    engine: sa.Engine, slack: OwnSlack, caplog: pytest.LogCaptureFixture
) -> None:
    questions = make_questions(slack, engine, stored(engine))
    slack.answers["chat.postMessage"] = [refused("token_revoked"), refused("token_revoked"), {}]
    await questions.answer(MESSAGE)
    assert "token_revoked" in caplog.text
    assert failure_counts(engine) == {"token_revoked": 1}
    await questions.answer(replace(MESSAGE, ts="2.5"))
    assert len(slack.of("chat.postMessage")) == 3


async def test_what_a_thread_asks_is_answered_in_its_order(engine: sa.Engine, slack: OwnSlack) -> None:
    store, first_asked, go_on = stored(engine), asyncio.Event(), asyncio.Event()
    begun: list[str] = []

    async def slow_first(asked: Asked) -> Answer:
        begun.append(asked.text)
        if asked.text == "first":
            first_asked.set()
            await go_on.wait()
        return await store(asked)

    questions = make_questions(slack, engine, slow_first)
    first = asyncio.create_task(questions.answer(replace(MESSAGE, text="first")))
    second = asyncio.create_task(questions.answer(replace(MESSAGE, ts="1.6", thread_ts="1.5", text="second")))
    await first_asked.wait()
    await questions.answer(replace(MESSAGE, ts="1.7", text="elsewhere"))  # not held up
    assert begun == ["first", "elsewhere"]
    go_on.set()
    await asyncio.gather(first, second)
    assert begun == ["first", "elsewhere", "second"]
    assert [posted["thread_ts"] for posted in slack.of("chat.postMessage")] == ["1.7", "1.5", "1.5"]


async def test_a_place_is_taken_before_anybody_asks_whether_it_is_a_question(
    engine: sa.Engine, slack: OwnSlack
) -> None:
    store, begun = stored(engine), list[str]()

    async def noting(asked: Asked) -> Answer:
        begun.append(asked.text)
        return await store(asked)

    questions = make_questions(slack, engine, noting)

    async def take(message: QuestionMessage, after_s: float = 0) -> None:
        async with questions.in_line(message) as my_turn:
            await asyncio.sleep(after_s)
            await questions.answer_in_line(message, my_turn)

    async def follow_up(message: QuestionMessage) -> None:
        async with questions.in_line(message) as my_turn:
            await my_turn()
            # the thread is the bot's own only once the first is answered
            if await asyncio.to_thread(has_answered, engine, TEAM, HTTP_CHANNEL, "1.5"):
                await questions.answer_in_line(message, my_turn)

    await asyncio.gather(
        take(replace(MESSAGE, text="first"), 0.1),
        take(replace(MESSAGE, ts="1.6", thread_ts="1.5", text="second")),
        follow_up(replace(MESSAGE, ts="1.7", thread_ts="1.5", text="follow-up")),
    )
    assert begun == ["first", "second", "follow-up"]


async def test_a_follow_up_that_comes_before_the_first_answer_is_answered(engine: sa.Engine, slack: OwnSlack) -> None:
    questions = make_questions(slack, engine, stored(engine))
    ways_in = WaysIn(questions._client, engine, questions)
    await asyncio.gather(
        ways_in.take(MESSAGE),
        ways_in.take(replace(MESSAGE, ts="1.6", thread_ts="1.5", text="and on Sundays", addressed=False)),
        ways_in.take(replace(MESSAGE, ts="1.8", thread_ts="1.7", text="of people's own", addressed=False)),
    )
    assert [posted["thread_ts"] for posted in slack.of("chat.postMessage")] == ["1.5", "1.5"]


async def test_a_failed_delivery_leaves_another_processes_claim_alone(
    engine: sa.Engine, slack: OwnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert claim_event(engine, MESSAGE.key)

    def lost(*_: object, **__: object) -> int:
        raise DatabaseUnavailableError

    monkeypatch.setattr("bot.slack.transport.leased.lease_event", lost)
    await make_questions(slack, engine).answer(MESSAGE)
    assert said(slack) == [FAILED]
    assert not claim_event(engine, MESSAGE.key)


def age_claims(engine: sa.Engine) -> None:
    """As if nobody had renewed them for three minutes."""
    with engine.begin() as connection:
        minutes_ago = sa.func.clock_timestamp() - sa.text("interval '3 minutes'")
        connection.execute(sa.update(schema.slack_event).values(claimed_at=minutes_ago))


def all_fresh(engine: sa.Engine) -> bool:
    fresh = schema.slack_event.c.claimed_at > sa.func.clock_timestamp() - sa.text("interval '2 minutes'")
    with engine.connect() as connection:
        return bool(connection.scalar(sa.select(sa.func.bool_and(fresh))))


class Slow:
    """A script that tells when an answer is begun, and waits to be told to go on."""

    def __init__(self, engine: sa.Engine) -> None:
        self.begun, self.go_on, self.ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._store = stored(engine)

    async def __call__(self, asked: Asked) -> Answer:
        self.begun.set()
        try:
            await self.go_on.wait()
            return await self._store(asked)
        finally:
            self.ended.set()


async def test_a_slow_answer_s_claim_and_those_that_wait_for_it_stay_fresh(
    engine: sa.Engine, slack: OwnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "BEAT_S", 0.02)
    slow = Slow(engine)
    questions, other = make_questions(slack, engine, slow), make_questions(slack, engine)
    next_one = replace(MESSAGE, ts="1.6", thread_ts="1.5")
    asking = [asyncio.create_task(questions.answer(message)) for message in (MESSAGE, next_one)]
    await slow.begun.wait()
    await wait_until(lambda: claims(engine) == 2, "no second claim")
    age_claims(engine)
    await wait_until(lambda: all_fresh(engine), "not renewed")
    assert await other.abandoned() == []
    await other.answer(MESSAGE)
    await other.answer(next_one)
    assert said(slack) == []
    slow.go_on.set()
    await asyncio.gather(*asking)
    assert said(slack) == ["I don't know."] * 2


def claims(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(schema.slack_event)) or 0)


@pytest.mark.parametrize("fails", [False, True])
async def test_who_was_taken_over_says_nothing_any_more(engine: sa.Engine, slack: OwnSlack, fails: bool) -> None:
    slow = Slow(engine)
    held_up, other = make_questions(slack, engine, slow), make_questions(slack, engine, slow._store)
    asking = asyncio.create_task(held_up.answer(MESSAGE))
    await slow.begun.wait()
    age_claims(engine)
    [message] = await other.abandoned()
    await other.answer(message)
    if fails:
        slow._store = raising(RuntimeError())
    slow.go_on.set()
    await asking
    assert said(slack) == ["I don't know."]
    assert event_row(engine) == (True, 2)


async def test_who_is_taken_over_stops_looking(
    engine: sa.Engine, slack: OwnSlack, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lease, "BEAT_S", 0.02)
    slow = Slow(engine)
    asking = asyncio.create_task(make_questions(slack, engine, slow).answer(MESSAGE))
    await slow.begun.wait()
    with engine.begin() as connection:
        connection.execute(sa.update(schema.slack_event).values(attempts=2))
    await slow.ended.wait()
    await asking
    assert said(slack) == [] and "taken over" in caplog.text
    assert event_row(engine) == (False, 2) and failure_counts(engine) == {}


async def test_without_a_database_a_young_claim_is_still_ours(
    engine: sa.Engine, slack: OwnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = stored(engine)
    now = [1_000.0]
    monkeypatch.setattr(lease, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def lost(*_: object) -> bool:
        raise DatabaseUnavailableError

    async def slow(asked: Asked) -> Answer:
        now[0] += 150 if asked.event_id == replace(MESSAGE, ts="2.5").key else 50
        return await script(asked)

    monkeypatch.setattr(lease, "renew_event", lost)
    questions = make_questions(slack, engine, slow)
    await questions.answer(MESSAGE)
    await questions.answer(replace(MESSAGE, ts="2.5"))
    assert said(slack) == ["I don't know."]


@pytest.mark.parametrize(
    "payload",
    [
        "null",
        "[]",
        "7",
        '"text"',
        "{}",
        '{"team": "T1"}',
        json.dumps(asdict(MESSAGE) | {"text": None}),
        json.dumps(asdict(MESSAGE) | {"shared": "no"}),
        json.dumps(asdict(MESSAGE) | {"ts": 1.5}),
        json.dumps({name: value for name, value in asdict(MESSAGE).items() if name != "user"}),
        json.dumps(asdict(MESSAGE) | {"ts": "9.9"}),
        json.dumps({"kind": "another", "of": {"a": [1]}}),
    ],
)
async def test_what_another_release_kept_holds_nobody_up(
    engine: sa.Engine, slack: OwnSlack, caplog: pytest.LogCaptureFixture, payload: str
) -> None:
    add = sa.text("INSERT INTO slack_event (event_id, payload) VALUES (:id, CAST(:payload AS jsonb))")
    good = replace(MESSAGE, ts="2.5")
    # from a newer release that keeps more of a message, and from an older one that kept less
    newer = asdict(good) | {"files": ["F1"]}
    del newer["addressed"]
    with engine.begin() as connection:
        connection.execute(add, {"id": MESSAGE.key, "payload": payload})
        connection.execute(add, {"id": good.key, "payload": json.dumps(newer)})
    age_claims(engine)
    questions = make_questions(slack, engine, stored(engine))
    assert await questions.abandoned() == [good]
    assert MESSAGE.key in caplog.text and "put away" in caplog.text and MESSAGE.text not in caplog.text
    caplog.clear()
    age_claims(engine)
    assert await questions.abandoned() == [good] and caplog.text == ""
    assert event_row(engine) == (True, 2)


async def test_an_answer_is_given_once_though_its_event_is_forgotten(engine: sa.Engine, slack: OwnSlack) -> None:
    questions = make_questions(slack, engine, stored(engine))
    await questions.answer(MESSAGE)
    with engine.begin() as connection:
        connection.execute(sa.delete(schema.slack_event))
    await questions.answer(MESSAGE)  # by a shortcut, days later
    assert said(slack) == ["I don't know."]
