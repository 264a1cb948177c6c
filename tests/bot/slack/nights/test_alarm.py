"""A model that can't be used is told once for as long as it lasts, and again when it comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.slack.nights.alarm import ModelAlarm
from bot.slack.transport import make_client
from db.errors import SlackError
from db.settings import Settings
from tests.doubles_slack import BOT_TOKEN, OwnSlack, refused


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


def make_alarm(slack: OwnSlack, pins: Any, channel: str | None = "C0ADMINS") -> ModelAlarm:
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url)
    return ModelAlarm(make_client(settings), pins, channel)


def told(slack: OwnSlack) -> list[str]:
    return [posted["text"].split(" can't")[0].split("model of ")[1] for posted in slack.of("chat.postMessage")]


async def test_each_is_told_once_for_as_long_as_it_lasts(slack: OwnSlack) -> None:
    pins = SimpleNamespace(refused={3: "Another hash."})
    alarm = make_alarm(slack, pins)
    for refusals in ({3: "Another hash."}, {3: "Another hash.", 4: "Gone."}, {}, {3: "Another hash."}):
        pins.refused = refusals
        await alarm.sweep()
    assert told(slack) == ["generation 3", "generation 4", "generation 3"]


async def test_what_slack_refused_is_told_the_next_time(slack: OwnSlack) -> None:
    alarm = make_alarm(slack, SimpleNamespace(refused={3: "Another hash."}))
    slack.answers["chat.postMessage"] = [refused("not_in_channel"), {}]
    with pytest.raises(SlackError):
        await alarm.sweep()
    for _ in range(2):
        await alarm.sweep()
    assert told(slack) == ["generation 3"] * 2  # the refused one and the one that got through


async def test_without_an_admin_channel_nobody_is_told(slack: OwnSlack) -> None:
    await make_alarm(slack, SimpleNamespace(refused={3: "Another hash."}), channel=None).sweep()
    assert slack.calls == []
