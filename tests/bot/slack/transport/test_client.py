"""The Web API client: rate limits are waited out, errors have short names, and loggers keep quiet about texts."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.slack.transport.client import LOGGER, make_client, quiet_logger
from db.errors import ConfigurationError
from db.settings import Settings
from tests.doubles_slack import BOT_TOKEN, OwnSlack, refused


@pytest.fixture
def root_at_debug() -> Iterator[None]:
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    yield
    root.setLevel(before)


async def test_a_rate_limit_is_waited_out() -> None:
    slack = OwnSlack()
    called: list[float] = []

    def limited() -> tuple[int, dict[str, str], dict[str, object]]:
        called.append(time.monotonic())
        return 429, {"Retry-After": "1" if len(called) == 1 else "0"}, refused("ratelimited")

    slack.answers["chat.postMessage"] = [limited, limited, {}]
    async with slack.running() as api_url:
        settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=api_url.rstrip("/"))
        posted = await make_client(settings).chat_postMessage(channel="C1", text="hello")
    assert posted["ok"] and len(slack.calls) == 3
    assert called[1] - called[0] >= 1  # as long as Slack said


async def test_no_payload_leaves_unchecked() -> None:
    slack = OwnSlack()
    async with slack.running() as api_url:
        client = make_client(Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=api_url))
        await client.chat_postMessage(channel="C1", text="<!channel>")
        await client.chat_postEphemeral(channel="C1", user="U1", text="<!here>")
        await client.chat_update(channel="C1", ts="1.5", text="@everyone")
        stream = await client.chat_stream(channel="C1", thread_ts="1.5", buffer_size=1)
        await stream.append(markdown_text="<!channel>")
        await stream.stop(markdown_text="<@U1>")
    assert len(slack.calls) == 5
    assert not [call for call in slack.calls if re.search("<[!@]|@everyone", str(call))]


def test_without_a_token_the_variable_is_named() -> None:
    with pytest.raises(ConfigurationError, match="NIGHTSHIFT_SLACK_BOT_TOKEN"):
        make_client(Settings(data_dir=Path("unused")))


async def test_nothing_people_wrote_is_logged_even_when_everything_is(
    root_at_debug: None, caplog: pytest.LogCaptureFixture
) -> None:
    async with OwnSlack().running() as api_url:
        settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=api_url)
        await make_client(settings).chat_postMessage(channel="C1", text="a secret word")
    quiet_logger().info("Invalid request signature detected (signature: s, timestamp: t, body: a secret word)")
    quiet_logger().warning("A global middleware (x) skipped calling next() for the request (a secret word)")
    quiet_logger().info("Something else.")
    assert [record.getMessage() for record in caplog.records if record.name == LOGGER] == ["Something else."]
    assert "secret" not in caplog.text and BOT_TOKEN not in caplog.text


@pytest.mark.parametrize("said", ["Unhandled request ({'type': 'words'})", "A global middleware (x) (words)"])
def test_lines_in_which_bolt_prints_what_it_was_sent_are_dropped(caplog: pytest.LogCaptureFixture, said: str) -> None:
    quiet_logger().warning(said)
    assert caplog.records == []


def test_what_the_sdk_can_not_read_is_told_without_a_word_of_it(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError("words")
    except ValueError as error:
        quiet_logger().exception(f"Failed to run message listeners: {error}, session: s1")
    assert caplog.messages == ["A message from Slack can't be read (ValueError)."]
    assert "words" not in caplog.text
