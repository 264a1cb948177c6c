"""What there is of audiences, for whoever keeps them in order: how many documents each has, and who is in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from db.corpus.audience_rows import audience_name
from db.schema import PUBLIC_AUDIENCE_ID, audience, audience_member, audience_part, document


@dataclass(frozen=True, slots=True)
class StoredAudience:
    """An audience, and how many documents are for it; `slack_id` is what Slack has by its name, once it was met.

    Where something else was met by it since, `contested_by`, nobody is in it until a person says which is meant.

    `members` are known to be in it now: recorded by hand, or as Slack told within the last minute.
    """

    id: int
    name: str
    kind: str
    slack_id: str | None
    documents: int
    members: int
    contested_by: str | None = None


def list_audiences(engine: sa.Engine) -> list[StoredAudience]:
    """All audiences that have documents, members or a contested name, and that of all; the most documents first."""
    documents = sa.select(sa.func.count()).where(
        document.c.audience_id == audience.c.id, document.c.deleted_at.is_(None)
    )
    counted = documents.scalar_subquery()
    members = sa.select(sa.func.count()).where(*_is_member()).scalar_subquery()
    query = sa.select(audience.c.id, audience_name(), audience.c.kind, audience.c.slack_id, counted, members)
    query = query.add_columns(audience.c.contested_by)
    with engine.connect() as connection:
        rows = connection.execute(query.order_by(counted.desc(), audience.c.id))
        found = [StoredAudience(*row) for row in rows]
    return [one for one in found if one.documents or one.members or one.contested_by or one.kind == "public"]


def read_members(engine: sa.Engine, audience_id: int) -> list[str]:
    """Who is known to be in an audience now."""
    query = sa.select(audience_member.c.person).select_from(audience).join(audience_member)
    with engine.connect() as connection:
        wanted = query.where(audience.c.id == audience_id, *_is_member()).order_by(audience_member.c.person)
        return list(connection.scalars(wanted))


def has_documents_for_some(engine: sa.Engine) -> bool:
    """Whether any document is not for all."""
    some = sa.exists().where(document.c.deleted_at.is_(None), document.c.audience_id != PUBLIC_AUDIENCE_ID)
    with engine.connect() as connection:
        return bool(connection.scalar(sa.select(some)))


def count_by_part(engine: sa.Engine, document_ids: Sequence[int], audience_ids: Collection[int]) -> dict[str, int]:
    """How many of these documents are for these audiences, or a part of one, by name.

    A document for several of them counts for the first. Audiences that aren't among these aren't named.
    """
    part = audience_part.c
    of_several = sa.select(sa.func.min(part.part_id)).where(
        part.audience_id == document.c.audience_id, part.part_id.in_(audience_ids)
    )
    own = sa.func.coalesce(of_several.scalar_subquery(), document.c.audience_id).label("own")
    theirs = sa.select(own).where(document.c.id.in_(document_ids), document.c.audience_id.in_(audience_ids)).subquery()
    named = sa.select(audience_name(), sa.func.count()).join(theirs, theirs.c.own == audience.c.id)
    with engine.connect() as connection:
        rows = connection.execute(named.group_by(audience.c.id).order_by(sa.func.count().desc(), audience.c.id))
        return {name: n for name, n in rows}


def read_parts(engine: sa.Engine, audience_ids: Sequence[int]) -> dict[int, list[int]]:
    """Of each audience of several its parts; of any other itself."""
    query = sa.select(audience_part.c.audience_id, audience_part.c.part_id)
    with engine.connect() as connection:
        rows = connection.execute(query.where(audience_part.c.audience_id.in_(audience_ids))).all()
    parts: dict[int, list[int]] = {audience_id: [] for audience_id in audience_ids}
    for audience_id, part_id in rows:
        parts[audience_id].append(part_id)
    return {audience_id: own or [audience_id] for audience_id, own in parts.items()}


def _is_member() -> list[sa.ColumnElement[bool]]:
    member = audience_member.c
    is_one = audience.c.contested_by.is_(None)
    return [is_one, member.audience_id == audience.c.id, sa.or_(member.until.is_(None), member.until > sa.func.now())]
