"""What people press and send in, read into plain values; what is misshapen is None."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bot.slack.incoming.fields import Payload, mapping_at, text_at, timestamp_at


@dataclass(frozen=True, slots=True)
class Press:
    """A button under a message that a person pressed.

    `team` is the person's own workspace and `value` what the button carries. `text` and `blocks` are the message's,
    empty where Slack doesn't send them: under ephemeral ones.
    """

    team: str
    user: str
    action_id: str
    value: str
    occurred_ts: Decimal
    channel: str = ""
    thread_ts: str | None = None
    trigger_id: str = ""
    response_url: str = ""
    text: str = ""
    blocks: tuple[dict[str, Any], ...] = ()

    @property
    def person(self) -> str:
        """Who pressed, as everywhere in the tables."""
        return f"{self.team}:{self.user}"


@dataclass(frozen=True, slots=True)
class Submission:
    """A modal that a person sent in: what it was opened for, and what they chose or wrote, by the block's id."""

    team: str
    user: str
    subject: str
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def person(self) -> str:
        """Who sent it, as everywhere in the tables."""
        return f"{self.team}:{self.user}"


def read_press(body: Payload) -> Press | None:
    """A press of any button under a message."""
    actions, blocks = body.get("actions"), mapping_at(body, "message").get("blocks")
    action = actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], dict) else {}
    team, user = _who(body)
    action_id, occurred_ts = text_at(action, "action_id"), timestamp_at(action, "action_ts")
    if occurred_ts is None or not (team and user and action_id):
        return None
    return Press(
        team=team,
        user=user,
        action_id=action_id,
        value=text_at(action, "value"),
        occurred_ts=occurred_ts,
        channel=text_at(body, "channel", "id"),
        thread_ts=text_at(body, "message", "thread_ts") or None,
        trigger_id=text_at(body, "trigger_id"),
        response_url=text_at(body, "response_url"),
        text=text_at(body, "message", "text"),
        blocks=tuple(block for block in blocks if isinstance(block, dict)) if isinstance(blocks, list) else (),
    )


def read_submission(body: Payload) -> Submission | None:
    """A modal that was sent in; fields that were left empty are left out."""
    team, user = _who(body)
    subject = text_at(body, "view", "private_metadata")
    if not (team and user and subject):
        return None
    values = mapping_at(body, "view", "state", "values")
    given = {block_id: _given(mapping_at(values, block_id)) for block_id in values}
    return Submission(team, user, subject, {block_id: text for block_id, text in given.items() if text})


def _who(body: Payload) -> tuple[str, str]:
    return text_at(body, "user", "team_id") or text_at(body, "team", "id"), text_at(body, "user", "id")


def _given(inputs: Payload) -> str:
    """What was put into a block's one input."""
    for action_id in inputs:
        found = mapping_at(inputs, action_id)
        return (text_at(found, "value") or text_at(found, "selected_option", "value")).strip()
    return ""
