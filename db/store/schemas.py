"""Whose the tables in our schema are: nobody's yet, ours, or another program's."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from db.errors import SchemaMismatchError
from db.schema import metadata

OF_EVERY_VERSION = frozenset({"impression", "vote_event"})
"""Tables that have been there from the first migration on, under names that hardly anybody else uses."""

_NAMES = sa.text(
    "SELECT c.relname FROM pg_class c"
    " WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relname = ANY (:names)"
    " UNION SELECT t.typname FROM pg_type t"
    " WHERE t.typnamespace = quote_ident(current_schema())::regnamespace AND t.typname = ANY (:names)"
)
_HAS_REVISIONS = sa.text(
    "SELECT EXISTS (SELECT FROM pg_attribute WHERE attname = 'version_num'"
    " AND attrelid = to_regclass(quote_ident(current_schema()) || '.alembic_version'))"
)


def read_revision(connection: sa.Connection) -> str | None:
    """The revision of our tables, in the schema where they are made; None where there are none yet.

    Raises:
        SchemaMismatchError: it holds another program's, and which.
    """
    schema = connection.scalar(sa.text("SELECT current_schema()"))
    names = [*metadata.tables, "alembic_version"]
    found = set(connection.scalars(_NAMES, {"names": names}))
    revisions = _read_revisions(connection, schema) if "alembic_version" in found else []
    taken = found - {"alembic_version"}
    if OF_EVERY_VERSION <= found and revisions is not None and len(revisions) == 1:
        return revisions[0]
    if revisions != []:
        raise SchemaMismatchError(explain_clash(schema, taken | {"alembic_version"}))
    if taken:
        raise SchemaMismatchError(explain_clash(schema, taken))
    return None


def _read_revisions(connection: sa.Connection, schema: str | None) -> list[str] | None:
    """What Alembic noted there, by us or by whomever; None where it isn't Alembic's."""
    if not connection.scalar(_HAS_REVISIONS):
        return None
    table = sa.table("alembic_version", sa.column("version_num"), schema=schema)
    return [str(revision) for revision in connection.scalars(sa.select(table.c.version_num))]


def explain_clash(schema: str | None = None, names: Collection[str] = ()) -> str:
    """That our tables have no room beside another program's, and what to do."""
    where = f"schema {schema}" if schema else "the schema for Nightshift's tables"
    which = f" ({', '.join(sorted(names)[:3])}{', …' if len(names) > 3 else ''})" if names else ""
    return (
        f"In {where} are tables of another program{which}, under names that Nightshift needs: give it a schema of its "
        "own. CREATE SCHEMA nightshift, owned by the database's role, and add ?schema=nightshift to "
        "NIGHTSHIFT_DATABASE_URL."
    )
