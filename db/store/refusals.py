"""Why a database can't be used, in one sentence that says what to do: never its address, never a password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors
from sqlalchemy import exc

from db.errors import (
    DatabaseContendedError,
    DatabaseFullError,
    DatabaseRefusedError,
    DatabaseUnavailableError,
    NightshiftError,
)
from db.schema import metadata
from db.store.pulse import is_silence
from db.store.standing import explain_gone
from db.store.unconnected import NO_CONNECTION_LEFT, why_unconnected

_QUOTED = re.compile(r"\"([^\"]+)\"|«\s?([^»]+?)\s?»|„([^“]+)“|“([^”]+)”")


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turns what is wrong with the database, and not with us, into one sentence that carries no address or password.

    Raises:
        DatabaseFullError: its disk is full, so that trying again is in vain.
        DatabaseContendedError: it ended a deadlock by giving up the block's transaction.
        DatabaseUnavailableError: it is lost, unreachable or overwhelmed.
        DatabaseRefusedError: it may not be written to, or not by this role.
    """
    try:
        yield
    except NightshiftError:
        raise
    except (exc.DBAPIError, exc.TimeoutError, psycopg.Error) as error:
        ours = explain_refusal(error)
        if ours is None:
            raise
        raise ours from error


def explain_refusal(error: BaseException) -> NightshiftError | None:
    """Ours for a driver's (or SQLAlchemy's) error, if it says something about the database and not about us."""
    cause = getattr(error, "orig", None) or error
    match cause:
        case errors.DeadlockDetected():
            return DatabaseContendedError()
        case errors.DiskFull():
            return DatabaseFullError("The database server ran out of room (DiskFull): give it more disk.")
        case errors.InsufficientPrivilege():
            return DatabaseRefusedError(
                f"The database's role may not do this{said(cause)}: let it own Nightshift's tables, and grant it "
                "CREATE on the database and its schema."
            )
        case errors.RaiseException():  # no function of ours does
            return DatabaseRefusedError(
                "A trigger or an event trigger that was added to the database refuses this, and its log says why: have "
                "it except Nightshift's tables."
            )
        case errors.UndefinedTable():
            ours = [name for name in names_in(cause.diag.message_primary or "") if name in metadata.tables]
            return DatabaseRefusedError(explain_gone(ours)) if ours else None
        case errors.ReadOnlySqlTransaction():
            return DatabaseRefusedError(READ_ONLY)
        case errors.InvalidSchemaName():
            return DatabaseRefusedError(NO_SCHEMA)
        case exc.TimeoutError() | psycopg.OperationalError():
            return DatabaseUnavailableError(_explain(cause))
    return None


def said(cause: psycopg.Error) -> str:
    """The server's own words, which name things and hold no values."""
    return f" ({cause.diag.message_primary})" if cause.diag.message_primary else ""


def names_in(message: str) -> list[str]:
    """What is named in a server's message, whatever language that is in."""
    return [next(filter(None, found)) for found in _QUOTED.findall(message)]


READ_ONLY = (
    "The database takes no writes from its role (default_transaction_read_only is on, or its disk is full): turn that "
    "off, or use another role."
)
STANDBY = (
    "The database server is a standby, which takes no writes: set NIGHTSHIFT_DATABASE_URL to the primary, or name all "
    "hosts in it and add target_session_attrs=read-write."
)
NO_SCHEMA = (
    "The database's role has no schema to make tables in: its search_path names none that exists and that it may use. "
    "CREATE SCHEMA nightshift AUTHORIZATION it, and add ?schema=nightshift to NIGHTSHIFT_DATABASE_URL."
)

_OUT_OF = {
    "53000": "The database server ran out of something, and its log says of what: give it more of that.",
    "53200": (
        "The database server ran out of memory: give it more, or raise max_locks_per_transaction if its log says so."
    ),
    "53300": NO_CONNECTION_LEFT,
    "53400": (
        "The database server's own limit stands in the way, and its log says which (temp_file_limit, as a rule): raise "
        "it for Nightshift's role."
    ),
}


def _explain(cause: BaseException) -> str:
    if isinstance(cause, exc.TimeoutError):
        return "All connections to the database are in use: try again, or raise NIGHTSHIFT_POOL_SIZE."
    if isinstance(cause, errors.QueryCanceled):
        return "The database took too long over a statement: try again, or raise NIGHTSHIFT_STATEMENT_TIMEOUT_S."
    if is_silence(cause):
        return (
            "The database doesn't answer: try again in a minute. If it stays so, look whether its server, or a pooler "
            "before it, is stopped, paused or overloaded, and whether a firewall is between; `nightshift db status` "
            "tells more."
        )
    sqlstate = getattr(cause, "sqlstate", None)
    if sqlstate in _OUT_OF:
        return _OUT_OF[sqlstate]
    # one with a code came over a connection that was made, with somebody's values in it
    words = str(cause) if sqlstate in (None, "08P01") else ""
    return why_unconnected(words) or (
        f"The database can't be reached ({type(cause).__name__}). Check that it runs and that "
        "NIGHTSHIFT_DATABASE_URL, if set, is right; `nightshift db status` tells more."
    )
