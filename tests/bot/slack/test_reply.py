"""One reply in one thread: its loading status, its fallbacks, and what Slack is asked to do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import MarkdownTextObject, SectionBlock

from bot.slack.client import make_client
from bot.slack.render import Rendered
from bot.slack.reply import Reply, StatusSupport
from db.settings import Settings
from tests.doubles_slack import BOT_TOKEN, HTTP_CHANNEL, OwnSlack, refused

ANSWER = Rendered("text", [SectionBlock(text=MarkdownTextObject(text="shown"))])


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


def make_reply(slack: OwnSlack, status: StatusSupport | None = None) -> Reply:
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url)
    return Reply(make_client(settings), HTTP_CHANNEL, "1.5", status or StatusSupport())


async def test_with_a_status_the_answer_is_one_new_message_in_the_thread(slack: OwnSlack) -> None:
    reply = make_reply(slack)
    await reply.show_loading()
    ts = await reply.show(ANSWER)
    assert [method for method, _ in slack.calls] == ["assistant.threads.setStatus", "chat.postMessage"]
    [status] = slack.of("assistant.threads.setStatus")
    assert (status["channel_id"], status["thread_ts"]) == (HTTP_CHANNEL, "1.5") and status["status"]
    [posted] = slack.of("chat.postMessage")
    assert posted["thread_ts"] == "1.5" and posted["blocks"][0]["text"]["text"] == "shown"
    assert posted["unfurl_links"] is posted["unfurl_media"] is posted["link_names"] is False
    assert ts == reply.posted_ts


async def test_without_statuses_a_message_stands_in_and_nobody_asks_again(slack: OwnSlack) -> None:
    slack.answers["assistant.threads.setStatus"] = [refused("unknown_method")]
    status = StatusSupport()
    for _ in range(2):
        reply = make_reply(slack, status)
        await reply.show_loading()
        loading_ts = reply.posted_ts
        assert await reply.show(ANSWER) == loading_ts
    assert [method for method, _ in slack.calls] == [
        "assistant.threads.setStatus",
        *["chat.postMessage", "chat.update"] * 2,
    ]


async def test_a_status_refused_for_now_is_tried_again_next_time(slack: OwnSlack) -> None:
    slack.answers["assistant.threads.setStatus"] = [refused("internal_error"), {}]
    status = StatusSupport()
    await make_reply(slack, status).show_loading()
    await make_reply(slack, status).show_loading()
    assert len(slack.of("assistant.threads.setStatus")) == 2 and len(slack.of("chat.postMessage")) == 1


async def test_when_the_loading_message_was_deleted_the_answer_is_a_new_one(slack: OwnSlack) -> None:
    slack.answers["assistant.threads.setStatus"] = [refused("unknown_method")]
    slack.answers["chat.update"] = [refused("message_not_found")]
    reply = make_reply(slack)
    await reply.show_loading()
    loading_ts = reply.posted_ts
    assert await reply.show(ANSWER) != loading_ts
    assert slack.of("chat.postMessage")[-1]["text"] == "text"


@pytest.mark.parametrize("error", ["msg_blocks_too_long", "invalid_blocks"])
async def test_refused_blocks_leave_the_text(slack: OwnSlack, error: str) -> None:
    slack.answers["chat.postMessage"] = [refused(error), {}]
    await make_reply(slack).show(ANSWER)
    [first, second] = slack.of("chat.postMessage")
    assert first["blocks"] and "blocks" not in second and second["text"] == "text"


async def test_a_loading_status_that_fails_is_no_failure_of_the_answer(
    slack: OwnSlack, caplog: pytest.LogCaptureFixture
) -> None:
    slack.answers["assistant.threads.setStatus"] = [refused("unknown_method")]
    slack.answers["chat.postMessage"] = [refused("restricted_action"), {}]
    reply = make_reply(slack)
    await reply.show_loading()
    assert "restricted_action" in caplog.text
    assert await reply.say("A & B") == "1700000000.000002"
    assert slack.of("chat.postMessage")[-1]["text"] == "A &amp; B"


async def test_other_refusals_are_raised(slack: OwnSlack) -> None:
    slack.answers["chat.postMessage"] = [refused("channel_not_found")]
    with pytest.raises(SlackApiError):
        await make_reply(slack).show(ANSWER)
