"""Connections: one pool for SQLAlchemy and for the raw psycopg statements that move vectors."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from pgvector.psycopg import register_vector
from sqlalchemy import event, exc
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from db.errors import (
    DatabaseContendedError,
    DatabaseFullError,
    DatabaseTooOldError,
    DatabaseUnavailableError,
    NightshiftError,
)
from db.store.pulse import Pulse, StalledError, WatchedConnection, is_silence, patience, watch_over

MIN_POSTGRES = (15, 0)
MIN_PGVECTOR = (0, 8, 4)

PING_AFTER_S = 5.0
"""A connection that rested longer is pinged before it is lent; a younger one only where its socket says something."""

MOST_SCANNED = 2_000
"""Vectors after which a search through an index gives up: beyond that, reading the few that may be seen is faster."""

_SESSION = (
    # what passes no filter is read on from the index, but not for ever
    f"-c hnsw.iterative_scan=strict_order -c hnsw.max_scan_tuples={MOST_SCANNED}"
    # promotion counts on seeing what was committed while it waited for a lock
    r" -c default_transaction_isolation=read\ committed -c timezone=UTC"
)

RawConnection = psycopg.Connection[tuple[Any, ...]]


def create_engine(
    url: str,
    *,
    pool_size: int = 10,
    connect_timeout_s: int = 10,
    statement_timeout_s: int | None = None,
    revive: Callable[[], object] | None = None,
) -> sa.Engine:
    """Makes a pool; nothing connects until it is used.

    `statement_timeout_s` bounds every statement (None: unbounded, for building indexes and migrations). Connections
    are checked before use, so a restarted server costs no failed request. One that says nothing at all is given up on
    this side, within seconds where statements are bounded. `revive` is called where nobody listens at all, and then it
    is tried once more. Error messages carry no parameters.

    A database that is lost, unreachable or overwhelmed raises a DatabaseUnavailableError wherever a connection of the
    pool is used, also by those who are lent a raw one here: nobody else translates what SQLAlchemy and psycopg raise.
    """
    address = sa.make_url(url)
    options = [_SESSION, *sa.util.to_list(address.query.get("options", ()))]
    if statement_timeout_s is not None:
        options.append(f"-c statement_timeout={statement_timeout_s * 1000}")
    connect_args = {
        "connect_timeout": connect_timeout_s,
        "options": " ".join(options),
        "application_name": "nightshift",
        # a peer that vanished without a word is noticed within a minute
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,
        "prepare_threshold": 2,
    }
    engine = sa.create_engine(
        address,
        poolclass=_Pool,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=connect_timeout_s,
        hide_parameters=True,
        connect_args=connect_args,
    )
    pulse = Pulse({**engine.dialect.create_connect_args(address)[1], **connect_args})
    watch_over(engine, patience(pulse, statement_timeout_s), revive)
    event.listen(engine, "handle_error", _in_our_words)
    event.listen(engine, "connect", _register_types)
    event.listen(engine, "checkin", _note_return)
    event.listen(engine, "checkout", _require_alive)
    return engine


class _Pool(sa.QueuePool):
    """Whoever gets no connection is told so in our words."""

    __module__ = sa.QueuePool.__module__  # what it logs is SQLAlchemy's to say, and said as seldom

    def connect(self) -> PoolProxiedConnection:
        with plain_errors():
            return super().connect()


def _in_our_words(context: ExceptionContext) -> Exception | None:
    """What SQLAlchemy raises in the place of its own error, if anything."""
    error = context.original_exception
    if isinstance(error, NightshiftError):  # on its way up from the pool
        return error
    return _ours(error) if isinstance(error, psycopg.OperationalError) else None


def _note_return(_connection: RawConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["returned_at"] = time.monotonic()


def _require_alive(connection: RawConnection, record: ConnectionPoolEntry, _lent: object) -> None:
    """As SQLAlchemy's pre-ping, without its round trip where the server can't have gone: that would slow each search.

    A server that ends a connection says so or closes it, and then the socket is readable.
    """
    rested_s = time.monotonic() - record.info.get("returned_at", time.monotonic())
    if isinstance(connection, WatchedConnection):
        connection.require_answer()
    if rested_s < PING_AFTER_S and not connection.closed and not _is_readable(connection.fileno()):
        return
    try:
        connection.execute("")
        connection.rollback()
    except StalledError:
        raise  # and so would another one
    except psycopg.Error as error:
        # the pool drops its other connections too, opens a new one and goes on
        raise exc.InvalidatePoolError from error


def _is_readable(descriptor: int) -> bool:
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def _register_types(connection: RawConnection, _record: object) -> None:
    """Teaches a new connection halfvec; a database that isn't migrated yet doesn't have it."""
    if psycopg.types.TypeInfo.fetch(connection, "vector") is not None:
        register_vector(connection)
    connection.rollback()


@contextmanager
def raw_connection(engine: sa.Engine) -> Iterator[RawConnection]:
    """Lends a pooled psycopg connection in one transaction, committed at the end, rolled back on an error."""
    with transaction(engine) as (_, raw):
        yield raw


@contextmanager
def transaction(engine: sa.Engine) -> Iterator[tuple[sa.Connection, RawConnection]]:
    """One transaction for statements of both kinds, committed at the end, rolled back on an error."""
    with plain_errors(), engine.begin() as connection:
        yield connection, driver(connection)


def driver(connection: sa.Connection) -> RawConnection:
    """The psycopg connection under a SQLAlchemy one, in the same transaction."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)  # noqa: S101 - the only driver
    return raw


