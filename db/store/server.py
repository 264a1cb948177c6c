"""Whether a database server can be used, before anything is done: else results would be wrong, or half of it fails."""

from __future__ import annotations

import re

import sqlalchemy as sa

from db.errors import DatabaseRefusedError, DatabaseTooOldError
from db.store.refusals import NO_SCHEMA, READ_ONLY, STANDBY
from db.store.sessions import sessions_of

MIN_POSTGRES = (15, 0)
MIN_PGVECTOR = (0, 8, 4)

_LOOK = sa.text(
    "SELECT current_setting('server_version_num')::int AS number, current_schema() AS schema,"
    " has_schema_privilege(current_schema(), 'CREATE') AS may_create,"
    " pg_encoding_to_char(d.encoding) AS encoding, pg_is_in_recovery() AS standby,"
    " current_setting('transaction_read_only')::bool AS read_only,"
    " e.extversion AS vector, n.nspname AS vector_schema, has_schema_privilege(n.oid, 'USAGE') AS vector_usable,"
    " (SELECT default_version FROM pg_available_extensions WHERE name = 'vector') AS available"
    " FROM pg_database d LEFT JOIN pg_extension e ON e.extname = 'vector'"
    " LEFT JOIN pg_namespace n ON n.oid = e.extnamespace WHERE d.datname = current_database()"
)


def require_server(engine: sa.Engine) -> None:
    """Refuses servers on which results would be wrong or unsafe, and databases that can't take our tables.

    Raises:
        DatabaseUnavailableError: it can't be reached.
        DatabaseTooOldError: with the versions and what to do.
        DatabaseRefusedError: it can't be used as it is, with what to do.
        ConfigurationError: its address asks for what it doesn't have.
    """
    with _connected(engine) as connection:
        found = connection.execute(_LOOK).one()
    _require_postgres(found.number)
    if found.encoding != "UTF8":
        raise DatabaseRefusedError(
            f"The database's encoding is {found.encoding}, which can't hold every text: Nightshift needs UTF8. "
            "Make another with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0."
        )
    if found.standby or found.read_only:
        raise DatabaseRefusedError(STANDBY if found.standby else READ_ONLY)
    if found.schema is None:
        raise DatabaseRefusedError(NO_SCHEMA)
    if found.schema.startswith("pg_") or found.schema == "information_schema":
        raise DatabaseRefusedError(
            f"Schema {found.schema.rstrip('_0123456789')} is PostgreSQL's own, and none to keep tables in: name "
            "another with ?schema= in NIGHTSHIFT_DATABASE_URL."
        )
    if not found.may_create:
        raise DatabaseRefusedError(
            f"The database's role may not make tables in schema {found.schema}: GRANT CREATE ON SCHEMA "
            f'"{found.schema}" to it, or name another schema with ?schema= in NIGHTSHIFT_DATABASE_URL.'
        )
    _require_pgvector(found.vector or found.available)
    if found.vector is not None and not found.vector_usable:
        raise DatabaseRefusedError(
            f"The vector extension is in schema {found.vector_schema}, which the database's role may not use: "
            f'GRANT USAGE ON SCHEMA "{found.vector_schema}" to it.'
        )


def _connected(engine: sa.Engine) -> sa.Connection:
    try:
        return engine.connect()
    except AssertionError:  # SQLAlchemy can't make out a version
        raise DatabaseTooOldError(
            "What answers at NIGHTSHIFT_DATABASE_URL speaks PostgreSQL's language, but is another database: Nightshift "
            "needs PostgreSQL itself, with pgvector."
        ) from None


def _require_postgres(number: int) -> None:
    version = divmod(number, 10_000)
    if version < MIN_POSTGRES:
        raise DatabaseTooOldError(
            f"PostgreSQL {_dotted(version)} is too old: Nightshift needs {MIN_POSTGRES[0]} or newer. "
            "Upgrade it, or unset NIGHTSHIFT_DATABASE_URL to use the embedded server."
        )


def _require_pgvector(version: str | None) -> None:
    if version is None:
        raise DatabaseTooOldError(
            f"The database server has no pgvector: install it ({_dotted(MIN_PGVECTOR)} or newer), "
            "or unset NIGHTSHIFT_DATABASE_URL to use the embedded server."
        )
    if tuple(int(part) for part in re.findall(r"\d+", version)[:3]) < MIN_PGVECTOR:
        raise DatabaseTooOldError(
            f"pgvector {version} is too old: Nightshift needs {_dotted(MIN_PGVECTOR)} or newer, since older ones lose "
            "rows under filters and can corrupt an index on vacuum. Install a newer one, "
            "then run `ALTER EXTENSION vector UPDATE`."
        )


def read_server(engine: sa.Engine) -> dict[str, str | None]:
    """What `nightshift db status` tells of the server: versions, schemas, and what is between us and it.

    Raises:
        DatabaseUnavailableError: it can't be reached.
    """
    with engine.connect() as connection:
        found = connection.execute(_LOOK).one()
        version = str(connection.scalar(sa.text("SHOW server_version")))
    sessions = sessions_of(engine)
    pooler = ("transaction" if sessions.shared else "session") if sessions.pooled else None
    return {
        "postgresql": version,
        "pgvector": found.vector,
        "schema": found.schema,
        "pgvector_in": found.vector_schema,
        "pooler": pooler,
    }


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)
