"""Answers as they are written: streamed where Slack can, else a message that is updated; and buttons all the while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import aiohttp
import pytest
import sqlalchemy as sa

from bot.answering.llm import LanguageModel, OnText
from bot.answering.prompt import Prompt
from bot.slack.asking import streaming
from db import schema
from db.question import Asked
from db.store import failure_counts
from tests.corpus import add_answer
from tests.doubles import Aimock
from tests.doubles_slack import (
    ANNA,
    BOT,
    BOT_TOKEN,
    HTTP_CHANNEL,
    SECRET,
    TEAM,
    LocalSlack,
    OwnSlack,
    People,
    buttons,
    event_request,
    free_port,
    press_request,
    refused,
)
from tests.e2e.slack_bot import QUESTION, UP, Bot, ask, run_bot

WRITTEN = "Visitors park on the **north side** [1]. Ask the reception for a card, it costs nothing at all [1]."
TABLE = "Two places [1]:\n\n| Who | Where |\n|---|---|\n| cars | north side |\n| bicycles | `cellar` |"


@pytest.fixture
async def slack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OwnSlack]:
    monkeypatch.setattr(streaming, "WRITE_EVERY_S", 0.05)
    slack = OwnSlack()
    async with slack.running():
        yield slack


@asynccontextmanager
async def bot_with(engine: sa.Engine, slack_api_url: str, http_port: int, aimock: Aimock) -> AsyncIterator[Bot]:
    """The bot behind signed HTTP requests, with a language model."""
    running = run_bot(
        engine,
        slack_api_url=slack_api_url,
        slack_bot_token=BOT_TOKEN,
        slack_signing_secret=SECRET,
        http_port=http_port,
        llm_base_url=aimock.base_url,
        llm_api_key="x",
        llm_model="test",
    )
    async with aclosing(running):  # type: ignore[type-var]
        async for bot in running:
            yield bot


@pytest.fixture
async def streaming_bot(engine: sa.Engine, corpus: None, slack: OwnSlack, aimock: Aimock) -> AsyncIterator[Bot]:
    async with bot_with(engine, slack.api_url, free_port(), aimock) as bot:
        yield bot


async def post(bot: Bot, *requests: tuple[bytes, dict[str, str]]) -> None:
    """Delivers requests, all at once; each is acknowledged."""
    async with aiohttp.ClientSession() as session:

        async def deliver(body: bytes, headers: dict[str, str]) -> int:
            async with session.post(bot.address, data=body, headers=headers) as response:
                return response.status

        assert set(await asyncio.gather(*(deliver(*request) for request in requests))) == {200}


def mention(ts: str, text: str = QUESTION) -> tuple[bytes, dict[str, str]]:
    asked = {"type": "app_mention", "channel": HTTP_CHANNEL, "user": ANNA, "ts": ts, "text": f"<@{BOT}> {text}"}
    return event_request(asked, f"Ev{ts}")


def streamed(slack: OwnSlack) -> list[str]:
    """The texts that went into the stream, piece by piece."""
    calls = [arguments for method, arguments in slack.calls if method.endswith("Stream")]
    return [chunk["text"] for arguments in calls for chunk in arguments.get("chunks", [])]


async def test_an_answer_is_streamed_and_its_message_can_be_reacted_to(
    streaming_bot: Bot, slack: OwnSlack, aimock: Aimock
) -> None:
    aimock.says(WRITTEN, chunkSize=6, latency=30)
    await post(streaming_bot, mention("1.5"))
    await streaming_bot.app.finish(20)
    methods = [method for method, _ in slack.calls if method.startswith(("chat", "assistant"))]
    assert methods[:2] == ["assistant.threads.setStatus", "chat.startStream"]
    assert methods[-1] == "chat.stopStream" and set(methods[2:-1]) == {"chat.appendStream"}
    assert "".join(streamed(slack)) == WRITTEN and len(streamed(slack)) > 2
    [stopped] = slack.of("chat.stopStream")
    assert [button["action_id"] for button in buttons(stopped)][:2] == ["vote_up", "vote_down"]
    item = {"type": "message", "channel": HTTP_CHANNEL, "ts": stopped["ts"]}
    thumb = {"type": "reaction_added", "user": ANNA, "reaction": "+1", "item": item, "event_ts": "2.5"}
    await post(streaming_bot, event_request(thumb, "Ev2"))
    await streaming_bot.has_votes({1: (1, 0.15), 2: (1, 0.15)})
    assert failure_counts(streaming_bot.engine) == {}


async def test_a_stream_that_expires_is_finished_by_an_update(
    streaming_bot: Bot, slack: OwnSlack, aimock: Aimock
) -> None:
    aimock.says(WRITTEN, chunkSize=6, latency=30)
    expired = refused("message_not_in_streaming_state")
    slack.answers |= {"chat.appendStream": [{}, expired], "chat.stopStream": [expired]}
    await post(streaming_bot, mention("1.5"))
    await streaming_bot.app.finish(20)
    last = slack.of("chat.update")[-1]
    assert last["blocks"][0]["text"]["text"] == WRITTEN.replace("**", "*") and buttons(last)
    assert slack.of("chat.postMessage") == []
    assert failure_counts(streaming_bot.engine) == {"message_not_in_streaming_state": 1}


async def test_when_the_model_breaks_off_quotes_take_the_place_of_what_was_streamed(
    streaming_bot: Bot, slack: OwnSlack, aimock: Aimock
) -> None:
    aimock.says(WRITTEN, chunkSize=6, latency=30, truncateAfterChunks=8)
    await post(streaming_bot, mention("1.5"))
    await streaming_bot.app.finish(20)
    assert "".join(streamed(slack)) and WRITTEN.startswith("".join(streamed(slack)))
    [update] = slack.of("chat.update")
    assert update["blocks"][0]["text"]["text"].startswith("Quoted from the sources")
    assert any("gave no answer" in str(block) for block in update["blocks"] if block["type"] == "context")
    assert failure_counts(streaming_bot.engine) == {"llm_fallback": 1}


async def test_where_slack_has_no_streams_a_message_is_updated(
    local_slack: LocalSlack, people: People, engine: sa.Engine, corpus: None, aimock: Aimock
) -> None:
    aimock.says(TABLE, chunkSize=6, latency=10)
    async with bot_with(engine, local_slack.api_url, local_slack.http_port, aimock):
        asked, answer = await ask(people)
        shown = [block["text"]["text"] for block in answer["blocks"] if block["type"] == "section"][0]
        columns = "Who       Where\n--------------------\ncars      north side\nbicycles  cellar"
        assert shown == f"Two places [1]:\n\n```\n{columns}\n```"
        said = [message for message in await people.messages(HTTP_CHANNEL) if message.get("thread_ts") == asked["ts"]]
        assert [message["ts"] for message in said if message["user"] == BOT] == [answer["ts"]]


class HeldModel(LanguageModel):
    """Writes nothing until it is let go."""

    def __init__(self) -> None:
        self.asked, self.go_on = 0, asyncio.Event()

    async def write(self, prompt: Prompt, on_text: OnText | None = None) -> str:
        self.asked += 1
        await self.go_on.wait()
        return "On the north side [1]."


async def test_a_vote_is_stored_while_fifty_answers_wait(streaming_bot: Bot, slack: OwnSlack) -> None:
    model = streaming_bot.answerer._teller._llm = HeldModel()
    asked = Asked("Where is the car park?", TEAM, HTTP_CHANNEL, "public", f"{TEAM}:{ANNA}")
    shown = await asyncio.to_thread(add_answer, streaming_bot.engine, 1, asked)
    await post(streaming_bot, *(mention(f"1.{number}") for number in range(100, 150)))
    async with asyncio.timeout(30):
        while model.asked < 50:
            await asyncio.sleep(0.01)
    whisper = f"{slack.api_url}respond"
    await post(
        streaming_bot, press_request(ANNA, shown.sources[UP].citation_id, "vote_up", "2.5", response_url=whisper)
    )
    await streaming_bot.has_votes({1: (1, 1.0)})
    assert not model.go_on.is_set() and slack.of("chat.postMessage") == []
    model.go_on.set()
    await streaming_bot.app.finish(30)
    assert len(slack.of("chat.postMessage")) == streaming_bot.count(schema.question) - 1 == 50
