"""Modals as Slack sends them in, through the whole app."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from slack_bolt.async_app import AsyncBoltRequest

from bot.slack.showing import REASON_BLOCK, RIGHT_BLOCK
from bot.slack.transport import SlackApp
from tests.doubles_slack import ANNA, TEAM


async def deliver(app: SlackApp, payload: dict[str, Any]) -> dict[str, Any]:
    """What the bot answers Slack, once all that it does then is done."""
    who = {"team": {"id": TEAM}, "user": {"id": ANNA, "team_id": TEAM}, "trigger_id": "t1"}
    body = urlencode({"payload": json.dumps(who | payload)})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answered = await app.async_dispatch(AsyncBoltRequest(body=body, headers=headers))
    await app.finish(10)
    assert answered.status == 200
    return dict(json.loads(answered.body)) if answered.body else {}


async def send_in(
    app: SlackApp, modal: str, subject: object, reason: str | None = None, right: str | None = None, user: str = ANNA
) -> dict[str, str]:
    """Sends a modal in; the errors it then shows."""
    values = {
        REASON_BLOCK: {REASON_BLOCK: {"selected_option": {"value": reason} if reason else None}},
        RIGHT_BLOCK: {RIGHT_BLOCK: {"value": right}},
    }
    view = {"type": "modal", "callback_id": modal, "private_metadata": str(subject), "state": {"values": values}}
    payload = {"type": "view_submission", "view": view, "user": {"id": user, "team_id": TEAM}}
    answered = await deliver(app, payload)
    assert answered.get("response_action", "errors") == "errors"
    return dict(answered.get("errors", {}))
