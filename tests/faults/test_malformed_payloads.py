"""Fault 12: what is properly signed, or comes by Socket Mode, and isn't what Slack sends: refused, never a failure.

Each kind of payload that the app listens to has any of its parts replaced or taken away.
"""

from __future__ import annotations

import asyncio
import copy
import io
import json
import logging
from collections.abc import Awaitable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import aiohttp
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answering import Answerer
from bot.slack.app import build_app
from bot.slack.transport import SlackApp
from bot.slack.transport.http import serve_http
from bot.slack.transport.socket_mode import Handler
from db.settings import Settings
from tests.corpus import encoders
from tests.doubles_slack import ANNA, BOT_TOKEN, HTTP_CHANNEL, SECRET, TEAM, OwnSlack, free_port, signed

T = TypeVar("T")

MARK = "words of a person"
FORM = "application/x-www-form-urlencoded"

WHO = {"id": ANNA, "team_id": TEAM}
MESSAGE = {"type": "message", "user": ANNA, "ts": "1.5", "thread_ts": "1.4", "text": MARK, "blocks": [{"type": "x"}]}
PRESS = {"type": "button", "block_id": "b", "value": "7", "action_ts": "1.5"}
VALUES = {"b": {"a": {"type": "plain_text_input", "value": MARK, "selected_option": {"value": "x"}}}}


def event(type: str, **content: Any) -> dict[str, Any]:
    inside = {"type": type, "user": ANNA, "channel": HTTP_CHANNEL, "ts": "1.5", "event_ts": "1.6", "text": MARK}
    envelope = {"type": "event_callback", "team_id": TEAM, "event_id": "Ev1", "is_ext_shared_channel": True}
    return envelope | {"authorizations": [{"team_id": TEAM, "user_id": "U1"}], "event": inside | content}


def press(action_id: str) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": WHO,
        "channel": {"id": HTTP_CHANNEL},
        "message": MESSAGE,
        "view": {"type": "home", "private_metadata": "10"},
        "actions": [PRESS | {"action_id": action_id}],
        "trigger_id": "1.2.3",
        "response_url": "http://127.0.0.1:1/",
    }


def submission(callback_id: str) -> dict[str, Any]:
    view = {"type": "modal", "callback_id": callback_id, "private_metadata": "7", "state": {"values": VALUES}}
    return {"type": "view_submission", "team": {"id": TEAM}, "user": WHO, "view": view, "response_urls": []}


