"""Which messages are answered, for every setting of a channel: nobody is met with silence, nobody is interrupted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import AsyncMock

import pytest
import sqlalchemy as sa

from bot.answering import Answerer
from bot.slack.asking.answering import Answering
from bot.slack.asking.questions import Questions
from bot.slack.asking.quotas import Quotas
from bot.slack.asking.turns import Turn
from bot.slack.asking.ways_in import OFF, WaysIn, may_ask
from bot.slack.incoming import QuestionMessage
from bot.slack.transport import make_client
from db.answers import store_answer
from db.question import Draft
from db.schema import slack_event
from db.settings import Settings
from db.slack import Answers, set_answers
from db.store import create_engine
from tests.corpus import ASKED, add_base_generation, encoders
from tests.doubles_slack import ANNA, BERT, BOT_TOKEN, HTTP_CHANNEL, TEAM, OwnSlack

MENTION = QuestionMessage(TEAM, HTTP_CHANNEL, "channel", ANNA, "1.5", None, "Where do I park?", shared=False)
BESIDE = replace(MENTION, addressed=False)
FOLLOW_UP = replace(BESIDE, ts="2.5", thread_ts="1.5", text="and on Sundays")
DIRECT = replace(MENTION, channel_type="im", text="parking")


class RecordingQuestions(Questions):
    """Only notes what it was given."""

    taken: list[QuestionMessage]

    async def answer_in_line(self, message: QuestionMessage, my_turn: Turn, acknowledge: object = None) -> None:
        self.taken.append(message)


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


async def taken(slack: OwnSlack, engine: sa.Engine, *messages: QuestionMessage) -> list[QuestionMessage]:
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url)
    client, answerer = make_client(settings), Answerer(engine, settings, encoders(), None)
    questions = RecordingQuestions(client, engine, Answering(client, engine, answerer, Quotas(engine, settings)))
    questions.taken = []
    ways_in = WaysIn(client, engine, questions)
    for message in messages:
        await ways_in.take(message)
    return questions.taken


def answer_in_thread(engine: sa.Engine) -> None:
    """The bot has answered in the thread of `MENTION`."""
    generation = add_base_generation(engine)
    asked = replace(ASKED, workspace=TEAM, channel=HTTP_CHANNEL, thread_ts="1.5")
    store_answer(engine, asked, Draft("?", (1,), generation.id, "unknown", "I don't know.", [], [], {}))


@pytest.mark.parametrize(
    ("answers", "message", "is_taken"),
    [
        ("mention", MENTION, True),
        ("mention", BESIDE, False),
        ("mention", FOLLOW_UP, True),
        ("mention", DIRECT, True),
        ("always", MENTION, True),
        ("always", BESIDE, True),
        ("always", replace(BESIDE, text="We moved to the second floor."), False),
        ("always", FOLLOW_UP, True),
        ("always", replace(FOLLOW_UP, thread_ts="9.5"), False),
        ("off", MENTION, False),
        ("off", BESIDE, False),
        ("off", FOLLOW_UP, False),
        ("off", DIRECT, True),
    ],
)
async def test_what_is_taken_for_a_question(
    engine: sa.Engine, slack: OwnSlack, answers: Answers, message: QuestionMessage, is_taken: bool
) -> None:
    answer_in_thread(engine)
    set_answers(engine, TEAM, HTTP_CHANNEL, answers, f"{TEAM}:{BERT}")
    assert await taken(slack, engine, message) == [message] * is_taken


async def test_a_thread_in_which_the_bot_never_spoke_is_none_of_its_business(
    engine: sa.Engine, slack: OwnSlack
) -> None:
    assert await taken(slack, engine, FOLLOW_UP) == []


async def test_who_mentions_it_where_it_is_off_is_told_once(engine: sa.Engine, slack: OwnSlack) -> None:
    set_answers(engine, TEAM, HTTP_CHANNEL, "off", f"{TEAM}:{BERT}")
    assert await taken(slack, engine, MENTION, MENTION, replace(MENTION, ts="3.5"), replace(MENTION, user=BERT)) == []
    told = slack.of("chat.postEphemeral")
    assert [(words["user"], words["text"]) for words in told] == [(ANNA, OFF), (BERT, OFF)]
    assert slack.of("chat.postMessage") == []
    with engine.connect() as connection:  # a key outlives who is erased
        assert not [key for key in connection.scalars(sa.select(slack_event.c.event_id)) if ANNA in key]
        assert set(connection.scalars(sa.select(slack_event.c.lasting))) == {True}


async def test_without_a_database_only_who_spoke_to_the_bot_hears_of_it(slack: OwnSlack) -> None:
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere", connect_timeout_s=2)
    assert await taken(slack, away, BESIDE, FOLLOW_UP, MENTION) == [MENTION]


@pytest.mark.parametrize(
    ("message", "is_acknowledged"), [(BESIDE, False), (FOLLOW_UP, False), (replace(FOLLOW_UP, text="thanks"), True)]
)
async def test_what_may_be_a_question_comes_again_when_it_can_be_told(
    slack: OwnSlack, message: QuestionMessage, is_acknowledged: bool
) -> None:
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere", connect_timeout_s=2)
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url)
    client, acknowledge = make_client(settings), AsyncMock()
    answering = Answering(client, away, Answerer(away, settings, encoders(), None), Quotas(away, settings))
    await WaysIn(client, away, Questions(client, away, answering)).take(message, acknowledge)
    assert bool(acknowledge.await_count) is is_acknowledged
    assert slack.calls == []


@pytest.mark.parametrize(
    "text", ["thanks!", "Thank you so much :tada:", "ok, got it.", ":+1::skin-tone-3:", "👍", "..."]
)
def test_thanks_are_no_question(text: str) -> None:
    assert not may_ask(replace(FOLLOW_UP, text=text))


@pytest.mark.parametrize("text", ["and for bicycles", "thanks, and on Sundays?", "why", "danke, und sonntags?", "2026"])
def test_all_else_in_a_thread_may_be_one(text: str) -> None:
    assert may_ask(replace(FOLLOW_UP, text=text))


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Where do I park", True),
        ("wo parke ich?", True),
        ("駐車場は どこ？", True),
        ("Morning all. Does anybody know the code? I forgot it.", True),
        ("Deployed to https://x.example/?page=2 just now", False),
        ("I know where it is.", False),
        ("Whatever, whenever.", False),
        ("???", False),
        ("what", False),
        ("", False),
    ],
)
def test_what_looks_like_a_question_beside_the_bot(text: str, asks: bool) -> None:
    assert may_ask(replace(BESIDE, text=text)) is asks
