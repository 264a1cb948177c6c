"""Bolt's app: who it is in Slack, what it takes from the environment, and what it says of bad tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from slack_bolt.async_app import AsyncBoltRequest

from bot.answering import Answerer
from bot.slack.app import build_app
from bot.slack.transport.bolt_app import SlackApp
from db.errors import ConfigurationError
from db.settings import Settings
from db.store import create_engine
from tests.corpus import encoders
from tests.doubles_slack import ANNA, BOT, BOT_TOKEN, HTTP_CHANNEL, OwnSlack, event_request, refused


def make_app(**changes: Any) -> SlackApp:
    """On a database that isn't there."""
    engine = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
    values: dict[str, Any] = {"data_dir": Path("unused"), "slack_bot_token": BOT_TOKEN}
    settings = Settings(**(values | changes))
    return build_app(settings, engine, Answerer(engine, settings, encoders(), None))


async def deliver(app: SlackApp, event: dict[str, Any]) -> int:
    body, headers = event_request({"channel": HTTP_CHANNEL, "ts": "1.5"} | event, "Ev1")
    answer = await app.async_dispatch(AsyncBoltRequest(body=body.decode(), headers=dict(headers)))
    await app.finish(10)
    return answer.status


@pytest.mark.parametrize("error", ["invalid_auth", "account_inactive", "token_revoked"])
async def test_a_refused_token_is_one_plain_sentence(error: str) -> None:
    slack = OwnSlack()
    slack.answers["auth.test"] = [refused(error)]
    async with slack.running() as api_url:
        with pytest.raises(ConfigurationError, match=f"NIGHTSHIFT_SLACK_BOT_TOKEN .{error}") as raised:
            await make_app(slack_api_url=api_url).sign_in()
    assert BOT_TOKEN not in str(raised.value)


async def test_an_unreachable_slack_is_one_plain_sentence() -> None:
    with pytest.raises(ConfigurationError, match="NIGHTSHIFT_SLACK_API_URL"):
        await make_app(slack_api_url="http://127.0.0.1:1/api/").sign_in()


def test_no_token_is_one_plain_sentence() -> None:
    with pytest.raises(ConfigurationError, match="NIGHTSHIFT_SLACK_BOT_TOKEN isn't set"):
        make_app(slack_bot_token=None)


async def test_slack_is_asked_once_who_the_bot_is() -> None:
    slack = OwnSlack()
    async with slack.running() as api_url:
        app = make_app(slack_api_url=api_url)
        await app.sign_in()
        for _ in range(2):
            assert await deliver(app, {"type": "reaction_added", "reaction": "heart", "user": ANNA}) == 200
    assert len(slack.of("auth.test")) == 1


async def test_bolts_own_variables_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET"):
        monkeypatch.setenv(name, "from-the-environment")
    slack = OwnSlack()
    async with slack.running() as api_url:
        app = make_app(slack_api_url=api_url)
        assert await deliver(app, {"type": "app_mention", "text": f"<@{BOT}> Where?", "user": ANNA}) == 200
        # The database is away: the bot says so, and by the token of the settings.
        assert len(slack.of("chat.postMessage")) == 1
    assert app.client.token is None


async def test_a_slack_that_is_out_of_order_says_nothing_of_the_token() -> None:
    slack = OwnSlack()
    slack.answers["auth.test"] = [(503, {}, {"ok": False})]
    async with slack.running() as api_url:
        with pytest.raises(ConfigurationError, match=r"Slack can't be reached .*http_503"):
            await make_app(slack_api_url=api_url).sign_in()
