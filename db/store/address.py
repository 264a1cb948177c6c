"""A database's address, in every form that people and hosts write it in, made into SQLAlchemy's; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from urllib.parse import unquote

import psycopg
import sqlalchemy as sa
from psycopg import conninfo

from db.errors import ConfigurationError

DATABASE_URL = "NIGHTSHIFT_DATABASE_URL"
DIRECT_DATABASE_URL = "NIGHTSHIFT_DIRECT_DATABASE_URL"

OURS = ("schema", "pgbouncer")
"""Parameters that are no libpq's: the schema to use, and whether there is a pooler that shares connections out."""

_KINDS = ("postgresql", "postgres")
_SAME = {"currentSchema": "schema", "username": "user", "database": "dbname"}
_SSL = {"true": "require", "1": "require", "no-verify": "require", "false": "disable", "0": "disable"}
_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_SESSION_ATTRIBUTES = ("any", "read-write", "read-only", "primary", "standby", "prefer-standby")

_HOST = r"(?:\[[0-9A-Fa-f:.]+(?:%[\w.-]+)?\]|(?:[\w.~$-]|%[0-9A-Fa-f]{2})*)(?::\d{0,5})?"
_HOSTS = re.compile(f"{_HOST}(?:,{_HOST})*")
_BY_THE_BOOK = re.compile(
    r"(?:(?P<person>[^@/?#]*)@)?(?P<hosts>[^@/?#]*)(?:/(?P<database>[^@/?#]*))?(?:\?(?P<query>.*))?"
)
# a password with @, /, ? or # in it as they are
_FROM_THE_END = re.compile(
    r"(?:(?P<person>.*)@)?(?P<hosts>[^@/?#]*)(?:/(?P<database>[^@/?#]*))?(?:\?(?P<query>[^@]*))?"
)

_Parts = dict[str, str]


def read_address(written: str, variable: str = DATABASE_URL) -> sa.URL:
    """The address with psycopg as its driver; what it leaves out, libpq takes from its own variables.

    Read are libpq's URLs and its `name=value` form, with another program's driver (`postgresql+asyncpg`, `jdbc:`) or
    without; a password whose special characters stand there as they are; Prisma's `schema` and `pgbouncer`, JDBC's
    `currentSchema`, `ssl`.

    Raises:
        ConfigurationError: it can't be read, or has a parameter that means nothing; no value of it is in the sentence.
    """
    try:
        parameters = _checked(_read(written.strip()))
    except ValueError as problem:
        raise ConfigurationError(f"{variable} {problem}") from None
    hosts, ports = parameters.pop("host", ""), parameters.pop("port", "")
    is_plain = not set(hosts) & set("/,")
    return sa.URL.create(
        "postgresql+psycopg",
        username=parameters.pop("user", None),
        password=parameters.pop("password", None),
        host=hosts or None if is_plain else None,
        port=int(ports) if is_plain and hosts and ports else None,
        database=parameters.pop("dbname", None),
        query=parameters | ({} if is_plain and hosts else _given(host=hosts, port=ports)),
    )


def _read(text: str) -> _Parts:
    scheme, separator, rest = text.partition("://")
    if not separator and "=" in text:
        try:
            return {name: str(value) for name, value in conninfo.conninfo_to_dict(text).items()}
        except (psycopg.Error, UnicodeError):
            raise ValueError(_NO_ADDRESS) from None
    if not separator or scheme.lower().removeprefix("jdbc:").partition("+")[0] not in _KINDS:
        raise ValueError(_NO_ADDRESS)
    ways = [dict(way.groupdict("")) for form in (_BY_THE_BOOK, _FROM_THE_END) if (way := form.fullmatch(rest))]
    ways = [way for way in ways if _HOSTS.fullmatch(way["hosts"])]
    if not ways:
        raise ValueError(
            "can't be read: write special characters of user and password percent-encoded (@ as %40, / as %2F, : as "
            "%3A), as in postgresql://user:p%40ss@host:5432/database."
        )
    return _named(next((way for way in ways if _makes_sense(way)), ways[-1]))


_NO_ADDRESS = "is not an address of a PostgreSQL database; use postgresql://user:password@host:5432/database."


def _makes_sense(way: _Parts) -> bool:
    """Whether what stands behind a question mark are parameters, and not the rest of a password."""
    is_cut = "@" in way["query"] and not way["person"] and not way["database"]
    return not is_cut and all(name in _known() for name, _ in _pairs(way["query"]))


def _named(way: _Parts) -> _Parts:
    """The parts of a URL by libpq's names."""
    user, _, password = way["person"].partition(":")
    places = [place.rpartition(":") if re.search(r":\d*\Z", place) else (place, "", "") for place in _places(way)]
    ports = [port for _, _, port in places]
    found = {
        "user": _decoded(user),
        "password": _decoded(password),
        "host": ",".join(_decoded(host).strip("[]") for host, _, _ in places),
        "port": ",".join(ports) if any(ports) else "",
        "dbname": _decoded(way["database"]),
    }
    for name, value in _pairs(way["query"]):
        if name not in _known():
            # beside an @ it may be a piece of the password
            raise ValueError(_stranger(name if re.fullmatch(r"\w{3,40}", name) and "@" not in way["query"] else ""))
        # + is a space only where other programs put one
        found[name] = _decoded(value.replace("+", " ") if name in ("options", "schema") else value)
    return found


def _places(way: _Parts) -> list[str]:
    return way["hosts"].split(",")


def _pairs(query: str) -> Iterator[tuple[str, str]]:
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        yield _SAME.get(name, name), value


def _decoded(text: str) -> str:
    try:
        decoded = unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ValueError("can't be read: write a % of user or password as %25.") from None
    if "\0" in decoded:
        raise ValueError("has a %00 in it, which PostgreSQL takes nowhere: write a % of user or password as %25.")
    return decoded


def _stranger(name: str) -> str:
    which = f"the parameter {name}" if name else "a parameter"
    return f"has {which} that PostgreSQL's clients don't know: take it out of the address."


def _checked(parameters: _Parts) -> _Parts:
    given = _given(**parameters)
    if (ssl := given.pop("ssl", None)) is not None:
        given.setdefault("sslmode", _SSL.get(ssl.lower(), ssl))
    for name, values in ("sslmode", _SSL_MODES), ("target_session_attrs", _SESSION_ATTRIBUTES):
        if given.get(name, values[0]) not in values:
            raise ValueError(f"has a {name} that there isn't: choose {', '.join(values[:-1])} or {values[-1]}.")
    if given.get("pgbouncer", "true") not in ("true", "false"):
        raise ValueError("has a pgbouncer that is neither true nor false.")
    if any(not 0 < int(port) < 65536 if port.isdigit() else port for port in given.get("port", "").split(",")):
        raise ValueError("has a port that is none: write a number from 1 to 65535.")
    for name in "connect_timeout", "keepalives_idle", "tcp_user_timeout":
        if not given.get(name, "0").isdigit():
            raise ValueError(f"has a {name} that is no whole number.")
    return given


def _given(**parameters: str) -> _Parts:
    return {name: value for name, value in parameters.items() if value}


@cache
def _known() -> frozenset[str]:
    return frozenset(option.keyword.decode() for option in psycopg.pq.Conninfo.get_defaults()) | {*OURS, "ssl"}
