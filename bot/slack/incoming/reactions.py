"""Emoji on messages, read into votes; what is no thumb, or is misshapen, is None."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from bot.slack.incoming.fields import Payload, mapping_at, text_at, timestamp_at

_VALUES: dict[str, Literal[1, -1]] = {"+1": 1, "thumbsup": 1, "-1": -1, "thumbsdown": -1}


@dataclass(frozen=True, slots=True)
class Reaction:
    """A thumb that was put on a message, or taken off it; `shared` where it may be of another organisation's people."""

    event_id: str
    team: str
    user: str
    channel: str
    message_ts: str
    value: Literal[-1, 1]
    added: bool
    occurred_ts: Decimal
    shared: bool = False


def read_reaction(body: Payload) -> Reaction | None:
    """A 👍 or 👎 on a message; None for any other emoji and for files."""
    event = mapping_at(body, "event")
    item = mapping_at(event, "item")
    value, occurred_ts = vote_value(text_at(event, "reaction")), timestamp_at(event, "event_ts")
    event_id, team, user = text_at(body, "event_id"), text_at(body, "team_id"), text_at(event, "user")
    channel, message_ts = text_at(item, "channel"), text_at(item, "ts")
    if value is None or occurred_ts is None or item.get("type") != "message":
        return None
    if not (event_id and team and user and channel and message_ts):
        return None
    added = event.get("type") == "reaction_added"
    shared = body.get("is_ext_shared_channel") is True  # Slack doesn't tell whose person reacted
    return Reaction(event_id, team, user, channel, message_ts, value, added, occurred_ts, shared)


def vote_value(name: str) -> Literal[1, -1] | None:
    """What a reaction says: 1 for 👍, -1 for 👎, None for every other emoji.

    Slack sends a skin tone behind the name (`+1::skin-tone-3`), and some clients send the names' aliases.
    """
    return _VALUES.get(name.split("::")[0])
