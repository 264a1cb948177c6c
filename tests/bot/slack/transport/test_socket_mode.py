"""Socket Mode's start and stop when the token is bad or the connection never comes; the rest is end to end."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.answering import Answerer
from bot.slack.app import build_app
from bot.slack.transport.bolt_app import SlackApp
from bot.slack.transport.serve import serve_slack
from bot.slack.transport.socket_mode import Handler, serve_socket_mode
from db.errors import ConfigurationError
from db.settings import Settings
from db.store import create_engine
from tests.corpus import encoders
from tests.doubles_slack import BOT_TOKEN, OwnSlack, refused

APP_TOKEN = "xapp-of-the-tests"
MENTION = {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": {"type": "app_mention"}}


def make_app(**changes: Any) -> tuple[SlackApp, Settings]:
    values: dict[str, Any] = {"slack_bot_token": BOT_TOKEN, "slack_app_token": APP_TOKEN, "data_dir": Path("unused")}
    settings = Settings(**(values | changes))
    engine: sa.Engine = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
    return build_app(settings, engine, Answerer(engine, settings, encoders(), None)), settings


async def test_a_refused_app_token_is_one_plain_sentence() -> None:
    slack = OwnSlack()
    slack.answers["apps.connections.open"] = [refused("invalid_auth")]
    async with slack.running() as api_url:
        app, settings = make_app(slack_api_url=api_url)
        with pytest.raises(ConfigurationError, match="NIGHTSHIFT_SLACK_APP_TOKEN .invalid_auth") as raised:
            await serve_slack(app, settings, asyncio.Event())
    assert APP_TOKEN not in str(raised.value)


async def test_a_stop_does_not_wait_for_a_connection_that_never_comes() -> None:
    slack = OwnSlack()
    slack.answers["apps.connections.open"] = [{"url": "ws://127.0.0.1:1/"}]
    async with slack.running() as api_url:
        app, settings = make_app(slack_api_url=api_url)
        stop = asyncio.Event()
        ready: list[str] = []
        serving = asyncio.create_task(serve_socket_mode(app, settings, stop, ready.append))
        while len(slack.of("apps.connections.open")) < 2:
            await asyncio.sleep(0.01)
        stop.set()
        await asyncio.wait_for(serving, 10)
    assert ready == []


async def test_no_app_token_is_one_plain_sentence() -> None:
    app, settings = make_app(slack_app_token=None)
    with pytest.raises(ConfigurationError, match="NIGHTSHIFT_SLACK_APP_TOKEN"):
        await serve_socket_mode(app, settings, asyncio.Event())


async def test_a_bot_token_alone_is_no_way_in() -> None:
    app, settings = make_app(slack_app_token=None)
    with pytest.raises(ConfigurationError, match=r"(?s)SLACK_APP_TOKEN.*SLACK_SIGNING_SECRET"):
        await serve_slack(app, settings, asyncio.Event())


async def test_slack_that_can_not_be_reached_is_one_plain_sentence() -> None:
    slack = OwnSlack()
    slack.answers["apps.connections.open"] = [(503, {}, {"ok": False})]
    async with slack.running() as api_url:
        app, settings = make_app(slack_api_url=api_url)
        with pytest.raises(ConfigurationError, match=r"can't be reached for Socket Mode.*NIGHTSHIFT_SLACK_API_URL"):
            await serve_socket_mode(app, settings, asyncio.Event())


async def test_a_message_that_fails_inside_ends_there_and_comes_again(caplog: pytest.LogCaptureFixture) -> None:
    """It isn't acknowledged: Slack sends it once more."""
    request = SocketModeRequest(type="events_api", envelope_id="e1", payload=MENTION)
    answered: list[str] = []

    class Client:
        async def send_socket_mode_response(self, response: SocketModeResponse) -> None:
            answered.append(response.envelope_id)

    class Broken:
        async def async_dispatch(self, _request: object) -> None:
            raise OSError("words of a person")

    handler = Handler.__new__(Handler)
    handler.app = Broken()  # type: ignore[assignment]
    await handler.handle(Client(), request)  # type: ignore[arg-type]
    assert answered == []
    assert "A message failed: OSError" in caplog.text and "words of a person" not in caplog.text
