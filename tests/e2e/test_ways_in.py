"""Every way in, in a Slack that nobody here wrote: commands, the shortcut, follow-ups, a channel's own setting, quotas.

Mentions and direct messages are in `test_local_slack.py`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import sqlalchemy as sa

from bot.slack.asking.private_reply import SHARE
from bot.slack.asking.share import SHARED, SHARED_ALREADY
from bot.slack.asking.ways_in import OFF
from db import schema
from tests.doubles import Aimock
from tests.doubles_slack import (
    ANNA,
    BERT,
    BOT,
    BOT_TOKEN,
    HTTP_CHANNEL,
    SECRET,
    TEAM,
    LocalSlack,
    Message,
    People,
    buttons,
    event_request,
    shortcut_request,
)
from tests.e2e.slack_bot import QUESTION, Bot, ask, run_bot

FOLLOW_UP = "and what about those who come by bicycle?"


@asynccontextmanager
async def running(local_slack: LocalSlack, engine: sa.Engine, **changes: Any) -> AsyncIterator[Bot]:
    """The bot behind HTTP with other settings than the `bot` of most tests."""
    own = {
        "slack_api_url": local_slack.api_url,
        "slack_bot_token": BOT_TOKEN,
        "slack_signing_secret": SECRET,
        "http_port": local_slack.http_port,
    }
    async for bot in run_bot(engine, **own, **changes):
        yield bot


async def deliver(bot: Bot, request: tuple[bytes, dict[str, str]]) -> None:
    """Sends what local-slack doesn't, as Slack would."""
    body, headers = request
    async with aiohttp.ClientSession() as session, session.post(bot.address, data=body, headers=headers) as response:
        assert response.status == 200


def answers(asked: Message) -> Callable[[Message], bool]:
    """Whether a message is an answer in the thread of what was asked."""
    return lambda said: said["user"] == BOT and said.get("thread_ts") == asked["ts"] and bool(buttons(said))


async def in_thread(people: People, asked: Message) -> list[Message]:
    return [said for said in await people.messages(asked["channel"]) if answers(asked)(said)]


async def test_a_command_is_answered_to_one_and_shared_with_all_once(bot: Bot, people: People) -> None:
    await people.command(ANNA, HTTP_CHANNEL, "/ask", QUESTION)
    private = await people.sees(HTTP_CHANNEL, lambda said: bool(buttons(said)), "no answer")
    assert private["ephemeral_to"] == ANNA and "north side" in str(private["blocks"])
    assert "thread_ts" not in private and await people.calls("chat.postMessage") == []
    share = buttons(private)[-1]
    assert share["action_id"] == SHARE
    await people.press(BERT, private, share)
    await people.sees_whisper(BERT, HTTP_CHANNEL, "Only who asked")
    await people.press(ANNA, private, share)
    await people.sees_whisper(ANNA, HTTP_CHANNEL, SHARED)
    await people.press(ANNA, private, share)
    await people.sees_whisper(ANNA, HTTP_CHANNEL, SHARED_ALREADY)
    shared = [said for said in await people.messages(HTTP_CHANNEL) if buttons(said) and "ephemeral_to" not in said]
    assert len(shared) == 1 and QUESTION in str(shared[0]["blocks"])
    await people.react(BERT, shared[0], "+1")
    await bot.has_votes({1: (1, 0.15), 2: (1, 0.15)}, BERT)
    # The message begins a thread that the bot is in.
    await people.write(BERT, HTTP_CHANNEL, QUESTION, shared[0]["ts"])
    await people.sees(HTTP_CHANNEL, answers(shared[0]), "no answer to the follow-up")


async def test_a_command_in_a_channel_is_answered_from_what_the_channel_may_see(bot: Bot, people: People) -> None:
    with bot.engine.begin() as connection:
        made = schema.audience.insert().values(workspace=TEAM, kind="group", name="board")
        audience_id = connection.execute(made.returning(schema.audience.c.id)).scalar_one()
        connection.execute(schema.audience_member.insert().values(audience_id=audience_id, person=f"{TEAM}:{ANNA}"))
    await people.command(ANNA, HTTP_CHANNEL, "/ask", QUESTION)
    await people.sees(HTTP_CHANNEL, lambda said: bool(buttons(said)), "no answer")
    with bot.engine.connect() as connection:
        assert connection.scalar(sa.select(schema.question.c.audience_ids)) == [1]