@contextmanager
def reading_connection(engine: sa.Engine) -> Iterator[tuple[RawConnection, dict[Any, Any]]]:
    """Lends a pooled psycopg connection outside any transaction, for single reading statements.

    With it comes a dictionary that lives as long as the server connection, to remember what was SET on it.
    """
    lent = engine.raw_connection()
    try:
        raw = lent.driver_connection
        assert isinstance(raw, psycopg.Connection)  # noqa: S101 - the only driver
        with plain_errors():
            raw.autocommit = True
            yield raw, lent.info
            raw.autocommit = False
    except BaseException:
        lent.invalidate()  # in whatever state the failed statement left it
        raise
    finally:
        lent.close()


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turns a lost, unreachable or overwhelmed database into one sentence that carries no address and no password.

    Raises:
        DatabaseFullError: its disk is full, so that trying again is in vain.
        DatabaseContendedError: it ended a deadlock by giving up the block's transaction.
        DatabaseUnavailableError: for any other such failure inside the block.
    """
    try:
        yield
    except NightshiftError:
        raise
    except (exc.OperationalError, exc.TimeoutError, psycopg.OperationalError) as error:
        raise _ours(error) from error


def _ours(error: BaseException) -> DatabaseUnavailableError:
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, psycopg.errors.DeadlockDetected):
        return DatabaseContendedError()
    if isinstance(cause, psycopg.errors.DiskFull):
        return DatabaseFullError(_explain(cause))
    return DatabaseUnavailableError(_explain(cause))


def _explain(cause: BaseException) -> str:
    if isinstance(cause, exc.TimeoutError):
        return "All connections to the database are in use: try again, or raise NIGHTSHIFT_POOL_SIZE."
    if isinstance(cause, psycopg.errors.QueryCanceled):
        return "The database took too long over a statement: try again, or raise NIGHTSHIFT_STATEMENT_TIMEOUT_S."
    if is_silence(cause):
        return (
            "The database doesn't answer: try again in a minute. If it stays so, look whether its server is stopped or "
            "overloaded; `nightshift db status` tells more."
        )
    if (getattr(cause, "sqlstate", None) or "").startswith("53"):
        return f"The database server ran out of room ({type(cause).__name__}): give it more disk or memory."
    return (
        f"The database can't be reached ({type(cause).__name__}). Check that it runs and that "
        "NIGHTSHIFT_DATABASE_URL, if set, is right; `nightshift db status` tells more."
    )


def require_server(engine: sa.Engine) -> None:
    """Refuses servers on which results would be wrong or unsafe.

    Raises:
        DatabaseUnavailableError: it can't be reached.
        DatabaseTooOldError: with the versions and what to do.
    """
    with engine.connect() as connection:
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


def read_versions(engine: sa.Engine) -> tuple[str, str | None]:
    """The server's version, and that of pgvector in this database, if it is there.

    Raises:
        DatabaseUnavailableError: it can't be reached.
    """
    vector = sa.text("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    with engine.connect() as connection:
        return str(connection.scalar(sa.text("SHOW server_version"))), connection.scalar(vector)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)
