"""What each session is given: its settings, the vector types wherever they live, and what a pooler's sharing needs.

A pooler in transaction mode (PgBouncer, Supavisor, …) lends a session for one transaction, so that nothing outlives
it: settings are made anew in each transaction, nothing is prepared, and what needs a session of its own (locks that
outlive a transaction, LISTEN) goes by the server's own address.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from pgvector.psycopg import register_vector
from psycopg import errors, sql
from sqlalchemy import event

from db.errors import ConfigurationError, DatabaseRefusedError, DatabaseUnavailableError
from db.store.address import DATABASE_URL, DIRECT_DATABASE_URL
from db.store.refusals import plain_errors

RawConnection = psycopg.Connection[tuple[Any, ...]]

PREPARE_AFTER = 2
"""Times that a statement runs in a session before it is prepared."""

_WITH_TRANSACTION_TIMEOUT = 170_000
"""The first PostgreSQL that has one, which a role may be set to."""

_LOOKS = 4
"""Times that two sessions are compared: others who use a pooler at the same moment blur one look."""

_SESSIONS = "nightshift_sessions"

NO_SESSION = (
    "The database's address leads through a pooler in transaction mode, where the nights' locks don't hold and nobody "
    "hears of requests: set NIGHTSHIFT_DIRECT_DATABASE_URL to the server's own address beside NIGHTSHIFT_DATABASE_URL."
)
_OTHER_DATABASE = (
    "NIGHTSHIFT_DIRECT_DATABASE_URL and NIGHTSHIFT_DATABASE_URL lead to two databases or schemas: they must be two "
    "ways to one."
)
_BAD_SETTING = "The database server doesn't take a setting in `options` of NIGHTSHIFT_DATABASE_URL ({}): take it out."


class Sessions:
    """How the sessions behind one engine are set up; whether they are shared out is found with the first.

    Args:
        settings: PostgreSQL's, by name.
        shared: whether a pooler lends them by transaction; None: look.
        connect: makes one more connection, beside the pool.
        direct: an engine by the server's own address, for what needs a session.
    """

    def __init__(
        self,
        settings: dict[str, str],
        shared: bool | None,
        connect: Callable[[], RawConnection],
        direct: sa.Engine | None,
    ) -> None:
        self.shared = shared
        self.pooled = bool(shared)
        self.direct = direct
        self._settings = settings
        self._connect = connect
        self._search_path: str | None = None
        self._looking = threading.Lock()

    def listen(self, engine: sa.Engine) -> None:
        """Sets up each new connection of the engine, and each transaction where sessions are shared."""
        engine.update_execution_options(**{_SESSIONS: self})
        event.listen(engine, "connect", lambda connection, _record: self.set_up(connection))
        event.listen(engine, "begin", self._begin)
        if self.direct is not None:
            event.listen(engine, "engine_disposed", self._dispose)

    def _dispose(self, _engine: sa.Engine) -> None:
        if self.direct is not None:
            self.direct.dispose()

    def set_up(self, raw: RawConnection) -> None:
        """Makes a new connection's settings and teaches it halfvec; a database not yet migrated may not have it.

        Raises:
            ConfigurationError: the server refuses a setting of the address.
        """
        try:
            with self._looking:
                if self.shared is None:
                    self.pooled, self.shared = self._look(raw)
            self._set_up(raw)
        except BaseException:
            raw.close()  # the pool never hears of it
            raise

    def _set_up(self, raw: RawConnection) -> None:
        self.apply(raw)
        place = raw.execute(
            "SELECT quote_ident(n.nspname), n.nspname = ANY (current_schemas(true)),"
            # without a schema for our tables they would be made in the extension's
            " has_schema_privilege(n.oid, 'USAGE') AND current_schema() IS NOT NULL, current_setting('search_path')"
            " FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector'"
        ).fetchone()
        if place is not None:
            schema, is_on_path, may_be_used, path = place
            if may_be_used and not is_on_path:
                self._search_path = f"{path}, {schema}"
                self._set(raw, {"search_path": self._search_path})
            if may_be_used:
                register_vector(raw)
        raw.commit()
        raw.prepare_threshold = None if self.shared else PREPARE_AFTER

    def apply(self, raw: RawConnection) -> None:
        """Makes the settings, for the session or, where it is shared, for the transaction that begins with this."""
        path = {} if self._search_path is None or not self.shared else {"search_path": self._search_path}
        unbounded = {"transaction_timeout": "0"} if raw.info.server_version >= _WITH_TRANSACTION_TIMEOUT else {}
        self._set(raw, unbounded | self._settings | path)

    def _set(self, raw: RawConnection, settings: dict[str, str]) -> None:
        try:
            raw.execute(
                sql.SQL("; ").join(_setting(*setting, is_local=bool(self.shared)) for setting in settings.items())
            )
        except (errors.UndefinedObject, errors.InvalidParameterValue, errors.CantChangeRuntimeParam) as error:
            raise ConfigurationError(_BAD_SETTING.format(type(error).__name__)) from error
        except errors.InsufficientPrivilege as error:
            raise ConfigurationError(_BAD_SETTING.format("its role may not")) from error

    def _begin(self, connection: sa.Connection) -> None:
        raw = connection.connection.driver_connection
        if self.shared and isinstance(raw, psycopg.Connection) and not raw.autocommit:
            with plain_errors():
                self.apply(raw)

    def _look(self, raw: RawConnection) -> tuple[bool, bool]:
        """Whether there is a pooler, and whether it shares sessions out by transaction.

        It tells each client another process id than the server's. Where it shares, two clients meet in one session, or
        one finds itself in another while somebody holds its last.
        """
        mine = _backend(raw)
        raw.rollback()
        if mine == raw.info.backend_pid:
            return False, False
        with self._connect() as other:
            for _ in range(_LOOKS):
                # in a transaction, so that it stays its own: where a pool has only that one, the first look must do
                shared = _backend(other) == mine or _backend(raw) != mine
                raw.rollback()
                other.rollback()
                if shared:
                    return True, True
        return True, False


def _setting(name: str, value: str, *, is_local: bool) -> sql.Composed:
    """A statement that takes no snapshot, so that a transaction's isolation may still be chosen after it."""
    # a list of names, quoted where they need it: as one literal it would be one name
    written = sql.SQL(value) if name == "search_path" else sql.Literal(value)
    scope = sql.SQL("LOCAL" if is_local else "SESSION")
    return sql.SQL("SET {} {} = {}").format(scope, sql.Identifier(*name.split(".")), written)


