"""Who would see a reply, and so which documents it may be made from."""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa

from db.errors import AudienceUnknownError, DatabaseUnavailableError
from db.schema import PUBLIC_AUDIENCE_ID, audience, audience_member

ChannelKind = Literal["public", "private", "direct", "console"]


def reply_audiences(
    engine: sa.Engine, workspace: str, channel: str, channel_kind: ChannelKind, person: str
) -> tuple[int, ...]:
    """Resolves the audiences whose documents everyone who sees the reply may see; the public one comes first.

    A reply in a channel is seen by the whole channel, so it gets what is public and what is that channel's, never
    what only the person asking may see. A direct reply is seen by that person alone: it gets the groups and channels
    they are recorded as a member of. The console is a named principal that sees what is public.

    Raises:
        AudienceUnknownError: a part of the answer is missing or can't be read. Nothing may be shown then.
    """
    try:
        wanted = _wanted(workspace, channel, channel_kind, person)
        with engine.connect() as connection:
            found = tuple(connection.scalars(wanted.order_by(audience.c.id != PUBLIC_AUDIENCE_ID, audience.c.id)))
    except (sa.exc.SQLAlchemyError, DatabaseUnavailableError) as error:
        raise AudienceUnknownError from error
    if PUBLIC_AUDIENCE_ID not in found:
        raise AudienceUnknownError
    return found


def personal_audiences(engine: sa.Engine, person: str) -> tuple[int, ...]:
    """The audiences whose documents a person ("<workspace>:<user>") may see by themselves now.

    Raises:
        AudienceUnknownError: it can't be read.
    """
    workspace, _, user = person.partition(":")
    if not user:  # a name at a terminal, which sees what is public
        return reply_audiences(engine, workspace, "", "console", person)
    return reply_audiences(engine, workspace, user, "direct", person)


def _wanted(workspace: str, channel: str, channel_kind: str, person: str) -> sa.Select[int]:
    public = audience.c.id == PUBLIC_AUDIENCE_ID
    if channel_kind == "console":
        return sa.select(audience.c.id).where(public)
    if not workspace or not channel:
        raise AudienceUnknownError
    if channel_kind in ("public", "private"):
        this_channel = sa.and_(
            audience.c.kind == "channel", audience.c.workspace == workspace, audience.c.name == channel
        )
        return sa.select(audience.c.id).where(sa.or_(public, this_channel))
    if channel_kind == "direct" and person.startswith(f"{workspace}:"):
        theirs = sa.select(audience_member.c.audience_id).where(audience_member.c.person == person)
        here = audience.c.workspace.in_(("", workspace))
        return sa.select(audience.c.id).where(sa.or_(public, sa.and_(here, audience.c.id.in_(theirs))))
    raise AudienceUnknownError