ACTIONS = ("vote_up", "vote_down", "share_answer", "home_vote", "home_page", "right_source", "night_promote")
PAYLOADS = [
    event("app_mention"),
    event("message", channel_type="im", thread_ts="1.4", bot_id=None, message=MESSAGE, previous_message=MESSAGE),
    event("reaction_added", reaction="+1", item={"type": "message", "channel": HTTP_CHANNEL, "ts": "1.5"}),
    event("app_home_opened", tab="home"),
    event("assistant_thread_started", assistant_thread={"user_id": ANNA, "channel_id": "D1", "thread_ts": "1.4"}),
    event("function_executed", function={"callback_id": "x"}, function_execution_id="Fx1"),
    *map(press, ACTIONS),
    submission("vote_reason"),
    submission("right_source"),
    {"type": "view_closed", "user": WHO, "team": {"id": TEAM}, "view": {"type": "modal", "callback_id": "x"}},
    {"type": "message_action", "callback_id": "ask", "user": WHO, "team": {"id": TEAM}, "message": MESSAGE}
    | {"channel": {"id": HTTP_CHANNEL}, "trigger_id": "1.2.3", "response_url": "http://127.0.0.1:1/"},
    {"type": "url_verification", "challenge": "c123"},
    {"type": "app_rate_limited", "team_id": TEAM, "minute_rate_limited": 1},
]
COMMAND = {
    "command": "/ask",
    "text": MARK,
    "team_id": TEAM,
    "channel_id": HTTP_CHANNEL,
    "user_id": ANNA,
    "trigger_id": "1.2.3",
    "response_url": "http://127.0.0.1:1/",
}

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", MARK, "\0", "\ud800", "9" * 5000, "1e999"])
    | st.text(st.characters(codec=None)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "id", "user", "channel", "value", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def places(payload: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every path in a payload."""
    yield at
    inside = payload.items() if isinstance(payload, dict) else enumerate(payload) if isinstance(payload, list) else ()
    for name, value in inside:
        yield from places(value, (*at, name))


@st.composite
def damaged(draw: st.DrawFn, payloads: list[dict[str, Any]]) -> Any:
    """A payload of which one or two parts were replaced or taken away."""
    payload: Any = copy.deepcopy(draw(st.sampled_from(payloads)))
    for _ in range(draw(st.integers(1, 2))):
        *way, last = draw(st.sampled_from([at for at in places(payload) if at] or [("",)]))
        target = payload
        for name in way:
            target = target[name]
        if draw(st.booleans()) and target:
            target.pop(last)
        elif target or last == "":
            target[last] = draw(json_values)
    return payload


class Bot:
    """The real server with the real app, on a loop that runs only while something is asked of it.

    So nothing of it goes on while Hypothesis draws an example, which would take its randomness for its own.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._ready: asyncio.Future[str] = self._loop.create_future()
        self._serving = self._loop.create_task(self._serve())
        self._address = self.run(self._ready)
        self.app: SlackApp

    def run(self, work: Awaitable[T]) -> T:
        return self._loop.run_until_complete(asyncio.wait_for(work, 60))

    async def _serve(self) -> None:
        async with OwnSlack().running() as api_url:
            settings = Settings(
                data_dir=Path("unused"),
                slack_bot_token=BOT_TOKEN,
                slack_signing_secret=SECRET,
                slack_api_url=api_url,
                http_port=free_port(),
            )
            self.app = build_app(settings, self._engine, Answerer(self._engine, settings, encoders(), None))
            await serve_http(self.app, settings, self._stop, self._ready.set_result)
            await self.app.finish(20)

    def post(self, body: bytes, content_type: str) -> int:
        return self.run(self._post(body, {"Content-Type": content_type} | signed(body)))

    async def _post(self, body: bytes, headers: dict[str, str]) -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.post(self._address, data=io.BytesIO(body), headers=headers) as response,
        ):
            return response.status

    def receive(self, message: Any) -> list[str]:
        """What the bot sends back on its socket when this comes in."""
        return self.run(self._receive(message))

    async def _receive(self, message: Any) -> list[str]:
        sent: list[str] = []
        handler = Handler(self.app, "xapp-x")

        async def send(answer: str) -> None:
            sent.append(answer)

        handler.client.send_message = send  # type: ignore[method-assign]
        await handler.client.run_message_listeners(message, json.dumps(message))
        await handler.close_async()  # type: ignore[no-untyped-call]
        return sent

    def end(self) -> None:
        self._stop.set()
        self.run(self._serving)
        self._loop.close()


@pytest.fixture
def bot(engine: sa.Engine) -> Iterator[Bot]:
    bot = Bot(engine)
    yield bot
    bot.end()


def encoded(payload: Any, as_form: bool) -> tuple[bytes, str]:
    text = json.dumps(payload)
    return (urlencode({"payload": text}).encode(), FORM) if as_form else (text.encode(), "application/json")


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload["type"])
def test_what_slack_sends_is_taken(bot: Bot, payload: dict[str, Any]) -> None:
    as_form = payload["type"] not in ("event_callback", "url_verification", "app_rate_limited")
    assert bot.post(*encoded(payload, as_form)) in (200, 404)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=damaged(PAYLOADS), as_form=st.booleans())
def test_what_is_like_it_is_refused_at_most(
    bot: Bot, caplog: pytest.LogCaptureFixture, payload: Any, as_form: bool
) -> None:
    caplog.set_level(logging.DEBUG)
    assert bot.post(*encoded(payload, as_form)) in (200, 400, 404)
    assert MARK not in caplog.text


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.dictionaries(st.sampled_from([*COMMAND, "payload", "ssl_check"]), st.text() | st.just(MARK)))
def test_a_command_like_form_is_refused_at_most(
    bot: Bot, caplog: pytest.LogCaptureFixture, fields: dict[str, str]
) -> None:
    caplog.set_level(logging.DEBUG)
    assert bot.post(urlencode(COMMAND | fields).encode(), FORM) in (200, 400, 404)
    assert MARK not in caplog.text


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(message=damaged([{"type": "events_api", "envelope_id": "E1", "payload": payload} for payload in PAYLOADS]))
def test_by_socket_it_ends_there(bot: Bot, caplog: pytest.LogCaptureFixture, message: Any) -> None:
    caplog.set_level(logging.INFO)
    bot.receive(message)
    assert MARK not in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("payload", [{}, {"type": MARK}, event("message") | {"event": None}, event("never_heard_of")])
def test_by_socket_it_is_acknowledged_so_that_it_does_not_come_again(bot: Bot, payload: dict[str, Any]) -> None:
    message = {"type": "events_api", "envelope_id": "E1", "payload": payload}
    assert bot.receive(message) == ['{"envelope_id": "E1"}']
