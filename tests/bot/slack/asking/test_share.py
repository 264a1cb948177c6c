"""[Share to channel]: by who asked, where it was asked, once, and only what all who read there may see by now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from slack_bolt.async_app import AsyncBoltRequest

from bot.answering import Answerer
from bot.slack.app import build_app
from bot.slack.asking import share
from bot.slack.asking.private_reply import SHARE
from bot.slack.transport import SlackApp
from db import schema
from db.answers import has_answered, question_of_message
from db.question import Answer
from db.settings import Settings
from db.slack import set_answers
from tests.corpus import ASKED, add_answer, encoders
from tests.doubles_slack import ANNA, BERT, BOT_TOKEN, HTTP_CHANNEL, TEAM, OwnSlack, press_request, refused

PRIVATE = {"channel": {"is_channel": True, "is_private": True}}
SHARED_OUTSIDE = {"channel": {"is_channel": True, "is_private": False, "is_ext_shared": True}}
POSTED_TS = "1700000000.000001"


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


@pytest.fixture
def app(slack: OwnSlack, engine: sa.Engine) -> SlackApp:
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url)
    return build_app(settings, engine, Answerer(engine, settings, encoders(), None))


@pytest.fixture
def answer(engine: sa.Engine) -> Answer:
    """What Anna was answered in the channel."""
    asked = replace(ASKED, text="Is <!channel> open?", workspace=TEAM, channel=HTTP_CHANNEL, person=f"{TEAM}:{ANNA}")
    return add_answer(engine, 2, asked)


async def press(app: SlackApp, slack: OwnSlack, value: object, user: str = ANNA) -> str:
    """Presses the button; returns what is said to who did."""
    body, headers = press_request(user, str(value), SHARE, "7.25", user_team=TEAM, response_url=f"{slack.api_url}said")
    pressed = await app.async_dispatch(AsyncBoltRequest(body=body.decode(), headers=dict(headers)))
    assert pressed.status == 200
    await app.work.finish(20)
    said = slack.of("said")[-1]
    assert (said["response_type"], said["replace_original"]) == ("ephemeral", False)
    return str(said["text"])


async def test_it_is_posted_once_with_its_buttons_and_remembered(
    app: SlackApp, slack: OwnSlack, engine: sa.Engine, answer: Answer
) -> None:
    assert await press(app, slack, answer.question_id) == share.SHARED
    assert await press(app, slack, answer.question_id) == share.SHARED_ALREADY
    [posted] = slack.of("chat.postMessage")
    assert posted["channel"] == HTTP_CHANNEL and "thread_ts" not in posted
    assert f"<@{ANNA}> asked: Is &lt;!channel&gt; open?" in str(posted["blocks"])
    assert all(source.citation_id in str(posted["blocks"]) for source in answer.sources)
    assert SHARE not in str(posted["blocks"])
    assert question_of_message(engine, TEAM, HTTP_CHANNEL, POSTED_TS) == answer.question_id
    assert has_answered(engine, TEAM, HTTP_CHANNEL, POSTED_TS)
    with engine.connect() as connection:  # the button may be pressed again next week
        assert list(connection.scalars(sa.select(schema.slack_event.c.lasting))) == [True]


async def test_what_may_be_outdated_is_told_as_that(
    app: SlackApp, slack: OwnSlack, engine: sa.Engine, answer: Answer
) -> None:
    with engine.begin() as connection:
        connection.execute(schema.document.update().values(front_matter={"date": "2019-03-04"}))
    await press(app, slack, answer.question_id)
    [posted] = slack.of("chat.postMessage")
    assert str(posted["blocks"]).count("may be outdated: dated 2019-03-04") == len(answer.sources)


async def test_only_who_asked_may_share(app: SlackApp, slack: OwnSlack, answer: Answer) -> None:
    assert await press(app, slack, answer.question_id, BERT) == share.NOT_THEIRS
    assert slack.of("chat.postMessage") == []


async def test_only_where_it_was_asked(app: SlackApp, slack: OwnSlack, engine: sa.Engine, answer: Answer) -> None:
    with engine.begin() as connection:
        connection.execute(sa.update(schema.question).values(channel="C0OTHER"))
    assert await press(app, slack, answer.question_id) == share.NOT_THEIRS
    assert slack.of("chat.postMessage") == []


async def test_a_channel_that_became_private_still_gets_what_is_public(
    app: SlackApp, slack: OwnSlack, answer: Answer
) -> None:
    slack.answers["conversations.info"] = [PRIVATE]
    assert await press(app, slack, answer.question_id) == share.SHARED


async def test_a_channel_that_others_read_by_now_gets_nothing(app: SlackApp, slack: OwnSlack, answer: Answer) -> None:
    slack.answers["conversations.info"] = [SHARED_OUTSIDE]
    assert "People of another organisation" in await press(app, slack, answer.question_id)
    slack.answers["conversations.info"] = [refused("channel_not_found")]
    assert "I can't find out who would read" in await press(app, slack, answer.question_id)
    assert slack.of("chat.postMessage") == []


async def test_a_channel_that_guests_read_by_now_gets_nothing_that_is_for_members(
    app: SlackApp, slack: OwnSlack, answer: Answer
) -> None:
    slack.answers["users.list"] = [{"members": [{"id": ANNA}, {"id": BERT, "is_restricted": True}]}]
    slack.answers["conversations.members"] = [{"members": [ANNA, BERT]}]
    assert await press(app, slack, answer.question_id) == share.WITHDRAWN
    assert slack.of("chat.postMessage") == []


async def test_a_source_that_was_withdrawn_meanwhile_stays_private(
    app: SlackApp, slack: OwnSlack, engine: sa.Engine, answer: Answer
) -> None:
    with engine.begin() as connection:
        connection.execute(sa.update(schema.document).values(deleted_at=sa.func.now()))
    assert await press(app, slack, answer.question_id) == share.WITHDRAWN
    assert slack.of("chat.postMessage") == []


async def test_where_the_bot_is_off_nothing_is_shared(
    app: SlackApp, slack: OwnSlack, engine: sa.Engine, answer: Answer
) -> None:
    set_answers(engine, TEAM, HTTP_CHANNEL, "off", f"{TEAM}:{BERT}")
    assert await press(app, slack, answer.question_id) == share.OFF
    assert slack.of("chat.postMessage") == []


async def test_what_slack_refuses_can_be_tried_again(app: SlackApp, slack: OwnSlack, answer: Answer) -> None:
    slack.answers["chat.postMessage"] = [refused("not_in_channel"), {}]
    assert await press(app, slack, answer.question_id) == share.FAILED
    assert await press(app, slack, answer.question_id) == share.SHARED


@pytest.mark.parametrize(("value", "said"), [(999, share.GONE), ("x", share.FAILED)])
async def test_an_answer_that_is_gone_is_explained(
    app: SlackApp, slack: OwnSlack, engine: sa.Engine, value: object, said: str
) -> None:
    assert await press(app, slack, value) == said
