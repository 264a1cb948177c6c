"""The pool: one for SQLAlchemy and for the raw psycopg statements that move vectors; what is set, checked and said."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from db.errors import NightshiftError
from db.store.address import OURS
from db.store.options import read_options
from db.store.pulse import Pulse, StalledError
from db.store.refusals import explain_refusal, plain_errors
from db.store.sessions import RawConnection, Sessions
from db.store.watching import WatchedConnection, connect_watched, patience, watch_over

PING_AFTER_S = 5.0
"""A connection that rested longer is pinged before it is lent; a younger one only where its socket says something."""

MOST_SCANNED = 2_000
"""Vectors after which a search through an index gives up: beyond that, reading the few that may be seen is faster."""

_ADDRESS, _CONNECT_TIMEOUT = "nightshift_address", "nightshift_connect_timeout"

_SETTINGS = {
    # what passes no filter is read on from the index, but not for ever
    "hnsw.iterative_scan": "strict_order",
    "hnsw.max_scan_tuples": str(MOST_SCANNED),
    "timezone": "UTC",
    "datestyle": "ISO",
}
_UNBOUNDED = dict.fromkeys(
    ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout"), "0"
)
"""Whatever roles and databases are set to: an index is built, and a lock waited for, as long as that takes."""


def create_engine(
    url: str | sa.URL,
    *,
    direct_url: str | sa.URL | None = None,
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
    address, settings, options = _split_off_settings(sa.make_url(url))
    if statement_timeout_s is not None:
        settings["statement_timeout"] = str(statement_timeout_s * 1000)
    settings = {**_UNBOUNDED, **settings}
    connect_args: dict[str, Any] = {
        "connect_timeout": connect_timeout_s,
        # settings are made once it stands, which poolers don't mind; PGOPTIONS isn't heeded
        "options": options,
        "client_encoding": "utf8",
        "application_name": "nightshift",
        # a peer that vanished without a word is noticed within a minute
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,
        "prepare_threshold": None,
    }
    if (address.host or "host" in address.query) and "hostaddr" not in address.query:
        connect_args["hostaddr"] = ""  # PGHOSTADDR would lead elsewhere than the address says
    engine = sa.create_engine(
        address,
        poolclass=_Pool,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=connect_timeout_s,
        # promotion counts on seeing what was committed while it waited for a lock, whatever the database's default
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        connect_args=connect_args,
    )
    arguments = {**engine.dialect.create_connect_args(address)[1], **connect_args}
    watch = patience(Pulse(arguments), statement_timeout_s, connect_timeout_s)
    direct = None
    if direct_url is not None:
        direct = create_engine(
            direct_url,
            pool_size=pool_size,
            connect_timeout_s=connect_timeout_s,
            statement_timeout_s=statement_timeout_s,
        )
    event.listen(engine, "handle_error", _in_our_words)
    Sessions(settings, _is_shared(url), lambda: connect_watched(watch, arguments), direct).listen(engine)
    watch_over(engine, watch, revive)
    event.listen(engine, "checkin", _note_return)
    event.listen(engine, "checkout", _require_alive)
    engine.update_execution_options(**{_ADDRESS: sa.make_url(url), _CONNECT_TIMEOUT: connect_timeout_s})
    return engine


def engine_beside(engine: sa.Engine, *, statement_timeout_s: int) -> sa.Engine:
    """Another engine on the same database, for one who watches: it takes no connection from those who work.

    Every statement is bounded. A server that died isn't started again by it.
    """
    made = engine.get_execution_options()
    return create_engine(
        made[_ADDRESS], pool_size=1, connect_timeout_s=made[_CONNECT_TIMEOUT], statement_timeout_s=statement_timeout_s
    )


def _split_off_settings(address: sa.URL) -> tuple[sa.URL, dict[str, str], str]:
    """The address without what libpq doesn't know, settings to make for it, and what is left of its `options`."""
    schemas = ",".join(sa.util.to_list(address.query.get("schema", ()))).split(",")
    path = ", ".join('"{}"'.format(schema.strip().replace('"', '""')) for schema in schemas if schema.strip())
    asked, rest = read_options(" ".join(sa.util.to_list(address.query.get("options", ()))))
    return (
        address.difference_update_query([*OURS, "options"]),
        {**_SETTINGS, **asked, **({"search_path": path} if path else {})},
        rest,
    )


def _is_shared(url: str | sa.URL) -> bool | None:
    """What the address itself says of a pooler, by Prisma's parameter for it."""
    said = sa.make_url(url).query.get("pgbouncer")
    return None if said is None else said == "true"


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
    return explain_refusal(error)


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
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
