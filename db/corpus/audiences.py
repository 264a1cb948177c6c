"""Who would see a reply, and so which documents it may be made from."""

from __future__ import annotations

import re
from typing import Literal

import sqlalchemy as sa

from db.errors import AudienceUnknownError, DatabaseRefusedError, DatabaseUnavailableError
from db.schema import PUBLIC_AUDIENCE_ID, audience, audience_member, audience_part, slack_guest

_TEAM, _USER = re.compile(r"[TE][A-Z0-9]+"), re.compile(r"[UW][A-Z0-9]+")

ChannelKind = Literal["public", "private", "direct", "console"]


def reply_audiences(
    engine: sa.Engine,
    workspace: str,
    channel: str,
    channel_kind: ChannelKind,
    person: str,
    *,
    guests_read: bool = False,
) -> tuple[int, ...]:
    """Resolves the audiences whose documents everyone who sees the reply may see; the public one comes first.

    Where `guests_read` along, or a direct reply's reader is known for a guest, what is public isn't among them.

    A reply in a channel is seen by the whole channel, so it gets what is public and what is that channel's, never
    what only the person asking may see. A direct reply is seen by that person alone: it gets what is theirs, and the
    groups and channels they are recorded as a member of. An audience of several is seen by whoever is in one of them.
    The console is a named principal that sees what is public.

    Raises:
        AudienceUnknownError: a part of the answer is missing or can't be read. Nothing may be shown then.
    """
    try:
        wanted = _with_those_of_several(_wanted(workspace, channel, channel_kind, person))
        with engine.connect() as connection:
            found = tuple(connection.scalars(wanted.order_by(audience.c.id != PUBLIC_AUDIENCE_ID, audience.c.id)))
            is_guest = channel_kind == "direct" and connection.scalar(
                sa.select(sa.exists().where(slack_guest.c.person == person))
            )
    except (sa.exc.SQLAlchemyError, DatabaseUnavailableError, DatabaseRefusedError) as error:
        raise AudienceUnknownError from error
    if PUBLIC_AUDIENCE_ID not in found:
        raise AudienceUnknownError
    return found[1:] if guests_read or is_guest else found


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
    here = audience.c.workspace.in_(("", workspace)) & audience.c.contested_by.is_(None)
    if channel_kind in ("public", "private"):
        by_id = sa.or_(audience.c.name == channel, audience.c.slack_id == f"{workspace}:{channel}")
        return sa.select(audience.c.id).where(sa.or_(public, sa.and_(audience.c.kind == "channel", here, by_id)))
    user = person.removeprefix(f"{workspace}:")
    if channel_kind == "direct" and user and user != person:
        member = audience_member.c
        still = sa.or_(member.until.is_(None), member.until > sa.func.now())
        theirs = sa.select(member.audience_id).where(member.person == person, still)
        # by an id of Slack's, which nobody chooses: at a terminal people call themselves what they like
        is_told_by_slack = sa.literal(bool(_TEAM.fullmatch(workspace) and _USER.fullmatch(user)))
        they = sa.and_(is_told_by_slack, audience.c.kind == "person", audience.c.name == user)
        return sa.select(audience.c.id).where(sa.or_(public, sa.and_(here, sa.or_(audience.c.id.in_(theirs), they))))
    raise AudienceUnknownError


def _with_those_of_several(seen: sa.Select[int]) -> sa.Select[int]:
    """And the audiences of which one of these is a part."""
    of_several = sa.select(audience_part.c.audience_id).where(audience_part.c.part_id.in_(seen))
    return sa.select(audience.c.id).where(sa.or_(audience.c.id.in_(seen), audience.c.id.in_(of_several)))
