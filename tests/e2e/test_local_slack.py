"""People in a Slack that nobody here wrote ask the real bot and vote, over HTTP and over Socket Mode."""

from __future__ import annotations

import asyncio

import aiohttp
import sqlalchemy as sa

from db import schema
from tests.doubles_slack import (
    ANNA,
    BERT,
    BOT,
    HTTP_CHANNEL,
    PRIVATE_CHANNEL,
    SOCKET_BOT,
    SOCKET_CHANNEL,
    LocalSlack,
    People,
    buttons,
    event_request,
    press_request,
)
from tests.e2e.slack_bot import DOWN, QUESTION, UP, Bot, ask, rows


async def test_a_mention_is_answered_once_in_its_thread(bot: Bot, people: People) -> None:
    asked, answer = await ask(people)
    assert answer["user"] == BOT
    assert "north side" in answer["blocks"][0]["text"]["text"]
    assert rows(answer) == [
        "*[1]* <https://docs.example.com/parking-<for>-visitors|Parking &lt;for&gt; visitors> · Cars".replace(
            "<for>", "%3Cfor%3E"
        ),
        "*[2]* Bicycles `handbook/bicycles.md`",
    ]
    await bot.app.finish(10)
    # The mention came as `message` and as `app_mention`: one answer, in place of the loading message.
    said = [message for message in await people.messages(HTTP_CHANNEL) if message["user"] == BOT]
    assert len(said) == bot.answerer.asked == bot.count(schema.question) == 1
    [loading] = await people.calls("chat.postMessage")
    assert loading["text"].startswith("Looking") and loading["thread_ts"] == asked["ts"]
    assert len(await people.calls("assistant.threads.setStatus")) == 1


async def test_reactions_vote_on_the_whole_answer_and_are_taken_back(bot: Bot, people: People) -> None:
    _, answer = await ask(people)
    await people.react(ANNA, answer, "+1::skin-tone-3")
    await bot.has_votes({1: (1, 0.15), 2: (1, 0.15)})
    await people.react(ANNA, answer, "thumbsdown")
    await bot.has_votes({})
    await people.react(ANNA, answer, "+1::skin-tone-3", present=False)
    await bot.has_votes({1: (-1, 0.15), 2: (-1, 0.15)})
    await people.react(BERT, answer, "heart")
    await people.react(ANNA, answer, "thumbsdown", present=False)
    await bot.has_votes({})
    await people.react(ANNA, answer, "thumbsup")
    await people.press(ANNA, answer, buttons(answer)[DOWN])
    await bot.has_votes({1: (-1, 1.0), 2: (1, 0.15)})
    assert bot.votes(BERT) == {}


async def test_buttons_vote_on_one_source_take_back_and_flip(bot: Bot, people: People) -> None:
    _, answer = await ask(people)
    first, second = buttons(answer)[:2], buttons(answer)[2:]
    await people.press(ANNA, answer, second[UP])
    await people.sees_whisper(ANNA, HTTP_CHANNEL, "Your vote on [2]: 👍 (press again to take it back)")
    assert bot.votes() == {2: (1, 1.0)}
    await people.press(ANNA, answer, second[UP])
    await people.sees_whisper(ANNA, HTTP_CHANNEL, "Your vote on [2] is taken back.")
    assert bot.votes() == {}
    await people.press(ANNA, answer, first[UP])
    await bot.has_votes({1: (1, 1.0)})
    await people.press(ANNA, answer, first[DOWN])
    await people.sees_whisper(ANNA, HTTP_CHANNEL, "Your vote on [1]: 👎")
    assert bot.votes() == {1: (-1, 1.0)}


async def test_a_direct_message_is_answered(bot: Bot, people: People) -> None:
    asked = await people.write(ANNA, ANNA, QUESTION)
    answer = await people.sees_answer(asked)
    assert "north side" in answer["blocks"][0]["text"]["text"]
    await people.react(ANNA, answer, "thumbsup")
    await bot.has_votes({1: (1, 0.15), 2: (1, 0.15)})
    with bot.engine.connect() as connection:
        assert connection.scalar(sa.select(schema.question.c.channel_kind)) == "direct"


async def test_a_private_channel_is_known_as_one(bot: Bot, people: People) -> None:
    await ask(people, PRIVATE_CHANNEL)
    with bot.engine.connect() as connection:
        assert connection.scalar(sa.select(schema.question.c.channel_kind)) == "private"


