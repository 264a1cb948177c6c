"""A Slack that lives in this process: it signs what people do, and takes what the bot posts."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import escape
from typing import Any
from urllib.parse import urlencode

import httpx
from aiohttp import web

from bot.slack.transport import EVENTS_PATH, SlackApp, build_http
from db.settings import Settings

TEAM, CHANNEL, BOT = "T0SIMULATED", "C0QUESTIONS", "U0NIGHTSHIFT"

_FINISH_S = 120.0
_DELIVERIES = 4  # as many as Slack makes


class LoopbackSlack:
    """The part of Slack's Web API that the bot calls, on a free port of the loopback device."""

    def __init__(self) -> None:
        self.signing_secret = secrets.token_hex(16)
        self.bot_token = f"xoxb-{secrets.token_hex(16)}"
        self.last_message_ts = ""
        self._messages = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Serves; yields what `NIGHTSHIFT_SLACK_API_URL` is to be."""
        application = web.Application()
        application.router.add_route("*", "/api/{method}", self._serve)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            port = runner.addresses[0][1]
            yield f"http://127.0.0.1:{port}/api/"
        finally:
            await runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        return web.json_response({"ok": True} | self._answer(request.match_info["method"]))

    def _answer(self, method: str) -> dict[str, Any]:
        match method:
            case "auth.test":
                return {"team_id": TEAM, "user_id": BOT, "bot_id": "B0NIGHTSHIFT"}
            case "conversations.info":
                return {"channel": {"id": CHANNEL, "is_channel": True, "is_private": False}}
            case "chat.postMessage":
                self._messages += 1
                self.last_message_ts = f"1700000000.{self._messages:06d}"
                return {"ts": self.last_message_ts}
        return {}


class Visitor:
    """Delivers what people do to the bot's own HTTP application, one thing after the other, each signed.

    Slack's timestamps are a counter here, so that the same deeds are the same requests.
    """

    def __init__(self, app: SlackApp, settings: Settings, slack: LoopbackSlack) -> None:
        self._app = app
        self._slack = slack
        self._http = httpx.AsyncClient(transport=httpx.ASGITransport(build_http(app, settings)), base_url="http://bot")
        self._whispers = f"{settings.slack_api_url}respond"
        self._deeds = 0

    async def __aenter__(self) -> Visitor:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._app.finish(_FINISH_S)
        await self._http.aclose()

    async def ask(self, user: str, text: str) -> str:
        """Mentions the bot; returns the timestamp of the message that holds its answer."""
        event = {"type": "app_mention", "channel": CHANNEL, "user": user, "ts": self._next_ts()}
        await self._send_event(event | {"text": f"<@{BOT}> {escape(text, quote=False)}"})
        return self._slack.last_message_ts

    async def press(self, user: str, citation_id: str, action_id: str) -> None:
        """Presses a source's button."""
        payload = {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": TEAM},
            "channel": {"id": CHANNEL},
            "actions": [{"type": "button", "action_id": action_id, "value": citation_id, "action_ts": self._next_ts()}],
            "response_url": self._whispers,
        }
        await self._send(urlencode({"payload": json.dumps(payload)}).encode(), "application/x-www-form-urlencoded")

    async def react(self, user: str, message_ts: str, name: str) -> None:
        """Puts an emoji on an answer."""
        item = {"type": "message", "channel": CHANNEL, "ts": message_ts}
        event = {"type": "reaction_added", "user": user, "reaction": name, "item": item, "item_user": BOT}
        await self._send_event(event | {"event_ts": self._next_ts()})

    def _next_ts(self) -> str:
        self._deeds += 1
        return f"{1_800_000_000 + self._deeds}.000000"

    async def _send_event(self, event: dict[str, Any]) -> None:
        body = {"type": "event_callback", "team_id": TEAM, "api_app_id": "A0", "event_id": f"Ev{self._deeds}"}
        await self._send(json.dumps(body | {"event": event}).encode(), "application/json")

    async def _send(self, body: bytes, content_type: str) -> None:
        """Sends a request, and waits until the bot has done all it does about it; again where it was too busy to.

        Slack sends an event again, and people press again; the bot counts either once.
        """
        timestamp = str(int(time.time()))
        base = f"v0:{timestamp}:".encode() + body
        signature = hmac.new(self._slack.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": f"v0={signature}",
        }
        for _ in range(_DELIVERIES):
            answer = await self._http.post(EVENTS_PATH, content=body, headers=headers)
            await self._app.finish(_FINISH_S)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                break
        answer.raise_for_status()
