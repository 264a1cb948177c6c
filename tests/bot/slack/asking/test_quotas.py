"""Who has asked enough is told when to ask again, by nobody else's leave, and nothing is looked up for them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.answering import Answerer
from bot.slack.asking import quotas
from bot.slack.asking.answering import Answering
from bot.slack.asking.questions import Questions
from bot.slack.asking.quotas import Quotas
from bot.slack.incoming import QuestionMessage
from bot.slack.transport import make_client
from db import schema
from db.answers import store_answer
from db.question import Draft
from db.settings import Settings
from db.slack import RecentQuestion, asked_by
from tests.corpus import ASKED, add_base_generation, encoders
from tests.doubles_slack import ANNA, BERT, BOT_TOKEN, HTTP_CHANNEL, TEAM, OwnSlack

MESSAGE = QuestionMessage(TEAM, HTTP_CHANNEL, "channel", ANNA, "1.5", None, "Where do I park?", shared=False)


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


@pytest.fixture
def asked_once(engine: sa.Engine) -> None:
    """Anna asked something, a moment ago."""
    asked = replace(ASKED, workspace=TEAM, channel=HTTP_CHANNEL, person=f"{TEAM}:{ANNA}")
    draft = Draft("?", (1,), add_base_generation(engine).id, "unknown", "I don't know.", [], [], {})
    store_answer(engine, asked, draft)


async def answer(slack: OwnSlack, engine: sa.Engine, message: QuestionMessage, **changes: Any) -> None:
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url, **changes)
    answerer = Answerer(engine, settings, encoders(), None)
    client = make_client(settings)
    questions = Questions(client, engine, Answering(client, engine, answerer, Quotas(engine, settings)))
    await questions.answer(message)
    await questions.answer(message)


def stored(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(schema.question)) or 0


@pytest.mark.usefixtures("asked_once")
async def test_a_person_at_their_quota_is_told_alone_and_once(engine: sa.Engine, slack: OwnSlack) -> None:
    await answer(slack, engine, replace(MESSAGE, thread_ts="1.0"), person_quota=1)
    [told] = slack.of("chat.postEphemeral")
    assert told["text"] == (
        "You have asked me 1 question within an hour, which is all I may answer. Please ask again in 60 minutes."
    )
    assert (told["user"], told["thread_ts"]) == (ANNA, "1.0")
    assert slack.of("chat.postMessage") == [] and stored(engine) == 1


@pytest.mark.usefixtures("asked_once")
async def test_another_person_is_answered(engine: sa.Engine, slack: OwnSlack) -> None:
    await answer(slack, engine, replace(MESSAGE, user=BERT), person_quota=1)
    assert slack.of("chat.postEphemeral") == [] and stored(engine) == 2


@pytest.mark.usefixtures("asked_once")
async def test_a_channel_at_its_quota_says_so_to_whoever_asks(engine: sa.Engine, slack: OwnSlack) -> None:
    await answer(slack, engine, replace(MESSAGE, user=BERT), channel_quota=1)
    [told] = slack.of("chat.postEphemeral")
    assert told["user"] == BERT and told["text"].startswith("This channel has asked me 1 question")


@pytest.mark.usefixtures("asked_once")
async def test_in_a_direct_message_it_is_said_in_the_thread(engine: sa.Engine, slack: OwnSlack) -> None:
    await answer(slack, engine, replace(MESSAGE, channel="D1", channel_type="im"), person_quota=1)
    assert slack.of("chat.postEphemeral") == []
    assert "Please ask again in 60 minutes." in slack.of("chat.postMessage")[-1]["text"]


async def test_what_is_asked_at_once_counts_before_any_of_it_is_answered(engine: sa.Engine, slack: OwnSlack) -> None:
    add_base_generation(engine)
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url, person_quota=3)
    answerer = Answerer(engine, settings, encoders(), None)
    client = make_client(settings)
    questions = Questions(client, engine, Answering(client, engine, answerer, Quotas(engine, settings)))
    await asyncio.gather(*(questions.answer(replace(MESSAGE, ts=f"{n}.5")) for n in range(10)))
    assert stored(engine) == 3
    assert len(slack.of("chat.postEphemeral")) == 7


async def test_whoever_is_refused_or_fails_takes_no_place(engine: sa.Engine) -> None:
    settings = Settings(data_dir=Path("unused"), person_quota=1)
    quotas = Quotas(engine, settings)
    with pytest.raises(ZeroDivisionError):
        async with quotas.admit(MESSAGE) as refusal:
            assert refusal is None
            async with quotas.admit(replace(MESSAGE, ts="2.5")) as second:
                assert second is not None and "in 60 minutes" in second
            1 / 0  # noqa: B018
    async with quotas.admit(replace(MESSAGE, ts="3.5")) as third:
        assert third is None


async def test_people_and_channels_under_way_are_counted_apart(engine: sa.Engine) -> None:
    by_bert = replace(MESSAGE, ts="2.5", user=BERT)
    own = Quotas(engine, Settings(data_dir=Path("unused"), person_quota=1))
    shared = Quotas(engine, Settings(data_dir=Path("unused"), channel_quota=1))
    async with own.admit(MESSAGE), own.admit(by_bert) as refusal:
        assert refusal is None
    async with shared.admit(MESSAGE), shared.admit(by_bert) as refusal:
        assert refusal is not None and refusal.startswith("This channel has asked me 1 question")
    async with shared.admit(MESSAGE), shared.admit(replace(by_bert, channel="C0ELSE")) as refusal:
        assert refusal is None


async def test_who_is_refused_takes_no_place_from_others_who_ask_at_once(engine: sa.Engine) -> None:
    quotas = Quotas(engine, Settings(data_dir=Path("unused"), person_quota=1, channel_quota=2))
    decided: list[tuple[str, bool]] = []
    everybody_asked = asyncio.Barrier(5)

    async def ask(user: str, ts: str) -> None:
        async with quotas.admit(replace(MESSAGE, user=user, ts=ts)) as refusal:
            decided.append((user, refusal is None))
            await everybody_asked.wait()

    await asyncio.gather(*(ask(ANNA, f"{n}.5") for n in range(4)), ask(BERT, "9.5"))
    assert sorted(decided) == [(ANNA, False)] * 3 + [(ANNA, True), (BERT, True)]


async def test_nobody_waits_while_another_s_questions_are_being_counted(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, opened = threading.Event(), threading.Event()

    def slow_for_anna(engine: sa.Engine, team: str, person: str, newest: int) -> list[RecentQuestion]:
        found = asked_by(engine, team, person, newest)
        if person.endswith(ANNA):
            reached.set()
            assert opened.wait(60)
        return found

    monkeypatch.setattr(quotas, "asked_by", slow_for_anna)
    counting = Quotas(engine, Settings(data_dir=Path("unused"), channel_quota=1))

    async def ask(message: QuestionMessage) -> bool:
        async with counting.admit(message) as refusal:
            return refusal is None

    by_anna = asyncio.create_task(ask(MESSAGE))
    await asyncio.to_thread(reached.wait)
    by_bert = replace(MESSAGE, ts="2.5", user=BERT)
    assert await ask(by_bert)
    opened.set()
    # Bert's was under way, and is over, since what is stored was read for Anna: it counts all the same.
    assert not await by_anna
    assert await ask(replace(by_bert, ts="3.5"))