async def test_the_same_event_four_times_at_once_is_one_answer(bot: Bot, people: People) -> None:
    """Eight deliveries: the mention's two events, four times each, as Slack's retries might come."""
    asked = {"channel": HTTP_CHANNEL, "user": ANNA, "ts": "1700000000.000100", "text": f"<@{BOT}> {QUESTION}"}
    requests = [
        event_request({"type": "message", "channel_type": "channel"} | asked, "Ev1"),
        event_request({"type": "app_mention"} | asked, "Ev2"),
    ]
    async with aiohttp.ClientSession() as session:

        async def deliver(body: bytes, headers: dict[str, str], retry: int) -> int:
            retried = {"X-Slack-Retry-Num": str(retry)} if retry else {}
            async with session.post(bot.address, data=body, headers=headers | retried) as response:
                return response.status

        statuses = await asyncio.gather(*(deliver(*request, retry) for request in requests for retry in range(4)))
    assert set(statuses) == {200}
    await people.sees_answer(asked)
    await bot.app.finish(10)
    assert bot.answerer.asked == bot.count(schema.question) == len(await people.messages(HTTP_CHANNEL)) == 1


async def test_when_only_a_retry_arrives_it_is_answered(bot: Bot, people: People) -> None:
    asked = {"channel": HTTP_CHANNEL, "user": ANNA, "ts": "1700000000.000200", "text": f"<@{BOT}> {QUESTION}"}
    body, headers = event_request({"type": "app_mention"} | asked, "Ev3")
    retried = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}
    async with aiohttp.ClientSession() as session:
        async with session.post(bot.address, data=body, headers=headers | retried) as response:
            assert response.status == 200
    await people.sees_answer(asked)


async def test_a_press_from_another_workspace_is_refused_kindly(
    bot: Bot, people: People, local_slack: LocalSlack
) -> None:
    _, answer = await ask(people)
    button = buttons(answer)[UP]
    # Bert's own press, for its response_url: local-slack knows no second workspace.
    await people.press(BERT, answer, button)
    await bot.has_votes({1: (1, 1.0)}, BERT)
    [pressed] = await people.sent("interactive")
    body, headers = press_request(
        ANNA, button["value"], "vote_up", "1700000001.000100", user_team="T0OTHER", response_url=pressed["response_url"]
    )
    async with aiohttp.ClientSession() as session, session.post(bot.address, data=body, headers=headers) as response:
        assert response.status == 200
    await people.sees_whisper(BERT, HTTP_CHANNEL, "your vote can't count")
    assert bot.votes() == {} and bot.count(schema.vote_event) == 1


async def test_another_ones_direct_answer_can_not_be_voted_on(bot: Bot, people: People) -> None:
    asked = await people.write(ANNA, ANNA, QUESTION)
    answer = await people.sees_answer(asked)
    await people.press(BERT, answer, buttons(answer)[DOWN])
    await people.sees_whisper(BERT, answer["channel"], "your vote can't count")
    assert bot.count(schema.vote_event) == 0


async def test_what_nobody_asked_the_bot_is_not_answered(bot: Bot, people: People) -> None:
    await people.write(ANNA, HTTP_CHANNEL, QUESTION)
    asked, _ = await ask(people)
    await people.edit(asked, f"<@{BOT}> {QUESTION} Please.")
    await bot.app.finish(10)
    assert bot.answerer.asked == 1


async def test_a_bare_mention_gets_a_hint(bot: Bot, people: People) -> None:
    asked = await people.write(ANNA, HTTP_CHANNEL, f"<@{BOT}>")
    await people.sees(HTTP_CHANNEL, lambda said: said.get("thread_ts") == asked["ts"] and "Ask me" in said["text"], "")


async def test_socket_mode_mention_and_button(socket_bot: Bot, people: People) -> None:
    _, answer = await ask(people, SOCKET_CHANNEL, SOCKET_BOT)
    assert "north side" in answer["blocks"][0]["text"]["text"]
    await people.press(ANNA, answer, buttons(answer)[DOWN])
    await people.sees_whisper(ANNA, SOCKET_CHANNEL, "Your vote on [1]: 👎")
    assert socket_bot.votes() == {1: (-1, 1.0)}
    await people.press(ANNA, answer, buttons(answer)[DOWN])
    await people.sees_whisper(ANNA, SOCKET_CHANNEL, "Your vote on [1] is taken back.")
    assert socket_bot.votes() == {}
    assert socket_bot.answerer.asked == 1
