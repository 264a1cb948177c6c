"""The reply in a thread: loading status, stream, sources' rows, and what takes their place where Slack refuses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.slack.asking import streaming
from bot.slack.asking.reply import ThreadReply
from bot.slack.asking.support import Support
from bot.slack.incoming import QuestionMessage
from bot.slack.transport import make_client
from db.errors import SlackError
from db.question import Answer, Passage, Source
from db.settings import Settings
from tests.doubles_slack import ANNA, BOT_TOKEN, HTTP_CHANNEL, TEAM, OwnSlack, refused

MESSAGE = QuestionMessage(TEAM, HTTP_CHANNEL, "channel", ANNA, "1.5", None, "Where do I park?", shared=False)
TEXT = "Park at the back [1]."
SOURCES = (Source("cite1", 1, "Parking", "https://docs.example.com/parking", (Passage("", "text", 0.5, 0.5),)),)
NO_STREAM = {"chat.startStream": [refused("unknown_method")]}
NO_STATUS = {"assistant.threads.setStatus": [refused("unknown_method")]}


@pytest.fixture
async def slack(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OwnSlack]:
    monkeypatch.setattr(streaming, "WRITE_EVERY_S", 0)
    slack = OwnSlack()
    async with slack.running():
        yield slack


def answer(text: str = TEXT) -> Answer:
    return Answer(1, "generated", text, SOURCES, 1, {}, None)


def make_reply(slack: OwnSlack, support: Support | None = None, channel: str = HTTP_CHANNEL) -> ThreadReply:
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url)
    return ThreadReply(make_client(settings), replace(MESSAGE, channel=channel), support or Support())


def methods(slack: OwnSlack) -> list[str]:
    return [method.split(".", 1)[1] for method, _ in slack.calls]


def streamed(slack: OwnSlack) -> str:
    """All the text that went into streams."""
    calls = [arguments for method, arguments in slack.calls if method.endswith("Stream")]
    return "".join(chunk["text"] for arguments in calls for chunk in arguments.get("chunks", []))


def shown(arguments: dict[str, Any]) -> list[str]:
    """What a message's blocks show."""
    return [block["text"]["text"] for block in arguments["blocks"] if block["type"] == "section"]


async def written(reply: ThreadReply, *texts: str) -> None:
    """Shows texts as a model writes them, each until it is out."""
    for text in texts:
        await reply.show_text(text)
        while reply._text._written != text:
            await asyncio.sleep(0)


async def test_without_a_text_under_way_the_answer_is_one_new_message_in_the_thread(slack: OwnSlack) -> None:
    reply = make_reply(slack)
    await reply.show_loading()
    await reply.show_answer(answer())
    assert methods(slack) == ["threads.setStatus", "postMessage"]
    [status] = slack.of("assistant.threads.setStatus")
    assert (status["channel_id"], status["thread_ts"]) == (HTTP_CHANNEL, "1.5") and status["status"]
    [posted] = slack.of("chat.postMessage")
    assert posted["thread_ts"] == "1.5" and shown(posted)[0] == TEXT
    assert posted["unfurl_links"] is posted["unfurl_media"] is posted["link_names"] is False
    assert reply.posted == ["1700000000.000001"] and reply.troubles == []


async def test_a_text_is_streamed_and_ends_with_the_rows(slack: OwnSlack) -> None:
    reply = make_reply(slack)
    await reply.show_loading()
    await written(reply, "Park at", "Park at **the", "Park at **the back** [1]. Not")
    assert streamed(slack) == "Park at **the back** [1]."
    await reply.show_answer(answer("Park at **the back** [1]. Not < 2 m."))
    assert methods(slack) == ["threads.setStatus", "startStream", "appendStream", "appendStream", "stopStream"]
    [started], [stopped] = slack.of("chat.startStream"), slack.of("chat.stopStream")
    assert (started["channel"], started["thread_ts"]) == (HTTP_CHANNEL, "1.5")
    assert (started["recipient_team_id"], started["recipient_user_id"]) == (TEAM, ANNA)
    assert streamed(slack) == "Park at **the back** [1]. Not < 2 m."
    assert shown(stopped)[0] == "*[1]* <https://docs.example.com/parking|Parking>"
    assert stopped["ts"] == reply.posted[0] and reply.troubles == []


async def test_what_was_streamed_is_replaced_by_another_answer(slack: OwnSlack) -> None:
    reply = make_reply(slack)
    await written(reply, "I think that visitors")
    await reply.show_answer(answer("> Park at the back [1]"))
    assert methods(slack) == ["startStream", "stopStream", "update"]
    [update] = slack.of("chat.update")
    assert update["ts"] == "1700000000.000001" and shown(update)[0] == "> Park at the back [1]"
    assert reply.posted == [update["ts"]]


async def test_what_was_streamed_is_replaced_by_a_sentence(slack: OwnSlack) -> None:
    reply = make_reply(slack)
    await written(reply, "I think that visitors")
    await reply.say("A & B")
    assert methods(slack) == ["startStream", "stopStream", "update"]
    [update] = slack.of("chat.update")
    assert (update["text"], update["blocks"]) == ("A &amp; B", [])


@pytest.mark.parametrize("error", ["message_not_in_streaming_state", "ratelimited"])
@pytest.mark.parametrize("broken", ["chat.appendStream", "chat.stopStream"])
async def test_a_broken_streams_message_is_updated(slack: OwnSlack, broken: str, error: str) -> None:
    slack.answers[broken] = [refused(error)]
    reply = make_reply(slack)
    await written(reply, "Park at", "Park at the side")
    await reply.show_answer(answer())
    assert methods(slack)[-1] == "update"
    assert shown(slack.of("chat.update")[-1])[0] == TEXT
    assert reply.posted == ["1700000000.000001"]
    assert reply.troubles == [error]


