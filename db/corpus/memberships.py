"""Who is in which audience, as Slack told lately: what is asked of it, and what it said, kept for a short while."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db.schema import audience, audience_member, slack_guest

_log = logging.getLogger(__name__)

VALID_S = 60
"""Seconds that what Slack said of a person counts; who leaves a channel sees its documents no longer than that."""

_CONTESTED = "%s was %s and is %s too: nobody sees what is for it; say which is meant."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What Slack has to be asked of a person, since documents are for somebody by it."""

    channels: bool
    groups: bool
    addresses: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What Slack said of a person: the channels and user groups they are in, name by id, and their e-mail address."""

    channels: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    address: str = ""


def wanted_of_slack(engine: sa.Engine) -> Wanted:
    """What there are audiences of, beside those whose members a person recorded."""
    kind, name = audience.c.kind, audience.c.name
    told = [
        kind == "channel",
        (kind == "group") & name.op("~")("^(@|S[A-Z]*[0-9])"),
        (kind == "person") & name.like("%@%"),
    ]
    with engine.connect() as connection:
        exist = [sa.exists().where(condition) for condition in told]
        return Wanted(*map(bool, connection.execute(sa.select(*exist)).one()))


def has_named_channels(engine: sa.Engine) -> bool:
    """Whether documents are for channels by names that others may come to have."""
    named = (audience.c.kind == "channel") & audience.c.name.like("#%") & ~audience.c.is_settled
    with engine.connect() as connection:
        return bool(connection.scalar(sa.select(sa.exists().where(named))))


def settle_name(engine: sa.Engine, name: str, slack_id: str) -> bool:
    """Says what in Slack has a name, "#finance" or "@leads", as "<workspace>:<id>"; False: no document is for it.

    Nothing else by that name contests it from then on. Who was found in another by it is in it no more.
    """
    at = audience.c
    named = (at.name == name) & at.kind.in_(("channel", "group")) & (at.workspace == "")
    with engine.begin() as connection:
        id_ = connection.scalar(sa.select(at.id).where(named))
        if id_ is None:
            return False
        told = (audience_member.c.audience_id == id_) & audience_member.c.until.is_not(None)
        connection.execute(sa.delete(audience_member).where(told))
        said = {"slack_id": slack_id, "contested_by": None, "is_settled": True}
        connection.execute(sa.update(audience).where(at.id == id_).values(said))
    return True


def record_guest(engine: sa.Engine, person: str, *, is_guest: bool) -> None:
    """Keeps what Slack said of a person: whether they are a guest, until it says otherwise."""
    with engine.begin() as connection:
        if is_guest:
            connection.execute(insert(slack_guest).values(person=person).on_conflict_do_nothing())
        else:
            connection.execute(sa.delete(slack_guest).where(slack_guest.c.person == person))


def record_told(engine: sa.Engine, workspace: str, person: str, told: Told) -> None:
    """Keeps what Slack said of a person ("<workspace>:<user>") in place of what it said before, for `VALID_S`.

    A name that is met for the first time stands for what has it now, from then on. Who has it later sees nothing by
    it, and neither does what had it first: which of them is meant can't be told.
    """
    member = audience_member.c
    with engine.begin() as connection:
        for kind, names in ("channel", told.channels), ("group", told.groups):
            _bind_names(connection, workspace, kind, names)
        told_before = (member.person == person) & member.until.is_not(None)
        connection.execute(sa.delete(audience_member).where(told_before | (member.until < sa.func.now())))
        ids = connection.scalars(sa.select(audience.c.id).where(_told_of(workspace, told))).all()
        if ids:
            until = sa.func.now() + sa.func.make_interval(0, 0, 0, 0, 0, 0, VALID_S)
            rows = [{"audience_id": id_, "person": person} for id_ in ids]
            statement = insert(audience_member).values([row | {"until": until} for row in rows])
            connection.execute(statement.on_conflict_do_nothing())


def bind_channel(engine: sa.Engine, workspace: str, channel: str, name: str) -> None:
    """Notes which channel has a name that documents are for, the first time it is met, and that another has it."""
    with engine.begin() as connection:
        _bind_names(connection, workspace, "channel", {channel: name})


def _bind_names(connection: sa.Connection, workspace: str, kind: str, names: Mapping[str, str]) -> None:
    """Notes what has the names that documents are for: the first that is met, and that others have them too."""
    written = {f"{'#' if kind == 'channel' else '@'}{name.lower()}": id_ for id_, name in names.items()}
    at = audience.c
    is_open = (at.kind == kind) & (at.workspace == "") & at.contested_by.is_(None) & ~at.is_settled
    for name, bound in connection.execute(sa.select(at.name, at.slack_id).where(is_open, at.name.in_(written))).all():
        met = f"{workspace}:{written[name]}"
        change = sa.update(audience).where(is_open, at.name == name)
        if bound is None:
            connection.execute(change.where(at.slack_id.is_(None)).values(slack_id=met))
        elif bound != met:
            if connection.execute(change.values(contested_by=met)).rowcount:
                _log.warning(_CONTESTED, name, bound, met)


def _told_of(workspace: str, told: Told) -> sa.ColumnElement[bool]:
    at = audience.c
    here = at.workspace.in_(("", workspace)) & at.contested_by.is_(None)
    of_kinds = [
        (at.kind == kind) & (at.name.in_(names) | at.slack_id.in_([f"{workspace}:{id_}" for id_ in names]))
        for kind, names in (("channel", told.channels), ("group", told.groups))
    ]
    theirs = (at.kind == "person") & (at.name == told.address.lower()) & (at.name != "")
    return here & sa.or_(*of_kinds, theirs)
