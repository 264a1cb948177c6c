"""Slack's refusals and the network's errors, as errors of ours with a code that can be logged and counted."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.slack.transport.client import make_client
from bot.slack.transport.refusals import (
    BlocksRefusedError,
    MessageGoneError,
    NotAvailableError,
    NotHereError,
    SlackRefusedError,
    SlackUnreachableError,
    error_code,
    slack_errors,
)
from db.errors import SlackError
from db.settings import Settings
from tests.conftest import ROOT
from tests.doubles_slack import BOT_TOKEN, OwnSlack, refused


def settings(api_url: str) -> Settings:
    return Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=api_url)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("channel_not_found", SlackRefusedError),
        ("cant_update_message", MessageGoneError),
        ("msg_blocks_too_long", BlocksRefusedError),
        ("unknown_method", NotAvailableError),
        ("method_not_supported_for_channel_type", NotHereError),
    ],
)
async def test_a_refused_call_says_what_was_refused(code: str, kind: type[SlackError]) -> None:
    slack = OwnSlack()
    slack.answers["chat.postMessage"] = [refused(code)]
    async with slack.running() as api_url:
        with pytest.raises(SlackError) as raised:
            await make_client(settings(api_url)).chat_postMessage(channel="C1", text="a secret word")
    assert type(raised.value) is kind and raised.value.code == code == error_code(raised.value)
    assert "secret" not in str(raised.value) and "secret" not in repr(raised.value.__context__)


async def test_a_slack_that_is_away_is_unreachable_by_any_call() -> None:
    client = make_client(settings("http://127.0.0.1:1/api/"))
    with pytest.raises(SlackUnreachableError) as raised:
        await client.auth_test()
    assert raised.value.code == "ClientConnectorError"
    with pytest.raises(SlackUnreachableError):
        await client.files_upload_v2(channel="C1", content="x", filename="x")


async def test_a_file_that_can_not_be_sent_is_an_error_of_ours_too() -> None:
    slack = OwnSlack()
    slack.answers["files.getUploadURLExternal"] = [{"upload_url": "http://127.0.0.1:1/upload", "file_id": "F1"}]
    async with slack.running() as api_url:
        with pytest.raises(SlackUnreachableError):
            await make_client(settings(api_url)).files_upload_v2(channel="C1", content="x", filename="x")


async def test_a_file_that_is_not_taken_is_refused() -> None:
    slack = OwnSlack()
    async with slack.running() as api_url:
        slack.answers["files.getUploadURLExternal"] = [{"upload_url": f"{api_url}upload", "file_id": "F1"}]
        slack.answers["upload"] = [lambda: (500, {}, {"ok": False})]
        with pytest.raises(SlackRefusedError) as raised:
            await make_client(settings(api_url)).files_upload_v2(channel="C1", content="x", filename="a secret word")
    assert raised.value.code == "SlackRequestError"
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("response", [{"ok": False}, {"ok": False, "error": None}, None])
def test_a_refusal_without_a_code_is_known_by_its_kind(response: object) -> None:
    with pytest.raises(SlackRefusedError) as raised, slack_errors():
        raise SlackApiError("long words", response)  # type: ignore[no-untyped-call]
    assert raised.value.code == "SlackApiError"


@pytest.mark.parametrize("error", [aiohttp.ServerDisconnectedError(), TimeoutError()])
def test_what_the_network_does_is_known_by_its_kind(error: Exception) -> None:
    with pytest.raises(SlackUnreachableError) as raised, slack_errors():
        raise error
    assert raised.value.code == type(error).__name__


def test_what_is_not_slacks_goes_through_and_is_known_by_its_kind() -> None:
    with pytest.raises(KeyError) as raised, slack_errors():
        raise KeyError("words")
    assert error_code(raised.value) == "KeyError"


def test_nobody_else_knows_the_sdks_errors() -> None:
    knowing = [path for path in (ROOT / "bot").rglob("*.py") if "slack_sdk.errors" in path.read_text("utf-8")]
    assert [path.name for path in knowing] == ["refusals.py"]


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_slack_that_is_out_of_order_refuses_nothing(status: int) -> None:
    slack = OwnSlack()
    slack.answers["auth.test"] = [(status, {}, {"ok": False})]
    async with slack.running() as api_url:
        with pytest.raises(SlackUnreachableError) as raised:
            await make_client(settings(api_url)).auth_test()
    assert raised.value.code == f"http_{status}"
