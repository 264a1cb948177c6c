"""The last look at what leaves for Slack: whatever made a text, in it nothing notifies but what we mean to.

Texts are made safe where they are written. This is for what nobody thought of: pieces that were each harmless, an
error's sentence, a title in a place where titles were never shown. It looks at whole payloads, so it stands where they
leave: in the client and at every response address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from slack_sdk.models.blocks import Block

from bot.slack.text.markdown import unaddressed
from bot.slack.text.mrkdwn import BROADCAST, WORD_JOINER

_OURS = re.compile(r"(<(?:@[A-Z0-9]+|#[A-Z0-9]+|!date\^\d+\^[^<>|]*\|[^<>|]*|https?://[^<>|\s]+(?:\|[^<>]*)?)>)")
"""What we write ourselves: a person, a channel, a day, a source's link. Never a broadcast, a group, another scheme."""


def checked(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The same payload, with each of its texts checked in its own dialect."""
    return {name: _checked(name, value, payload) for name, value in payload.items()}


def _checked(name: str, value: object, beside: Mapping[str, Any]) -> object:
    if isinstance(value, Block):
        found = value.to_dict()
        return value if (clean := checked(found)) == found else clean
    if isinstance(value, Mapping):
        return checked(value)
    if isinstance(value, list | tuple):
        return [_checked(name, item, beside) for item in value]
    if not isinstance(value, str):
        return value
    if name == "markdown_text" or (name == "text" and beside.get("type") in ("markdown", "markdown_text")):
        return unaddressed(value)
    if name == "text" and beside.get("type", "mrkdwn") in ("mrkdwn", "message"):
        return check_mrkdwn(value)
    return unaddressed(value) if name in ("title", "message") and beside.keys() == {"title", "message"} else value


def check_mrkdwn(text: str) -> str:
    """Breaks up every `<…>` that isn't one of ours, and every broadcast's name."""
    pieces = _OURS.split(text)
    for place, piece in enumerate(pieces):
        if place % 2:
            address, bar, label = piece.partition("|")
            pieces[place] = address + bar + BROADCAST.sub("@" + WORD_JOINER, label)
        else:
            pieces[place] = BROADCAST.sub("@" + WORD_JOINER, piece.replace("<", "&lt;"))
    return "".join(pieces)
