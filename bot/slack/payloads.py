"""What Slack sent, read into plain values; anything that isn't meant for the bot, or is misshapen, is None."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from html import unescape
from typing import Any, Literal

from bot.slack.mrkdwn import clean
from bot.slack.reactions import vote_value
from bot.slack.source_rows import VOTE_DOWN, VOTE_UP

Payload = Mapping[str, Any]

MAX_QUESTION = 4_000
"""Characters of a question that are read; an encoder reads far fewer."""

_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>")
_CHANNEL = re.compile(r"<#[A-Z0-9]+(?:\|([^<>]*))?>")
_LINK = re.compile(r"<([a-z]+:[^<>|]+)(?:\|([^<>]*))?>")
_SPECIAL = re.compile(r"<!([^<>|]+)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True)
class QuestionMessage:
    """A message that asks the bot something; `shared` where people of another organisation may be reading."""

    team: str
    channel: str
    channel_type: str
    user: str
    ts: str
    thread_ts: str | None
    text: str
    shared: bool

    @property
    def key(self) -> str:
        """The same for every event about this message: a mention arrives as `message` and as `app_mention`."""
        return f"message:{self.team}:{self.channel}:{self.ts}"

    @property
    def person(self) -> str:
        """Who asks, as everywhere in the tables."""
        return f"{self.team}:{self.user}"


@dataclass(frozen=True, slots=True)
class Reaction:
    """A thumb that was put on a message, or taken off it."""

    event_id: str
    team: str
    user: str
    channel: str
    message_ts: str
    value: Literal[-1, 1]
    added: bool
    occurred_ts: Decimal


@dataclass(frozen=True, slots=True)
class Press:
    """A vote button that was pressed; `team` is the person's own workspace. Slack gives actions no event id."""

    team: str
    user: str
    citation_id: str
    value: Literal[-1, 1]
    occurred_ts: Decimal
    thread_ts: str | None

    @property
    def key(self) -> str:
        """The same however often Slack sends this press."""
        return f"press:{self.team}:{self.user}:{self.citation_id}:{self.occurred_ts}"


def read_question(body: Payload, bot_user_id: str) -> QuestionMessage | None:
    """A mention, or a direct message by a person; not edits, joins, files' own events, or what bots say."""
    event = _mapping(body, "event")
    if event.get("subtype") or event.get("bot_id") or event.get("hidden"):
        return None
    team, channel = _text(body, "team_id"), _text(event, "channel")
    user, ts = _text(event, "user"), _text(event, "ts")
    if not (team and channel and user and ts) or user == bot_user_id:
        return None
    text, channel_type = _text(event, "text"), _text(event, "channel_type")
    mentioned = bot_user_id in _MENTION.findall(text)
    if event.get("type") != "app_mention" and channel_type != "im" and not mentioned:
        return None
    return QuestionMessage(
        team=team,
        channel=channel,
        channel_type=channel_type,
        user=user,
        ts=ts,
        thread_ts=_text(event, "thread_ts") or None,
        text=plain_question(text, bot_user_id),
        shared=body.get("is_ext_shared_channel") is True,
    )


def read_reaction(body: Payload) -> Reaction | None:
    """A 👍 or 👎 on a message; None for any other emoji and for files."""
    event = _mapping(body, "event")
    item = _mapping(event, "item")
    value, occurred_ts = vote_value(_text(event, "reaction")), _timestamp(event.get("event_ts"))
    event_id, team, user = _text(body, "event_id"), _text(body, "team_id"), _text(event, "user")
    channel, message_ts = _text(item, "channel"), _text(item, "ts")
    if value is None or occurred_ts is None or item.get("type") != "message":
        return None
    if not (event_id and team and user and channel and message_ts):
        return None
    added = event.get("type") == "reaction_added"
    return Reaction(event_id, team, user, channel, message_ts, value, added, occurred_ts)


def read_press(body: Payload) -> Press | None:
    """A press of one of the vote buttons."""
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], dict) else {}
    value: Literal[-1, 1] | None = {VOTE_UP: 1, VOTE_DOWN: -1}.get(_text(action, "action_id"))  # type: ignore[assignment]
    user, message = _mapping(body, "user"), _mapping(body, "message")
    team = _text(user, "team_id") or _text(_mapping(body, "team"), "id")
    citation_id, occurred_ts = _text(action, "value"), _timestamp(action.get("action_ts"))
    if value is None or occurred_ts is None or not (team and _text(user, "id") and citation_id):
        return None
    thread_ts = _text(message, "thread_ts") or None
    return Press(team, _text(user, "id"), citation_id, value, occurred_ts, thread_ts)


def plain_question(text: str, bot_user_id: str) -> str:
    """A message's text as its writer sees it, without the mention of the bot.

    Slack writes mentions, channels and links as `<…>` and escapes `& < >`.
    """
    text = text[:MAX_QUESTION]
    text = _MENTION.sub(lambda found: "" if found[1] == bot_user_id else f"@{found[1]}", text)
    text = _CHANNEL.sub(lambda found: f"#{found[1] or 'channel'}", text)
    text = _LINK.sub(lambda found: found[2] or found[1], text)
    text = _SPECIAL.sub(lambda found: found[2] or f"@{found[1]}", text)
    return " ".join(clean(unescape(text)).split())


def _mapping(payload: Payload, name: str) -> Payload:
    found = payload.get(name)
    return found if isinstance(found, dict) else {}


def _text(payload: Payload, name: str) -> str:
    found = payload.get(name)
    return found if isinstance(found, str) else ""


def _timestamp(found: object) -> Decimal | None:
    """Slack's timestamps are strings of seconds with six decimals."""
    try:
        seconds = Decimal(found) if isinstance(found, str) and len(found) <= 24 else None
    except InvalidOperation:
        return None
    return seconds if seconds is not None and seconds.is_finite() and 0 < seconds < 10**11 else None
