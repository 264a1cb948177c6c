"""The shape of what Slack sends: whatever isn't like it goes no further, since Bolt would fail over it inside.

Only what Bolt and our listeners take for granted is checked; anything else may be there and be anything.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, NoReturn, cast
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

Name = Annotated[str, StringConstraints(max_length=255, pattern="^[!-~]*$")]
"""An id, a timestamp, a kind: short and in ASCII, so that it may stand in a log or be a key."""

Kind = Literal[
    "",
    "app_rate_limited",
    "block_actions",
    "event_callback",
    "message_action",
    "shortcut",
    "url_verification",
    "view_closed",
    "view_submission",
]


_DEPTH_NAMED = 8


class MisshapenError(ValueError):
    """It isn't what Slack sends."""


class Part(BaseModel):
    """A mapping in a payload, at any depth that is looked into: where a name has one of these, its value is such."""

    model_config = ConfigDict(strict=True, extra="ignore", hide_input_in_errors=True)

    type: Name = ""
    subtype: Name | None = None
    id: Name | None = None
    callback_id: Name = ""
    action_id: Name = ""
    block_id: Name | None = None
    team_id: Name | None = None
    user_id: Name | None = None
    user_team: Name | None = None
    channel_id: Name | None = None
    enterprise_id: Name | None = None
    bot_id: Name | None = None
    event_id: Name | None = None
    trigger_id: Name | None = None
    ts: Name | None = None
    event_ts: Name | None = None
    action_ts: Name | None = None
    thread_ts: Name | None = None
    app_installed_team_id: Name | None = None
    function_execution_id: Name | None = None
    text: str | Part | None = None
    command: str = ""
    response_url: str | None = None
    team: Name | Part | None = None
    user: Name | Part | None = None
    channel: Name | Part | None = None
    enterprise: Name | Part | None = None
    item: Part | None = None
    message: Part | None = None
    previous_message: Part | None = None
    assistant_thread: Part | None = None
    function_data: Part | None = None
    authorizations: list[Part] | None = None
    response_urls: list[Part] = []


class Event(Part):
    """What happened."""

    function: Part = Part()


class Envelope(Part):
    """A whole payload."""

    type: Kind = ""
    event: Event = Event()
    view: Part | None = None
    ssl_check: str = ""
    actions: list[Part] = []


def parse_body(body: bytes, content_type: str) -> object:
    """The payload in a request's body: JSON, a form with JSON in its `payload`, or a form that is one itself.

    Raises:
        MisshapenError: it isn't any of these; without a word of it.
    """
    try:
        text = body.decode()
        if content_type.partition(";")[0] == "application/json" or text.startswith("{"):
            return _parse_json(text)
        form = dict(parse_qsl(text, keep_blank_values=True))
        return _parse_json(form["payload"]) if "payload" in form else form
    except (ValueError, RecursionError):
        raise MisshapenError("no JSON and no form") from None


def require_shape(payload: object) -> dict[str, Any]:
    """Refuses what is no payload of Slack's that this app can meet; returns the payload.

    Raises:
        MisshapenError: says where, without a word of it.
    """
    try:
        found = Envelope.model_validate(payload)
    except ValidationError as error:
        raise MisshapenError(f"wrong: {_place(error)}") from None
    needs = {
        "": ("command", found.command or found.ssl_check),
        "event_callback": ("event.type", found.event.type),
        "block_actions": ("actions", found.actions and found.actions[0].action_id),
        "message_action": ("callback_id", found.callback_id),
        "shortcut": ("callback_id", found.callback_id),
        "view_closed": ("view", found.view and found.view.type),
        "view_submission": ("view", found.view and found.view.type),
    }
    lacking, is_there = needs.get(found.type, ("", True))
    if not is_there:
        raise MisshapenError(f"no {lacking}")
    return cast("dict[str, Any]", payload)


def _parse_json(text: str) -> Any:  # noqa: ANN401 - it can be anything
    return json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> NoReturn:
    raise MisshapenError(f"{constant} is no JSON")


def _place(error: ValidationError) -> str:
    """The first field that is wrong, by the names that we know; of one that lies deep, the beginning of the way."""
    where = error.errors(include_input=False, include_url=False, include_context=False)[0]["loc"]
    return ".".join(name for name in map(str, where[:_DEPTH_NAMED]) if name in Envelope.model_fields)