async def test_the_shortcut_answers_anybodys_message_in_its_thread_once(bot: Bot, people: People) -> None:
    asked = await people.write(BERT, HTTP_CHANNEL, QUESTION)
    for _ in range(2):
        await deliver(bot, shortcut_request(ANNA, "answer_this", asked))
    await people.sees_answer(asked)
    await bot.app.finish(10)
    assert len(await in_thread(people, asked)) == bot.answerer.asked == 1


async def test_a_follow_up_needs_no_mention_and_is_searched_for_as_a_whole_question(
    local_slack: LocalSlack, people: People, engine: sa.Engine, corpus: None, aimock: Aimock
) -> None:
    standing = "Where can visitors who come by bicycle park it?"
    aimock.says(standing, to="<conversation-")
    aimock.says("In the cellar, beside the cars [1].")
    async with running(local_slack, engine, llm_base_url=aimock.base_url, llm_api_key="x", llm_model="test") as bot:
        asked, _ = await ask(people)
        for aside in ("thanks!", f"<@{ANNA}> did you know? I didn't", ":tada:"):
            await people.write(BERT, HTTP_CHANNEL, aside, asked["ts"])
        await people.write(BERT, HTTP_CHANNEL, FOLLOW_UP, asked["ts"])
        await people.sees(
            HTTP_CHANNEL, lambda said: answers(asked)(said) and "Bicycles" in str(said["blocks"]), "no answer"
        )
        await bot.app.finish(10)
        assert len(await in_thread(people, asked)) == bot.answerer.asked == 2
    _, rewriting, answering = aimock.prompts()
    assert QUESTION in rewriting and "In the cellar, beside the cars (1)." in rewriting and FOLLOW_UP in rewriting
    assert standing in answering and FOLLOW_UP not in answering
    question = schema.question.c
    with engine.connect() as connection:
        stored = connection.execute(sa.select(question.raw_text, question.rewritten_text).order_by(question.id)).all()
    assert [tuple(row) for row in stored] == [(QUESTION, None), (FOLLOW_UP, standing)]


async def test_a_channel_is_set_to_be_answered_always_or_never(
    local_slack: LocalSlack, people: People, engine: sa.Engine, corpus: None
) -> None:
    async with running(local_slack, engine, slack_admins=ANNA) as bot:
        await people.command(BERT, HTTP_CHANNEL, "/nightshift", "always")
        await people.sees_whisper(BERT, HTTP_CHANNEL, "one of my admins")
        await people.command(ANNA, HTTP_CHANNEL, "/nightshift", "always")
        await people.sees(HTTP_CHANNEL, lambda said: "every question that is asked here" in said["text"], "not said")
        await people.write(BERT, HTTP_CHANNEL, "Visitors park on the north side.")
        asked = await people.write(BERT, HTTP_CHANNEL, QUESTION)
        await people.sees_answer(asked)
        await people.command(ANNA, HTTP_CHANNEL, "/nightshift", "off")
        await people.sees(HTTP_CHANNEL, lambda said: "I'm silent here" in said["text"], "not said")
        for text in (f"<@{BOT}> {QUESTION}", QUESTION, f"<@{BOT}> really?"):
            await people.write(BERT, HTTP_CHANNEL, text)
        await people.sees_whisper(BERT, HTTP_CHANNEL, OFF)
        await bot.app.finish(10)
        assert sum(said["text"] == OFF for said in await people.messages(HTTP_CHANNEL)) == 1
        assert bot.answerer.asked == 1


async def test_who_asks_too_much_is_told_when_to_ask_again(
    local_slack: LocalSlack, people: People, engine: sa.Engine, corpus: None
) -> None:
    async with running(local_slack, engine, person_quota=1) as bot:
        await ask(people)
        await people.write(ANNA, HTTP_CHANNEL, f"<@{BOT}> {QUESTION}")
        await people.sees_whisper(ANNA, HTTP_CHANNEL, "Please ask again in 60 minutes.")
        await people.command(ANNA, HTTP_CHANNEL, "/ask", QUESTION)
        await people.sees(
            HTTP_CHANNEL, lambda said: said.get("ephemeral_to") == ANNA and "You have asked" in said["text"], "not told"
        )
        assert bot.answerer.asked == 1


async def test_prompts_are_suggested_when_the_bots_own_view_is_opened(bot: Bot, people: People) -> None:
    opened = {"type": "app_home_opened", "tab": "messages", "user": ANNA, "channel": "D1"}
    await deliver(bot, event_request(opened, "Ev1"))
    await bot.app.finish(10)
    # local-slack doesn't know the method: nobody is bothered with that.
    [call] = await people.calls("assistant.threads.setSuggestedPrompts")
    assert call["channel_id"] == "D1" and "Payroll" in str(call["prompts"])
    assert await people.calls("chat.postMessage") == []
