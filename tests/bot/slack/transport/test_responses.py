"""What is said by the address that came with a command or shortcut."""

from __future__ import annotations

import pytest

from bot.slack.showing import Rendered
from bot.slack.transport.responses import respond, say_privately
from db.errors import SlackError
from tests.doubles_slack import OwnSlack, refused


async def test_it_is_for_who_asked_unless_it_is_for_all() -> None:
    slack = OwnSlack()
    async with slack.running() as api_url:
        await say_privately(f"{api_url}said", "a < b")
        await respond(f"{api_url}said", Rendered("hello", []), to_all=True)
    said = [(each["response_type"], each["text"]) for each in slack.of("said")]
    assert said == [("ephemeral", "a &lt; b"), ("in_channel", "hello")]


async def test_a_refusal_is_an_error_or_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    slack = OwnSlack()
    slack.answers["said"] = [(404, {}, refused("expired_url"))]
    async with slack.running() as api_url:
        with pytest.raises(SlackError):
            await respond(f"{api_url}said", Rendered("hello", []))
        await say_privately(f"{api_url}said", "hello")
    assert "response_url_404" in caplog.text
