"""Audiences as people write them: "#finance", "@leads", "ada@example.com", "workspace", or several of these; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from db.errors import BadInputError

PartKind = Literal["public", "channel", "group", "person", "nobody"]

MOST_PARTS = 50
"""Parts that one audience may have."""

_MOST_BYTES = 2000  # what an index of PostgreSQL takes

HOW = (
    'write "workspace", a channel ("#finance"), a user group ("@leads"), a person ("ada@example.com" or "U0123ABCD"), '
    'or several of these; "nobody" hides it'
)
IN_QUOTES = 'it is empty: in front matter a # outside quotes begins a comment, so write "#finance" in quotes'

_WORKSPACE = frozenset({"workspace", "everyone", "public"})
_MENTION = re.compile(r"<(?:#|@|!subteam\^)([A-Z0-9]+)(?:\|[^<>]*)?>")
_SLACK_ID = re.compile(r"(?:(T[A-Z0-9]+):)?[#@]?([CGSUW](?=[A-Z]*\d)[A-Z0-9]+)")
_CHANNEL = re.compile(r"#[^\W_][\w-]{0,79}")
_GROUP = re.compile(r"@[^\W_][\w.-]{0,79}")
_ADDRESS = re.compile(r"[^\s@,;<>\"']{1,64}@[^\s@,;<>\"'.][^\s@,;<>\"']{0,250}")
_KIND_OF_ID: dict[str, PartKind] = {"C": "channel", "G": "channel", "S": "group", "U": "person", "W": "person"}


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """Whoever is in a channel, in a user group, or a person: by Slack's id (C…, S…, U…), else by name or address.

    An id is of the `workspace` it names, "" where it names none.
    """

    kind: PartKind
    name: str
    workspace: str = ""

    @property
    def written(self) -> str:
        """As a person would write it."""
        if self.kind == "public":
            return "workspace"
        return f"{self.workspace}:{self.name}" if self.workspace else self.name


NamedAudience = tuple[Part, ...]
"""Who is in any of its parts; in order, each once."""

PUBLIC: NamedAudience = (Part("public", "everyone"),)
NOBODY: NamedAudience = (Part("nobody", "nobody"),)


def read_audience(written: object) -> NamedAudience:
    """What a text, or a list of texts, says of who may see a document; between names stand commas or spaces.

    Raises:
        BadInputError: it isn't understood; the message is a reason that fits after the audience and a colon.
    """
    parts = sorted({_read_part(name) for name in _names(written)})
    if not parts:
        raise BadInputError(IN_QUOTES)
    if len(parts) > MOST_PARTS or len(write_audience(tuple(parts)).encode("utf-8", "replace")) > _MOST_BYTES:
        raise BadInputError(f"it has more than {MOST_PARTS} parts, or long ones; make a user group of them")
    for one, means in ((PUBLIC[0], "everybody"), (NOBODY[0], "none of them")):
        if one in parts and len(parts) > 1:
            raise BadInputError(
                f'"{one.written}" can\'t be one of several: it means {means}; leave it or the others out'
            )
    return tuple(parts)


def write_audience(audience: NamedAudience) -> str:
    """An audience in one line, as `read_audience` reads it."""
    return ", ".join(part.written for part in audience)


def _names(written: object) -> Iterable[str]:
    if isinstance(written, str):
        return re.split(r"[\s,]+", written.strip().strip("[]").strip(",")) if written.strip() else []
    if isinstance(written, (list, tuple)):
        each = [list(_names(one)) for one in written]
        if not all(each):
            raise BadInputError(IN_QUOTES)
        return [name for names in each for name in names]
    raise BadInputError(f"it is neither a name nor a list of names: {HOW}")


def _read_part(written: str) -> Part:
    name = written.strip("\"'")
    if mentioned := _MENTION.fullmatch(name):
        name = mentioned[1]
    if name.lower() in _WORKSPACE:
        return PUBLIC[0]
    if name.lower() == "nobody":
        return NOBODY[0]
    if found := _SLACK_ID.fullmatch(name):
        return Part(_KIND_OF_ID[found[2][0]], found[2], found[1] or "")
    if _CHANNEL.fullmatch(name):
        return Part("channel", name.lower())
    if _GROUP.fullmatch(name):
        return Part("group", name.lower())
    if _ADDRESS.fullmatch(name):
        return Part("person", name.lower())
    if not name:
        raise BadInputError(IN_QUOTES)
    raise BadInputError(f'"{name[:80]}" is no audience: {HOW}')