def _backend(raw: RawConnection) -> int:
    row = raw.execute("SELECT pg_backend_pid()", prepare=False).fetchone()
    return int(row[0]) if row else 0


def sessions_of(engine: sa.Engine) -> Sessions:
    """How the engine's sessions are; `shared` is None before its first connection."""
    found = engine.get_execution_options()[_SESSIONS]
    assert isinstance(found, Sessions)  # noqa: S101 - each of our engines has them
    return found


@contextmanager
def session_connection(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Lends a connection in autocommit whose session is its own as long as the block runs: for locks, and LISTEN.

    Raises:
        DatabaseRefusedError: sessions are shared out, and there is no direct address beside.
        ConfigurationError: that one leads to another database.
        DatabaseUnavailableError: it can't be reached.
    """
    require_sessions(engine)
    sessions = sessions_of(engine)
    own = sessions.direct if sessions.shared and sessions.direct is not None else engine
    with own.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        yield connection


def require_sessions(engine: sa.Engine) -> None:
    """Refuses an engine that has no session to give which stays its own: see `session_connection`."""
    sessions = sessions_of(engine)
    with engine.connect() as connection:
        if not sessions.shared:
            return
        if sessions.direct is None:
            raise DatabaseRefusedError(NO_SESSION)
        place = _place(connection)
    try:
        direct = sessions.direct.connect()
    except DatabaseUnavailableError as error:  # which sees an address, and not which of the two
        raise DatabaseUnavailableError(str(error).replace(DATABASE_URL, DIRECT_DATABASE_URL)) from error
    with direct as connection:
        if sessions_of(sessions.direct).shared:
            raise DatabaseRefusedError(NO_SESSION)
        if _place(connection) != place:
            raise ConfigurationError(_OTHER_DATABASE)


def _place(connection: sa.Connection) -> tuple[Any, ...]:
    which = "SELECT pg_postmaster_start_time(), current_database(), current_schema()"
    return tuple(connection.execute(sa.text(which)).one())
