"""Slack without Slack: local-slack from npm, which nobody here wrote, and a small Web API that can misbehave."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import platform
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.npm import npm_package, unavailable

TEAM = "T0CHIMERA"
BOT = "U0NIGHT"
SOCKET_BOT = "U0SOCKET"
SECRET = "a-signing-secret-of-the-tests"
BOT_TOKEN = "xoxb-of-the-tests"
SOCKET_BOT_TOKEN = "xoxb-of-the-socket"
SOCKET_APP_TOKEN = "xapp-of-the-socket"
HTTP_CHANNEL = "C0HTTP"
SOCKET_CHANNEL = "C0SOCKET"
PRIVATE_CHANNEL = "G0PRIVATE"
ANNA, BERT = "U0ANNA", "U0BERT"

_START_TIMEOUT_S = 60
_WAIT_S = 30

Message = dict[str, Any]


def free_port() -> int:
    """A port that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def signed(body: bytes, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """The headers Slack would send with this body."""
    timestamp = str(int(time.time() if at is None else at))
    signature = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={signature}"}


def event_request(event: dict[str, Any], event_id: str, **envelope: Any) -> tuple[bytes, dict[str, str]]:
    """Body and headers of one delivery of an event."""
    body = json.dumps(
        {"type": "event_callback", "team_id": TEAM, "api_app_id": "A1", "event_id": event_id, "event": event} | envelope
    ).encode()
    return body, signed(body) | {"Content-Type": "application/json"}


def press_request(
    user: str, citation_id: str, action_id: str, action_ts: str, *, user_team: str = TEAM, response_url: str = ""
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of one press of a vote button."""
    payload = {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": user, "team_id": user_team},
        "channel": {"id": HTTP_CHANNEL},
        "actions": [{"type": "button", "action_id": action_id, "value": citation_id, "action_ts": action_ts}],
    } | ({"response_url": response_url} if response_url else {})
    body = urlencode({"payload": json.dumps(payload)}).encode()
    return body, signed(body) | {"Content-Type": "application/x-www-form-urlencoded"}


def command_request(
    user: str,
    command: str,
    text: str,
    *,
    channel: str = HTTP_CHANNEL,
    trigger_id: str = "1.2.3",
    response_url: str = "",
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of one slash command."""
    form = {"team_id": TEAM, "channel_id": channel, "user_id": user, "command": command, "text": text}
    body = urlencode(form | {"trigger_id": trigger_id, "response_url": response_url}).encode()
    return body, signed(body) | {"Content-Type": "application/x-www-form-urlencoded"}


def shortcut_request(
    user: str, callback_id: str, message: Message, *, channel: str = HTTP_CHANNEL, response_url: str = ""
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of one shortcut that a person chose for a message."""
    payload = {
        "type": "message_action",
        "callback_id": callback_id,
        "team": {"id": TEAM},
        "user": {"id": user, "team_id": TEAM},
        "channel": {"id": channel},
        "message": message,
        "trigger_id": "1.2.3",
        "response_url": response_url,
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    return body, signed(body) | {"Content-Type": "application/x-www-form-urlencoded"}


async def wait_until(holds: Callable[[], Any], what: str) -> Any:
    """Waits for something in the database, which tells nobody; returns what `holds` returned."""
    deadline = time.monotonic() + _WAIT_S
    while time.monotonic() < deadline:
        found = await asyncio.to_thread(holds)
        if found:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"{what}: not within {_WAIT_S} s")


class LocalSlack:
    """A running local-slack with two apps: one gets signed HTTP requests on `http_port`, one uses Socket Mode."""

    def __init__(self, port: int, http_port: int) -> None:
        self.http_port = http_port
        self.address = f"http://127.0.0.1:{port}"

    @property
    def api_url(self) -> str:
        """What `NIGHTSHIFT_SLACK_API_URL` is set to."""
        return f"{self.address}/api/"

    @asynccontextmanager
    async def people(self) -> AsyncIterator[People]:
        """The people of a fresh workspace, for one test."""
        async with aiohttp.ClientSession(self.address) as session, session.ws_connect("/ui") as news:
            async with session.post("/_control/reset"):
                yield People(session, news)


class People:
    """Writes, reacts and presses buttons as any user, and sees what the bot says."""

    def __init__(self, session: aiohttp.ClientSession, news: aiohttp.ClientWebSocketResponse) -> None:
        self._session = session
        self._news = news

    async def write(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Message:
        """Posts a message; a user's own id as the channel is their conversation with the HTTP bot."""
        message = {"user": user, "channel": channel, "text": text, "thread_ts": thread_ts}
        return dict((await self._control("message", message))["message"])

    async def react(self, user: str, message: Message, name: str, *, present: bool = True) -> None:
        """Puts an emoji on a message, or takes it off."""
        target = {"channel": message["channel"], "ts": message["ts"]}
        await self._control("reaction", target | {"user": user, "name": name, "present": present})

    async def press(self, user: str, message: Message, button: dict[str, Any]) -> None:
        """Presses a button of a message."""
        target = {"channel": message["channel"], "messageTs": message["ts"]}
        await self._control("interact", target | {"user": user, "action": button})

    async def command(self, user: str, channel: str, command: str, text: str = "") -> None:
        """Uses a slash command of the HTTP bot."""
        used = {"t": "slash_command", "appId": "A1", "user": user, "channel": channel, "command": command, "text": text}
        async with self._session.ws_connect("/ui") as page:
            await page.receive_json()
            await page.send_json(used)

    async def modal(self) -> dict[str, Any]:
        """Waits for an open modal."""
        while True:
            async with self._session.ws_connect("/ui") as page:
                stack = (await page.receive_json())["state"]["modalStack"]
            if stack:
                return dict(stack[-1])
            await self._hear("no modal")

    async def send_in(self, user: str, **given: dict[str, Any]) -> dict[str, str]:
        """Sends the open modal in, with an input for each block; returns its errors, none if it closed."""
        values = {block_id: {block_id: put_in} for block_id, put_in in given.items()}
        async with self._session.ws_connect("/ui") as page, asyncio.timeout(_WAIT_S):
            await page.receive_json()
            await page.send_json({"t": "view_submit", "user": user, "values": values})
            while True:
                news = await page.receive_json()
                if news["t"] == "view_errors":
                    return dict(news["errors"])
                if news["t"] == "view" and not news["stack"]:
                    return {}

    async def direct_channel(self, user: str) -> str:
        """The id of a user's conversation with the HTTP bot."""
        opened = self._session.post(
            "/api/conversations.open", data={"users": user}, headers={"Authorization": f"Bearer {BOT_TOKEN}"}
        )
        async with opened as response:
            return str((await response.json())["channel"]["id"])

    async def open_home(self, user: str) -> None:
        """Opens the HTTP bot's App Home."""
        await self._control("open-home", {"user": user, "appId": "A1"})

    async def sees_home(self, user: str, wanted: Callable[[str], Any]) -> dict[str, Any]:
        """Waits for a user's App Home with such a text in it."""
        async with self._session.ws_connect("/ui") as page, asyncio.timeout(_WAIT_S):
            view = (await page.receive_json())["state"]["homeViews"].get(user, {}).get("A1")
            while view is None or not wanted(json.dumps(view, ensure_ascii=False)):
                news = await page.receive_json()
                if news["t"] == "home" and news["user"] == user:
                    view = news["view"]
            return dict(view)

    async def press_home(self, user: str, button: dict[str, Any]) -> None:
        """Presses a button of the HTTP bot's App Home."""
        async with self._session.ws_connect("/ui") as page:
            await page.receive_json()
            await page.send_json({"t": "block_action", "appId": "A1", "user": user, "action": button})

    async def messages(self, channel: str) -> list[Message]:
        """Everything in a channel, as it is now."""
        async with self._session.get(f"/_control/messages/{channel}") as response:
            return list((await response.json())["messages"])

    async def edit(self, message: Message, text: str) -> None:
        """Changes a message of one's own."""
        target = {"channel": message["channel"], "ts": message["ts"], "user": message["user"]}
        await self._control("edit-message", target | {"text": text})

    async def calls(self, method: str) -> list[dict[str, Any]]:
        """The arguments of each call the bots made of a Web API method."""
        log = await self._log()
        return [entry.get("detail") or {} for entry in log if entry["kind"] == "web_api" and entry["summary"] == method]

    async def sent(self, kind: str) -> list[dict[str, Any]]:
        """The form payloads that were sent to the HTTP bot, e.g. of kind `interactive`."""
        sent = [entry for entry in await self._log() if entry["direction"] == "to_bot" and entry["kind"] == kind]
        return [json.loads(parse_qs(entry["detail"])["payload"][0]) for entry in sent]

    async def _log(self) -> list[dict[str, Any]]:
        async with self._session.get("/_control/log") as response:
            return list((await response.json())["log"])

    async def sees(self, channel: str, wanted: Callable[[Message], Any], what: str) -> Message:
        """Waits for a message in a channel, new or changed."""
        async with asyncio.timeout(_WAIT_S):
            while True:
                for message in await self.messages(channel):
                    if wanted(message):
                        return message
                await self._hear(what)

    async def sees_answer(self, asked: Message) -> Message:
        """Waits for the answer in the question's thread: the bot's message that has vote buttons."""
        return await self.sees(
            asked["channel"], lambda message: message.get("thread_ts") == asked["ts"] and buttons(message), "no answer"
        )

    async def sees_whisper(self, user: str, channel: str, text: str) -> Message:
        """Waits for an ephemeral message to one person."""
        return await self.sees(
            channel, lambda message: message.get("ephemeral_to") == user and text in message["text"], f"no {text!r}"
        )

    async def _hear(self, what: str) -> None:
        news = await self._news.receive()
        assert news.type == aiohttp.WSMsgType.TEXT, what

    async def _control(self, what: str, content: dict[str, Any]) -> dict[str, Any]:
        async with self._session.post(f"/_control/{what}", json=content) as response:
            assert response.status == 200, await response.text()
            return dict(await response.json())


def buttons(message: Message) -> list[dict[str, Any]]:
    """A message's buttons in order, each as its press is sent."""
    return [
        element | {"block_id": f"block{number}"}
        for number, block in enumerate(message.get("blocks") or [])
        if block["type"] == "actions"
        for element in block["elements"]
    ]


@pytest.fixture(scope="session")
def local_slack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSlack]:
    """One local-slack for the whole run; skipped, saying why, where it can't be had."""
    http_port = free_port()
    with start_local_slack(tmp_path_factory.mktemp("local-slack"), _workspace(http_port)) as port:
        yield LocalSlack(port, http_port)


@contextmanager
def start_local_slack(folder: Path, workspace: dict[str, Any]) -> Iterator[int]:
    """Runs a local-slack with this workspace, its files in the folder; yields its port."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        unavailable("local-slack's binary is for Linux on x86_64")
    binary = npm_package("local-slack-linux-x64", "0.1.8") / "bin" / "local-slack"
    port = free_port()
    config = folder / "config.json"
    config.write_text(json.dumps(workspace))
    command: list[str | Path] = [binary, "--config", config, "--port", str(port), "--base-host", "127.0.0.1"]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen([*command, "--files-dir", folder], stdout=log, stderr=log) as process,
    ):
        try:
            _require_listening(port, process, folder / "log")
            yield port
        finally:
            process.kill()


def _workspace(http_port: int) -> dict[str, Any]:
    return {
        "workspace": {"name": "Chimera", "teamId": TEAM},
        "apps": [
            {
                "appId": "A1",
                "botUserId": BOT,
                "botName": "nightshift",
                "botToken": BOT_TOKEN,
                "appToken": "xapp-unused",
                "signingSecret": SECRET,
                "mode": "events",
                "requestUrl": f"http://127.0.0.1:{http_port}/slack/events",
            },
            {
                "appId": "A2",
                "botUserId": SOCKET_BOT,
                "botName": "nightshift-socket",
                "botToken": SOCKET_BOT_TOKEN,
                "appToken": SOCKET_APP_TOKEN,
                "mode": "socket",
            },
        ],
        "users": [{"id": ANNA, "name": "anna"}, {"id": BERT, "name": "bert"}],
        "channels": [
            {"id": HTTP_CHANNEL, "name": "general", "members": [ANNA, BERT, BOT]},
            {"id": SOCKET_CHANNEL, "name": "sockets", "members": [ANNA, BERT, SOCKET_BOT]},
            {"id": PRIVATE_CHANNEL, "name": "board", "is_private": True, "members": [ANNA, BOT]},
        ],
    }


def _require_listening(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    pytest.fail(f"local-slack didn't start: {log.read_text()[-500:]}")


class OwnSlack:
    """A Web API of the tests' own, for what local-slack doesn't do: refusals, rate limits, silence.

    `answers` gives, per method, the responses to serve in order, the last one for ever; others succeed. A response
    is a mapping, or (status, headers, mapping), or a function that returns one.
    """

    def __init__(self) -> None:
        self.api_url = ""
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, list[Any]] = {}
        self._messages = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Serves; yields the Web API's address, which is also in `api_url`."""
        application = web.Application()
        application.router.add_route("*", "/api/{method}", self._serve)
        async with TestServer(application) as server:
            self.api_url = str(server.make_url("/api/"))
            yield self.api_url

    def of(self, method: str) -> list[dict[str, Any]]:
        """The arguments of each call of a method."""
        return [arguments for called, arguments in self.calls if called == method]

    async def _serve(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if request.content_type == "application/json":
            arguments = dict(await request.json())
        else:
            arguments = dict(request.query) | {name: str(value) for name, value in (await request.post()).items()}
        self.calls.append((method, arguments))
        scripted = self.answers.get(method, [{}])
        found = scripted.pop(0) if len(scripted) > 1 else scripted[0]
        found = found() if callable(found) else found
        status, headers, content = found if isinstance(found, tuple) else (200, {}, found)
        return web.json_response(self._usual(method) | content, status=status, headers=headers)

    def _usual(self, method: str) -> dict[str, Any]:
        if method == "auth.test":
            return {"ok": True, "team_id": TEAM, "user_id": BOT, "bot_id": "B0NIGHT"}
        if method == "conversations.info":
            return {"ok": True, "channel": {"id": HTTP_CHANNEL, "is_channel": True, "is_private": False}}
        if method in ("chat.postMessage", "chat.startStream"):
            self._messages += 1
            return {"ok": True, "ts": f"1700000000.{self._messages:06d}"}
        return {"ok": True}


def refused(error: str) -> dict[str, Any]:
    """What Slack says when it doesn't do something."""
    return {"ok": False, "error": error}
