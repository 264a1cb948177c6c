"""A simulated workspace does what Slack and its people do where the bot is too busy for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import httpx
import pytest
from pydantic import SecretStr

from db.settings import Settings
from nightshift.simulate import slack
from nightshift.simulate.slack import CHANNEL, TEAM, LoopbackSlack, Visitor


@pytest.fixture
def settings() -> Settings:
    return Settings(data_dir=Path("unused"), slack_signing_secret=SecretStr("s"), slack_api_url="http://slack/api/")


def visitor(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, statuses: list[int], heard: list[bytes] | None = None
) -> Visitor:
    async def bot(scope: object, receive: AsyncMock, send: AsyncMock) -> None:
        if heard is not None:
            heard.append((await receive())["body"])
        await send({"type": "http.response.start", "status": statuses.pop(0), "headers": []})
        await send({"type": "http.response.body", "body": b""})

    monkeypatch.setattr(slack, "build_http", lambda *_: bot)
    return Visitor(AsyncMock(), settings, LoopbackSlack())


async def test_what_the_bot_was_too_busy_for_is_sent_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    statuses = [503, 503, 200, 200]
    async with visitor(settings, monkeypatch, statuses) as one:
        await one.press("U1", "1:1", "vote_up")
    assert statuses == [200]


@pytest.mark.parametrize("statuses", [[503] * 4, [401]])
async def test_a_bot_that_stays_too_busy_or_refuses_ends_the_simulation(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, statuses: list[int]
) -> None:
    with pytest.raises(httpx.HTTPStatusError):
        async with visitor(settings, monkeypatch, statuses) as one:
            await one.press("U1", "1:1", "vote_up")
    assert not statuses


async def test_an_emoji_is_put_on_the_message_as_slack_would_tell_of_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[bytes] = []
    async with visitor(settings, monkeypatch, [200], heard) as one:
        await one.react("U1", "1.5", "+1")
    [told] = map(json.loads, heard)
    event: dict[str, Any] = told["event"]
    assert (told["team_id"], event["type"], event["user"], event["reaction"]) == (
        TEAM,
        "reaction_added",
        "U1",
        "+1",
    )
    assert event["item"] == {"type": "message", "channel": CHANNEL, "ts": "1.5"}
