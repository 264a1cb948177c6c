"""What one person alone is shown: checked before it leaves, and a failure to show it is a line in the log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from slack_bolt.async_app import AsyncRespond

from bot.slack.incoming import Press
from bot.slack.transport.client import make_client
from bot.slack.transport.whispers import replace_pressed, tell, whisper
from db.settings import Settings
from tests.doubles_slack import ANNA, BOT_TOKEN, HTTP_CHANNEL, TEAM, OwnSlack, refused

PRESS = Press(TEAM, ANNA, "vote_up", "c1", Decimal("9.5"), HTTP_CHANNEL, thread_ts="1.5")


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


async def test_a_whisper_is_for_who_pressed_in_the_thread_where_they_did(slack: OwnSlack) -> None:
    await whisper(AsyncRespond(response_url=f"{slack.api_url}said"), PRESS, "<!channel> hello")
    [said] = slack.of("said")
    assert (said["response_type"], said["replace_original"], said["thread_ts"]) == ("ephemeral", False, "1.5")
    assert "<!channel>" not in said["text"]


async def test_what_was_pressed_is_replaced_or_not_and_that_is_told(
    slack: OwnSlack, caplog: pytest.LogCaptureFixture
) -> None:
    slack.answers["said"] = [{"ok": True}, (404, {}, refused("expired_url"))]
    respond = AsyncRespond(response_url=f"{slack.api_url}said")
    assert await replace_pressed(respond, PRESS, "hello", ())
    assert not await replace_pressed(respond, PRESS, "hello", ())
    assert not await replace_pressed(AsyncRespond(response_url=None), PRESS, "hello", ())
    assert not await replace_pressed(AsyncRespond(response_url="http://127.0.0.1:1/said"), PRESS, "hello", ())
    shown = f"Couldn't show {TEAM}:{ANNA} what became of it: "
    assert caplog.messages == [f"{shown}{why}." for why in ("404", "ValueError", "ClientConnectorError")]


async def test_a_person_can_be_told_where_nothing_was_pressed(
    slack: OwnSlack, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url)
    slack.answers["chat.postEphemeral"] = [{"ok": True}, refused("user_not_in_channel")]
    for _ in range(2):
        await tell(make_client(settings), HTTP_CHANNEL, ANNA, "hello", "1.5")
    assert slack.of("chat.postEphemeral")[0]["thread_ts"] == "1.5"
    assert caplog.messages == [f"Couldn't show {ANNA} what became of it: user_not_in_channel."]
