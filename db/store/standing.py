"""Whether our tables are all there and ours to use: what was done to them by hand is named before anything meets it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from db.errors import DatabaseRefusedError
from db.schema import metadata

_TABLES = sa.text(
    "SELECT c.relname AS name, ARRAY(SELECT attname::text FROM pg_attribute"
    " WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns,"
    " ARRAY(SELECT p FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS p"
    " WHERE NOT has_table_privilege(c.oid, p)) AS withheld,"
    " row_security_active(c.oid) AS filtered,"
    " ARRAY(SELECT s.relname::text FROM pg_depend d JOIN pg_class s ON s.oid = d.objid WHERE d.refobjid = c.oid"
    " AND CASE WHEN s.relkind = 'S' THEN NOT has_sequence_privilege(s.oid, 'USAGE') END) AS sequences"
    " FROM pg_class c WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'p')"
    " AND (c.relname = ANY (:names) OR c.relname ~ '^embedding_[0-9]+$') ORDER BY c.relname"
)
_UNIQUE = sa.text(
    "SELECT c.relname FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid AND i.indisunique AND i.indisvalid"
    " WHERE c.relnamespace = quote_ident(current_schema())::regnamespace"
)
_LOST = sa.text(
    "SELECT DISTINCT 'embedding_' || artefact_id AS name FROM in_service JOIN generation ON id = generation_id"
    " WHERE to_regclass('embedding_' || artefact_id) IS NULL ORDER BY name"
)
_MOST_NAMED = 4


def require_standing(connection: sa.Connection) -> None:
    """Refuses tables of the newest revision of which something is gone, withheld or hidden; looks at no row of theirs.

    Raises:
        DatabaseRefusedError: with what it is, and what to do.
    """
    found = {row.name: row for row in connection.execute(_TABLES, {"names": list(metadata.tables)})}
    schema = connection.scalar(sa.text("SELECT quote_ident(current_schema())"))
    role = connection.scalar(sa.text("SELECT quote_ident(current_user)"))
    gone = _gone({name: row.columns for name, row in found.items()}, set(connection.scalars(_UNIQUE)))
    if gone:
        raise DatabaseRefusedError(explain_gone(gone))
    withheld = [name for name, row in found.items() if row.withheld]
    withheld += [sequence for row in found.values() for sequence in row.sequences]
    if withheld:
        raise DatabaseRefusedError(
            f"The database's role lacks rights on {_name(withheld)}: GRANT ALL ON ALL TABLES IN SCHEMA {schema} TO "
            f"{role}, and ALL SEQUENCES too, or let it own them."
        )
    filtered = [name for name, row in found.items() if row.filtered]
    if filtered:
        raise DatabaseRefusedError(
            f"Row security hides rows of {_name(filtered)} from the database's role: ALTER TABLE … DISABLE ROW LEVEL "
            f"SECURITY, or ALTER ROLE {role} BYPASSRLS."
        )


def require_vectors(connection: sa.Connection) -> None:
    """Refuses a database in which the vectors of a generation that serves, or may again, are gone.

    Raises:
        DatabaseRefusedError: with which, and what to do.
    """
    lost = connection.scalars(_LOST).all()
    if lost:
        raise DatabaseRefusedError(explain_gone(lost))


def _gone(columns_of: dict[str, Sequence[str]], unique: set[str]) -> list[str]:
    """Tables, else columns and unique indexes of theirs, that are declared and aren't there."""
    gone = []
    for table in metadata.sorted_tables:
        if table.name not in columns_of:
            gone.append(table.name)
            continue
        gone += [f"{table.name}.{own.name}" for own in table.columns if own.name not in columns_of[table.name]]
        keys = [own for own in table.constraints if isinstance(own, sa.PrimaryKeyConstraint | sa.UniqueConstraint)]
        named = [str(own.name) for own in (*keys, *table.indexes) if not isinstance(own, sa.Index) or own.unique]
        gone += [name for name in named if name not in unique]
    return gone


def explain_gone(names: Sequence[str]) -> str:
    """That something of ours isn't there any more, and what to do."""
    return (
        f"Of Nightshift's tables something is gone from the database ({_name(names)}): restore it from a backup, or "
        "set NIGHTSHIFT_DATABASE_URL to a new database, and run `nightshift db upgrade` and `nightshift ingest` there."
    )


def _name(names: Sequence[str]) -> str:
    return f"{', '.join(names[:_MOST_NAMED])}{', …' if len(names) > _MOST_NAMED else ''}"
