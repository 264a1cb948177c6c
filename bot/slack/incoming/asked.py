"""What people ask, by a message, a command or a shortcut, read into one plain value; what is no question is None."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from html import unescape

from pydantic import TypeAdapter, ValidationError

from bot.slack.incoming.fields import Payload, mapping_at, text_at
from bot.slack.incoming.words import read_words
from bot.slack.text import clean

MAX_QUESTION = 4_000
"""Characters of a question that are read; an encoder reads far fewer."""

_WRITTEN = (None, "", "file_share", "thread_broadcast")
"""Subtypes of what a person writes: with a file, and in a thread "also sent to the channel"."""

_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>")
_CHANNEL = re.compile(r"<#[A-Z0-9]+(?:\|([^<>]*))?>")
_LINK = re.compile(r"<([a-z][a-z0-9+.-]*:[^<>|]+)(?:\|([^<>]*))?>", re.IGNORECASE)
_SPECIAL = re.compile(r"<!([^<>|]+)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True)
class QuestionMessage:
    """A message that may ask the bot something; `shared` where people of another organisation may be reading.

    Only what is `addressed` was certainly meant for the bot: a mention, a direct message, a command, a shortcut. A
    command has no message of its own, so no `ts`, but a `trigger_id`; its answer goes to `response_url`, where only
    who asked sees it; where that is to be made from what they alone may see, they are `alone`. `authors`
    ("<workspace>:<user>") wrote what it brings in, where that isn't who asks.
    """

    team: str
    channel: str
    channel_type: str
    user: str
    ts: str
    thread_ts: str | None
    text: str
    shared: bool
    addressed: bool = True
    trigger_id: str = ""
    response_url: str = ""
    authors: tuple[str, ...] = ()
    alone: bool = False

    @property
    def key(self) -> str:
        """The same for every event about this message: a mention arrives as `message` and as `app_mention`."""
        if self.trigger_id:
            return f"command:{self.team}:{self.trigger_id}"
        return f"message:{self.team}:{self.channel}:{self.ts}"

    @property
    def person(self) -> str:
        """Who asks, as everywhere in the tables."""
        return f"{self.team}:{self.user}"


def read_question(body: Payload, bot_user_id: str) -> QuestionMessage | None:
    """What a person wrote, or forwarded, to the bot or beside it; not edits, joins, or what bots say.

    None as well for what is said to somebody else: a message that mentions others and not the bot.
    """
    event = mapping_at(body, "event")
    if event.get("subtype") not in _WRITTEN or event.get("bot_id") or event.get("hidden"):
        return None
    team, channel = text_at(body, "team_id"), text_at(event, "channel")
    user, ts = text_at(event, "user"), text_at(event, "ts")
    if not (team and channel and user and ts) or user == bot_user_id:
        return None
    words, channel_type = read_words(event, team), text_at(event, "channel_type")
    mentioned = _MENTION.findall(words.own)
    addressed = event.get("type") == "app_mention" or channel_type == "im" or bot_user_id in mentioned
    if mentioned and not addressed:
        return None
    return QuestionMessage(
        team=team,
        channel=channel,
        channel_type=channel_type,
        user=user,
        ts=ts,
        thread_ts=text_at(event, "thread_ts") or None,
        text=plain_question(words.all, bot_user_id),
        shared=body.get("is_ext_shared_channel") is True,
        addressed=addressed,
        authors=tuple(author for author in words.authors if author != f"{team}:{user}"),
    )


def read_command(body: Payload, bot_user_id: str) -> QuestionMessage | None:
    """What a person asks by a command.

    It is a question of its channel, like any other that is asked there: the answer is made from what the whole
    channel may see, and not from what only this person may, so that sharing it shows nobody anything new.
    """
    team, channel, user = text_at(body, "team_id"), text_at(body, "channel_id"), text_at(body, "user_id")
    trigger_id, response_url = text_at(body, "trigger_id"), text_at(body, "response_url")
    if not (team and channel and user and trigger_id and response_url):
        return None
    return QuestionMessage(
        team=team,
        channel=channel,
        channel_type="",
        user=user,
        ts="",
        thread_ts=None,
        text=plain_question(text_at(body, "text"), bot_user_id),
        shared=False,
        trigger_id=trigger_id,
        response_url=response_url,
    )


def read_shortcut(body: Payload, bot_user_id: str) -> QuestionMessage | None:
    """The chosen message as a question of who chose it, whoever wrote it.

    It has the key of that message: one that was answered, after a mention maybe, isn't answered again.
    """
    message = mapping_at(body, "message")
    # an installation for a whole organisation is sent no team, but whose user it is
    team = text_at(body, "team", "id") or text_at(body, "user", "team_id")
    channel, user = text_at(body, "channel", "id"), text_at(body, "user", "id")
    ts = text_at(message, "ts")
    if not (team and channel and user and ts):
        return None
    words = read_words(message, team)
    return QuestionMessage(
        team=team,
        channel=channel,
        channel_type="",
        user=user,
        ts=ts,
        thread_ts=text_at(message, "thread_ts") or None,
        text=plain_question(words.all, bot_user_id),
        shared=False,
        authors=tuple(dict.fromkeys((*_author(message, team), *words.authors))),
    )


def read_kept(payload: object) -> QuestionMessage | None:
    """What was kept of a message as JSON, by whichever release; None where it isn't one, or lacks what it needs."""
    try:
        return _kept().validate_json(json.dumps(payload), strict=True)
    except ValidationError:
        return None


@cache
def _kept() -> TypeAdapter[QuestionMessage]:
    return TypeAdapter(QuestionMessage)


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


def _author(message: Payload, team: str) -> tuple[str, ...]:
    """Who wrote the message, whose words it stays; a program's are nobody's."""
    user = text_at(message, "user")
    return (f"{text_at(message, 'team') or team}:{user}",) if user and not message.get("bot_id") else ()
