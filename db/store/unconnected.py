"""Why no connection to a database came to be, as far as what libpq, servers and poolers say of it is understood."""

from __future__ import annotations

import re

NO_CONNECTION_LEFT = (
    "The database server has no connection left to give (max_connections): raise that, lower NIGHTSHIFT_POOL_SIZE, or "
    "end what else is connected."
)

# What libpq says has no code where a connection isn't made, so its words have to do; most of what a server says in
# another language is caught by the last but one. The first that is found counts.
_SENTENCES = tuple(
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
            r"too many connections for role",
            "The database's role has as many connections as it may have: raise its limit (ALTER ROLE … CONNECTION "
            "LIMIT), lower NIGHTSHIFT_POOL_SIZE, or end what else connects as it.",
        ),
        (
            r"too many connections for database",
            "The database has as many connections as it may have: raise its limit (ALTER DATABASE … CONNECTION "
            "LIMIT), lower NIGHTSHIFT_POOL_SIZE, or end what else is connected to it.",
        ),
        (
            r"no more connections allowed|max client connections|max clients reached|client_conn",
            "The pooler before the database has as many clients as it may have: raise its limit (PgBouncer: "
            "max_client_conn), lower NIGHTSHIFT_POOL_SIZE, or end what else is connected to it.",
        ),
        (r"too many (clients|connections)|connection slots are reserved", NO_CONNECTION_LEFT),
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
            r"is not currently accepting connections",
            "The database takes no connections: ALTER DATABASE … ALLOW_CONNECTIONS true, or correct its name in "
            "NIGHTSHIFT_DATABASE_URL.",
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


def why_unconnected(said: str) -> str | None:
    """A sentence that says what to do; None where nothing is made out of what was said."""
    said = said.partition("\nMultiple connection attempts failed")[0]  # of a host's several addresses, the last one's
    return next((sentence for pattern, sentence in _SENTENCES if pattern.search(said)), None)
