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
from db.store.pulse import is_silence

_ROOM = "The database server ran out of room ({}): give it more disk or memory."

# What libpq says has no code where a connection isn't made, so its words have to do; most of what a server says in
# another language is caught by the last but one. The first that is found counts.
_NO_CONNECTION = tuple(
    (re.compile(said, re.IGNORECASE), sentence)
    for said, sentence in (
        (
            r"unsupported startup parameter",
            "The pooler before the database refuses what the address asks for as a connection starts: take `options` "
            "out of NIGHTSHIFT_DATABASE_URL, or have the pooler ignore it (PgBouncer: ignore_startup_parameters).",
        ),
        (
            r"statement pooling mode",
            "The pooler before the database shares it out by statement, and Nightshift needs transactions: set it to "
            "pool by transaction or session, or set NIGHTSHIFT_DATABASE_URL to the server's own address.",
        ),
        (
            r"too many (clients|connections)|connection slots are reserved|no more connections allowed"
            r"|max client connections|too many connections for (role|database)",
            _ROOM.format("too many connections"),
        ),
        (
            r"no encryption|SSL required|SSL (connection )?is required|requires? SSL|use encryption|insecure conn",
            "The database server doesn't let this machine in unencrypted: add sslmode=require to "
            "NIGHTSHIFT_DATABASE_URL (or have it let in: pg_hba.conf).",
        ),
        (
            r"no pg_hba\.conf entry|pg_hba\.conf rejects",
            "The database server doesn't let this machine, user or database in: add a line to its pg_hba.conf.",
        ),
        (
            r"GSSAPI encryption|GSSENCMODE|gssencmode",
            "The database server doesn't encrypt by GSSAPI, or has no ticket of ours, and gssencmode in "
            "NIGHTSHIFT_DATABASE_URL (or PGGSSENCMODE) asks for it: take it out.",
        ),
        (
            r"SSL was required|does not support SSL",
            "The database server doesn't speak TLS, and NIGHTSHIFT_DATABASE_URL (or PGSSLMODE) asks for it: turn it on "
            "there, or take sslmode out.",
        ),
        (
            r"certificate|sslrootcert|SSL error|private key file|tlsv1 alert|weak sslmode",
            "The database server's certificate can't be verified, or ours isn't taken: check sslmode, sslrootcert, "
            "sslcert and sslkey in NIGHTSHIFT_DATABASE_URL, and that the host is named as in the certificate.",
        ),
        (
            r"invalid value for parameter \"(timezone|datestyle|geqo|client_encoding)\"",
            "PGTZ, PGDATESTYLE, PGGEQO or PGCLIENTENCODING has a value that the database doesn't know: unset it.",
        ),
        (
            r"definition of service|service file",
            "PGSERVICE, or service in NIGHTSHIFT_DATABASE_URL, names a service that there isn't: unset it, or add "
            "it to ~/.pg_service.conf.",
        ),
        (
            r"database .* does not exist|no such database|not allow(ing)? connections",
            "The database server knows no database of that name: make it (CREATE DATABASE … ENCODING 'UTF8'), or "
            "correct the name in NIGHTSHIFT_DATABASE_URL.",
        ),
        (
            r"permission denied for database|CONNECT privilege|not permitted to log in",
            "The database's role may not connect to it: GRANT CONNECT ON DATABASE to it, and see that it has LOGIN.",
        ),
        (
            r"authentication failed|no password supplied|role .* does not exist|no such user|auth failed"
            r"|wrong password|password is (missing|empty)|password authentication",
            "The database server refuses the user or the password: check both in NIGHTSHIFT_DATABASE_URL, with special "
            "characters percent-encoded (@ as %40).",
        ),
        (
            r"authentication method|channel binding",
            "The database server doesn't log in the way that require_auth or channel_binding (in "
            "NIGHTSHIFT_DATABASE_URL, or PGREQUIREAUTH and PGCHANNELBINDING) ask for: take them out, or change the "
            "server.",
        ),
        (
            r"session is read-only|is in hot standby|is not in hot standby|session is not read-only",
            "The database server isn't of the kind that target_session_attrs asks for: name one that takes writes "
            "(target_session_attrs=read-write) in NIGHTSHIFT_DATABASE_URL.",
        ),
        (
            r"is starting up|is shutting down|recovery mode|not yet accepting|not accepting connections",
            "The database server is starting or stopping: try again in a minute.",
        ),
        (
            r"failed to resolve host|could not translate host|name or service not known",
            "There is no host of the name in NIGHTSHIFT_DATABASE_URL, or it can't be looked up from here, so the "
            "database can't be reached: correct it, or check the network.",
        ),
        (
            r"connection refused|No such file or directory",
            "The database can't be reached: nobody listens at its host and port. Start the server, or correct "
            "NIGHTSHIFT_DATABASE_URL.",
        ),
        (
            r"no route to host|network is unreachable|timeout expired",
            "The database's host can't be reached from here: check host and port in NIGHTSHIFT_DATABASE_URL, and "
            "whether a firewall is between.",
        ),
        (
            r"invalid response to SSL|expected authentication request|invalid protocol|unexpected response",
            "What answers at the host and port in NIGHTSHIFT_DATABASE_URL is no PostgreSQL: correct the port.",
        ),
        (
            r"invalid .* value|invalid (integer|port)|could not match \d+ (host|port)",
            "NIGHTSHIFT_DATABASE_URL (or a PG… variable) has a parameter with a value that there isn't: correct it.",
        ),
        (
            r"query_wait_timeout",
            "The pooler has no connection to the database to spare: give it more (PgBouncer: default_pool_size), or "
            "look into its log.",
        ),
        (
            r"server_login|server login|pgbouncer cannot connect|no working server",
            "The pooler answers, but gets no connection to the database: look into its log.",
        ),
        (
            r"FATAL|FATAAL|ВАЖНО|致命",
            "The database server answers, but refuses the connection: check user, password and database in "
            "NIGHTSHIFT_DATABASE_URL; the server's log says why.",
        ),
    )
)


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
            return DatabaseFullError(_ROOM.format(type(cause).__name__))
        case errors.InsufficientPrivilege():
            return DatabaseRefusedError(
                "The database's role may not do this: let it own Nightshift's tables, and grant it CREATE on the "
                "database and its schema."
            )
        case errors.ReadOnlySqlTransaction():
            return DatabaseRefusedError(READ_ONLY)
        case errors.InvalidSchemaName():
            return DatabaseRefusedError(NO_SCHEMA)
        case exc.TimeoutError() | psycopg.OperationalError():
            return DatabaseUnavailableError(_explain(cause))
    return None


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


def _explain(cause: BaseException) -> str:
    if isinstance(cause, exc.TimeoutError):
        return "All connections to the database are in use: try again, or raise NIGHTSHIFT_POOL_SIZE."
    if isinstance(cause, errors.QueryCanceled):
        return "The database took too long over a statement: try again, or raise NIGHTSHIFT_STATEMENT_TIMEOUT_S."
    if is_silence(cause):
        return (
            "The database doesn't answer: try again in a minute. If it stays so, look whether its server is stopped or "
            "overloaded, and whether a firewall is between; `nightshift db status` tells more."
        )
    sqlstate = getattr(cause, "sqlstate", None)
    if (sqlstate or "").startswith("53"):
        return _ROOM.format(type(cause).__name__)
    # one with a code came over a connection that was made, with somebody's values in it
    said = str(cause) if sqlstate in (None, "08P01") else ""
    # of a host's several addresses, the last one's
    said = said.partition("\nMultiple connection attempts failed")[0]
    for pattern, sentence in _NO_CONNECTION:
        if pattern.search(said):
            return sentence
    return (
        f"The database can't be reached ({type(cause).__name__}). Check that it runs and that "
        "NIGHTSHIFT_DATABASE_URL, if set, is right; `nightshift db status` tells more."
    )
