"""Named audiences as they are stored: one row each, which documents and vectors refer to by its id."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db.corpus.named_audience import NamedAudience, write_audience
from db.schema import PUBLIC_AUDIENCE_ID, audience, audience_part

ANY = "any"


def find_audience(engine: sa.Engine, named: NamedAudience) -> int | None:
    """The id of an audience; None where it was never named before."""
    with engine.connect() as connection:
        return _find(connection, *_key(named))


def ensure_audience(engine: sa.Engine, named: NamedAudience) -> int:
    """The id of an audience, which is stored if it wasn't yet; who is in it may be nobody so far."""
    found = find_audience(engine, named)
    if found is not None:
        return found
    with engine.begin() as connection:
        parts = [_ensure(connection, part.kind, part.name, part.workspace) for part in named]
        if len(parts) == 1:
            return parts[0]
        own = _ensure(connection, *_key(named))
        rows = [{"audience_id": own, "part_id": part} for part in parts]
        connection.execute(insert(audience_part).on_conflict_do_nothing(), rows)
        return own


def _key(named: NamedAudience) -> tuple[str, str, str]:
    """Kind, name and workspace of its row."""
    if len(named) > 1:
        return ANY, write_audience(named), ""
    [part] = named
    return part.kind, part.name, part.workspace


def _find(connection: sa.Connection, kind: str, name: str, workspace: str) -> int | None:
    if kind == "public":
        return PUBLIC_AUDIENCE_ID
    at = audience.c
    return connection.scalar(sa.select(at.id).where(at.kind == kind, at.name == name, at.workspace == workspace))


def _ensure(connection: sa.Connection, kind: str, name: str, workspace: str) -> int:
    row = {"kind": kind, "name": name, "workspace": workspace}
    connection.execute(insert(audience).values(row).on_conflict_do_nothing())
    found = _find(connection, kind, name, workspace)
    assert found is not None  # noqa: S101 - nobody removes audiences
    return found


def audience_name() -> sa.ColumnElement[str]:
    """A column: an audience as people write it, or its kind and its name."""
    written = audience.c.kind.in_(["person", ANY, "nobody"]) | audience.c.name.op("~")("^[#@]")
    return sa.case(
        (audience.c.kind == "public", "public"),
        (written, audience.c.name),
        else_=audience.c.kind + " " + audience.c.name,
    )
