"""Connections: one pool for SQLAlchemy and for the raw psycopg statements that move vectors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from pgvector.psycopg import register_vector
from sqlalchemy import event, exc

from db.errors import DatabaseTooOldError, DatabaseUnavailableError, NightshiftError

MIN_POSTGRES = (15, 0)
MIN_PGVECTOR = (0, 8, 4)

RawConnection = psycopg.Connection[tuple[Any, ...]]


def create_engine(
    url: str,
    *,
    pool_size: int = 10,
    connect_timeout_s: int = 10,
    statement_timeout_s: int | None = None,
) -> sa.Engine:
    """Makes a pool; nothing connects until it is used.

    `statement_timeout_s` bounds every statement (None: unbounded, for building indexes and migrations). Connections
    are pinged before use, so a restarted server costs no failed request.
    """
    options = "-c hnsw.iterative_scan=strict_order -c timezone=UTC"
    if statement_timeout_s is not None:
        options += f" -c statement_timeout={statement_timeout_s * 1000}"
    engine = sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=connect_timeout_s,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": connect_timeout_s,
            "options": options,
            "application_name": "nightshift",
            "keepalives_idle": 30,
            "prepare_threshold": 2,
        },
    )
    event.listen(engine, "connect", _register_types)
    return engine


def _register_types(connection: RawConnection, _record: object) -> None:
    """Teaches a new connection halfvec; a database that isn't migrated yet doesn't have it."""
    if psycopg.types.TypeInfo.fetch(connection, "vector") is not None:
        register_vector(connection)
    connection.rollback()


@contextmanager
def raw_connection(engine: sa.Engine) -> Iterator[RawConnection]:
    """Lends a pooled psycopg connection in one transaction, committed at the end, rolled back on an error."""
    with engine.begin() as connection:
        yield driver(connection)


def driver(connection: sa.Connection) -> RawConnection:
    """The psycopg connection under a SQLAlchemy one, in the same transaction."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)  # noqa: S101 - the only driver
    return raw


@contextmanager
def reading_connection(engine: sa.Engine) -> Iterator[tuple[RawConnection, dict[object, object]]]:
    """Lends a pooled psycopg connection outside any transaction, for single reading statements.

    With it comes a dictionary that lives as long as the server connection, to remember what was SET on it.
    """
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        yield driver(connection), connection.info


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turns a lost or unreachable database into one sentence that carries no address and no password.

    Raises:
        DatabaseUnavailableError: for any failed connection inside the block.
    """
    try:
        yield
    except NightshiftError:
        raise
    except (exc.OperationalError, exc.TimeoutError, psycopg.OperationalError) as error:
        cause = getattr(error, "orig", None) or error
        raise DatabaseUnavailableError(
            f"The database can't be reached ({type(cause).__name__}). Check that it runs and that "
            "NIGHTSHIFT_DATABASE_URL, if set, is right; `nightshift db status` tells more."
        ) from error


def require_server(engine: sa.Engine) -> None:
    """Refuses servers on which results would be wrong or unsafe.

    Raises:
        DatabaseUnavailableError: it can't be reached.
        DatabaseTooOldError: with the versions and what to do.
    """
    with plain_errors(), engine.connect() as connection:
        server = tuple(int(part) for part in connection.dialect.server_version_info or (0,))
        vector = connection.scalar(
            sa.text(
                "SELECT coalesce((SELECT extversion FROM pg_extension WHERE extname = 'vector'),"
                " (SELECT default_version FROM pg_available_extensions WHERE name = 'vector'))"
            )
        )
    if server < MIN_POSTGRES:
        raise DatabaseTooOldError(
            f"PostgreSQL {_dotted(server)} is too old: Nightshift needs {MIN_POSTGRES[0]} or newer. "
            "Upgrade it, or unset NIGHTSHIFT_DATABASE_URL to use the embedded server."
        )
    if vector is None:
        raise DatabaseTooOldError(
            "The database server has no pgvector: install it (0.8.4 or newer), "
            "or unset NIGHTSHIFT_DATABASE_URL to use the embedded server."
        )
    if tuple(int(part) for part in vector.split(".")[:3]) < MIN_PGVECTOR:
        raise DatabaseTooOldError(
            f"pgvector {vector} is too old: Nightshift needs {_dotted(MIN_PGVECTOR)} or newer, since older ones lose "
            "rows under filters and can corrupt an index on vacuum. Install a newer one, "
            "then run `ALTER EXTENSION vector UPDATE`."
        )


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)
