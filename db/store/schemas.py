"""Whose the tables in our schema are: nobody's yet, ours, or another program's."""

from __future__ import annotations

from collections.abc import Collection

import psycopg
import sqlalchemy as sa
from psycopg import errors

from db.errors import DatabaseRefusedError, SchemaMismatchError
from db.schema import metadata
from db.store.refusals import names_in
from db.store.standing import explain_gone

OF_EVERY_VERSION = frozenset({"impression", "vote_event"})
"""Tables that have been there from the first migration on, under names that hardly anybody else uses."""

_HALF = len(metadata.tables) // 2
"""So many of our names at once are no accident: they are ours, and what isn't there was dropped."""

_NAMES = sa.text(
    "SELECT c.relname FROM pg_class c"
    " WHERE c.relnamespace = quote_ident(current_schema())::regnamespace"
    # each generation's vectors have a table of their own
    " AND (c.relname = ANY (:names) OR c.relname ~ '^embedding_[0-9]+$')"
    " UNION SELECT t.typname FROM pg_type t"
    " WHERE t.typnamespace = quote_ident(current_schema())::regnamespace AND t.typname = ANY (:names)"
)
_MAY_READ_REVISIONS = sa.text(
    "SELECT has_table_privilege(attrelid, 'SELECT') FROM pg_attribute WHERE attname = 'version_num'"
    " AND attrelid = to_regclass(quote_ident(current_schema()) || '.alembic_version')"
)

_HAS_VECTORS = sa.text("SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'vector')")


def read_revision(connection: sa.Connection) -> str | None:
    """The revision of our tables, in the schema where they are made; None where there are none yet.

    Raises:
        SchemaMismatchError: it holds another program's, and which.
        DatabaseRefusedError: ours are there, but not all, or the vector extension isn't any more.
    """
    schema = connection.scalar(sa.text("SELECT current_schema()"))
    names = [*metadata.tables, "alembic_version"]
    found = set(connection.scalars(_NAMES, {"names": names}))
    are_ours = found >= OF_EVERY_VERSION or len(found) >= _HALF
    revisions = _read_revisions(connection, schema, are_ours=are_ours) if "alembic_version" in found else []
    taken = found - {"alembic_version"}
    if are_ours and revisions is not None and len(revisions) == 1:
        if gone := OF_EVERY_VERSION - found:
            raise DatabaseRefusedError(explain_gone(sorted(gone)))
        if not connection.scalar(_HAS_VECTORS):
            raise DatabaseRefusedError(_NO_VECTORS)
        return revisions[0]
    if revisions != []:
        raise SchemaMismatchError(explain_clash(schema, taken | {"alembic_version"}))
    if taken:
        raise SchemaMismatchError(explain_clash(schema, taken))
    return None


_NO_VECTORS = (
    "The vector extension is gone from the database, and the vectors that were made with it: restore a backup, or set "
    "NIGHTSHIFT_DATABASE_URL to a new database, and run `nightshift db upgrade` and `nightshift ingest` there."
)


def _read_revisions(connection: sa.Connection, schema: str | None, *, are_ours: bool) -> list[str] | None:
    """What Alembic noted there, by us or by whomever; None where it isn't Alembic's, or not for us to read."""
    may_read = connection.scalar(_MAY_READ_REVISIONS)
    if may_read is None or not (may_read or are_ours):
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


def explain_step(error: psycopg.Error) -> str | None:
    """Why a step of an upgrade, which left nothing behind, can't be made; None where that is nobody's but our doing."""
    said, details = error.diag.message_primary or "", error.diag.message_detail
    name = names_in(said)[:1]
    match error:
        case errors.DuplicateTable() | errors.DuplicateObject() | errors.DuplicateColumn() | errors.WrongObjectType():
            return explain_clash(names=name)
        case errors.UndefinedTable() | errors.UndefinedColumn() | errors.UndefinedObject() if name:
            return explain_gone(name)
        case errors.DependentObjectsStillExist() | errors.FeatureNotSupported() if said:
            return (
                "What was made over Nightshift's tables keeps them from being changed "
                f"({(details or said).splitlines()[0]}): drop it, run `nightshift db upgrade`, and make it again."
            )
    return None