async def test_without_streams_a_message_is_updated_and_nobody_asks_again(slack: OwnSlack) -> None:
    slack.answers |= NO_STREAM
    support = Support()
    for _ in range(2):
        reply = make_reply(slack, support)
        await written(reply, "Park at", "Park at the side")
        await reply.show_answer(answer())
        assert len(reply.posted) == 1 and reply.troubles == []
    assert methods(slack) == ["startStream", *["postMessage", "update", "update"] * 2]
    assert [shown(update)[0] for update in slack.of("chat.update")[:2]] == ["Park at the side", TEXT]


async def test_what_one_channel_can_not_do_another_may(slack: OwnSlack) -> None:
    slack.answers["chat.startStream"] = [refused("channel_type_not_supported"), {}]
    support = Support()
    for channel in ("C0SHARED", "C0SHARED", HTTP_CHANNEL):
        reply = make_reply(slack, support, channel)
        await written(reply, "Park at")
        await reply.show_answer(answer())
        assert reply.troubles == []
    assert [call["channel"] for call in slack.of("chat.startStream")] == ["C0SHARED", HTTP_CHANNEL]


async def test_a_stream_that_is_rate_limited_obeys_and_goes_on(slack: OwnSlack) -> None:
    slack.answers["chat.appendStream"] = [(429, {"Retry-After": "0"}, refused("ratelimited")), {}]
    reply = make_reply(slack)
    await written(reply, "Park at", "Park at the side")
    await reply.show_answer(answer())
    assert methods(slack) == ["startStream", "appendStream", "appendStream", "stopStream"]
    assert reply.troubles == []


async def test_a_draft_that_is_refused_is_the_last_one(slack: OwnSlack) -> None:
    slack.answers |= NO_STREAM
    slack.answers["chat.postMessage"] = [refused("restricted_action"), {}]
    reply = make_reply(slack)
    await written(reply, "Park at", "Park at the side")
    await reply.show_answer(answer())
    assert methods(slack) == ["startStream", "postMessage", "postMessage"]
    assert reply.troubles == ["restricted_action"]


async def test_without_statuses_a_message_stands_in_and_nobody_asks_again(slack: OwnSlack) -> None:
    slack.answers |= NO_STATUS
    support = Support()
    for _ in range(2):
        reply = make_reply(slack, support)
        await reply.show_loading()
        await written(reply, "Park at")
        await reply.show_answer(answer())
        assert len(reply.posted) == 1
    assert methods(slack) == ["threads.setStatus", *["postMessage", "update", "update"] * 2]


async def test_a_status_refused_for_now_is_tried_again_next_time(slack: OwnSlack) -> None:
    slack.answers["assistant.threads.setStatus"] = [refused("internal_error"), {}]
    support = Support()
    await make_reply(slack, support).show_loading()
    await make_reply(slack, support).show_loading()
    assert methods(slack) == ["threads.setStatus", "postMessage", "threads.setStatus"]


async def test_when_the_loading_message_was_deleted_the_answer_is_a_new_one(slack: OwnSlack) -> None:
    slack.answers |= NO_STATUS
    slack.answers["chat.update"] = [refused("message_not_found")]
    reply = make_reply(slack)
    await reply.show_loading()
    await reply.show_answer(answer())
    assert slack.of("chat.postMessage")[-1]["text"] == TEXT
    assert reply.posted == ["1700000000.000001", "1700000000.000002"]


@pytest.mark.parametrize("error", ["msg_blocks_too_long", "invalid_blocks"])
async def test_refused_blocks_leave_the_text(slack: OwnSlack, error: str) -> None:
    slack.answers["chat.postMessage"] = [refused(error), {}]
    reply = make_reply(slack)
    await reply.show_answer(answer())
    [first, second] = slack.of("chat.postMessage")
    assert first["blocks"] and "blocks" not in second and second["text"] == TEXT
    assert reply.troubles == [error]


async def test_blocks_refused_at_a_streams_end_leave_the_text(slack: OwnSlack) -> None:
    slack.answers["chat.stopStream"] = [refused("invalid_blocks"), {}]
    slack.answers["chat.update"] = [refused("invalid_blocks"), {}]
    reply = make_reply(slack)
    await written(reply, "Park at")
    await reply.show_answer(answer())
    assert methods(slack) == ["startStream", "stopStream", "stopStream", "update", "update"]
    assert (slack.of("chat.update")[-1]["text"], slack.of("chat.update")[-1]["blocks"]) == (TEXT, [])


async def test_a_loading_status_that_fails_is_no_failure_of_the_answer(
    slack: OwnSlack, caplog: pytest.LogCaptureFixture
) -> None:
    slack.answers |= NO_STATUS
    slack.answers["chat.postMessage"] = [refused("restricted_action"), {}]
    reply = make_reply(slack)
    await reply.show_loading()
    assert "restricted_action" in caplog.text
    await reply.say("A & B")
    assert slack.of("chat.postMessage")[-1]["text"] == "A &amp; B"
    assert reply.troubles == ["restricted_action"]


async def test_other_refusals_are_raised(slack: OwnSlack) -> None:
    slack.answers["chat.postMessage"] = [refused("channel_not_found")]
    with pytest.raises(SlackError):
        await make_reply(slack).show_answer(answer())
