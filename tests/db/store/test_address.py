"""Addresses as people and hosts write them: read, or refused by name without a word of theirs."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from db.errors import ConfigurationError
from db.store.address import DIRECT_DATABASE_URL, read_address
from db.store.engine import create_engine


def arguments(url: str) -> dict[str, object]:
    """What psycopg is told."""
    address = read_address(url)
    found: dict[str, object] = sa.create_engine(address).dialect.create_connect_args(address)[1]
    del found["context"]
    return found


USUAL = {"host": "db.example.com", "user": "ann", "password": "pw", "dbname": "shop"}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("postgresql://ann:pw@db.example.com/shop", {}),
        ("postgres://ann:pw@db.example.com/shop", {}),
        ("POSTGRES://ann:pw@db.example.com/shop", {}),
        ("postgresql+psycopg://ann:pw@db.example.com/shop", {}),
        ("postgresql+asyncpg://ann:pw@db.example.com/shop?ssl=require", {"sslmode": "require"}),
        ("postgresql+psycopg2://ann:pw@db.example.com:5433/shop", {"port": 5433}),
        ("jdbc:postgresql://db.example.com/shop?user=ann&password=pw&ssl=true", {"sslmode": "require"}),
        ("jdbc:postgresql://db.example.com/shop?user=ann&password=pw&currentSchema=own", {"schema": "own"}),
        ("postgresql://ann:pw@db.example.com/shop?schema=own", {"schema": "own"}),
        ("postgresql://ann:pw@db.example.com/shop?pgbouncer=true", {"pgbouncer": "true"}),
        ("postgresql://ann:pw@db.example.com/shop?sslmode=verify-full&sslrootcert=%2Fetc%2Fca.pem", {
            "sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"}),
        ("postgresql://ann:pw@db.example.com/shop?sslmode=", {}),
        ("postgresql://ann:pw@a,b:5433/shop", {"host": "a,b", "port": ",5433"}),
        ("postgresql://ann:pw@[::1]:5433/shop", {"host": "::1", "port": 5433}),
        ("postgresql://ann:pw@/shop?host=/var/run/postgresql", {"host": "/var/run/postgresql"}),
        ("postgresql://ann:pw@%2Fvar%2Frun%2Fpostgresql/shop", {"host": "/var/run/postgresql"}),
        ("host=db.example.com dbname=shop user=ann password='p w'", {"password": "p w"}),
        ("postgresql://db.example.com/shop?user=ann@tenant&password=pw", {"user": "ann@tenant"}),
    ],
)  # fmt: skip
def test_every_form_says_the_same(written: str, expected: dict[str, object]) -> None:
    assert arguments(written) == USUAL | expected


@pytest.mark.parametrize(
    ("written", "password"),
    [
        ("p@ss", "p@ss"),
        ("a/b?c#d@e", "a/b?c#d@e"),
        ("1/3", "1/3"),
        ("1?sslmode=x", "1?sslmode=x"),
        ("1?a=b&c=d", "1?a=b&c=d"),
        ("12#4", "12#4"),
        ("a:b", "a:b"),
        ("100%", "100%"),
        ("p%40ss", "p@ss"),
        ("a+b", "a+b"),
        ("pässwörd", "pässwörd"),
        ("[x]", "[x]"),
    ],
)
def test_a_password_s_special_characters_may_stand_as_they_are(written: str, password: str) -> None:
    assert arguments(f"postgresql://ann:{written}@db.example.com/shop") == USUAL | {"password": password}


@given(st.text(st.characters(codec="utf-8", exclude_characters="%", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_any_password_without_a_percent_sign_is_read_as_it_is(password: str) -> None:
    assert arguments(f"postgresql://ann:{password}@db.example.com/shop")["password"] == password


SECRET = "hunter2"


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("mysql://ann:hunter2@db/shop", "is not an address of a PostgreSQL database"),
        ("hunter2", "is not an address"),
        ("https://hunter2@db", "is not an address"),
        ("host=db colour=hunter2", "is not an address"),
        ("postgresql://ann:hunter2@db:port/shop", "percent-encoded"),
        ("postgresql://ann:hunter2%ff@db/shop", "%25"),
        ("postgresql://ann:hunter2%00@db/shop", "%00 in it.*%25"),
        ("postgresql://ann:hunter2@db/shop?schema=a%00b", "%00 in it"),
        ("postgresql://ann:hunter2@db:70000/shop", "a number from 1 to 65535"),
        ("postgresql://ann:hunter2@db/shop?connection_limit=5", "the parameter connection_limit .* take it out"),
        ("postgresql://ann:hunter2@db/shop?statement_cache_size=0", "statement_cache_size"),
        ("postgresql://ann:hunter2@db/shop?sslmode=on", "choose disable, allow, prefer, require"),
        ("postgresql://ann:hunter2@db/shop?ssl=maybe", "choose disable"),
        ("postgresql://ann:hunter2@db/shop?target_session_attrs=rw", "choose any, read-write"),
        ("postgresql://ann:hunter2@db/shop?connect_timeout=soon", "no whole number"),
        ("postgresql://ann:hunter2@db/shop?pgbouncer=yes", "neither true nor false"),
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_refused_by_name_and_not_quoted(written: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=f"NIGHTSHIFT_DIRECT_DATABASE_URL .*{sentence}") as caught:
        read_address(written, DIRECT_DATABASE_URL)
    assert SECRET not in str(caught.value)
    assert caught.value.__suppress_context__


def test_an_address_survives_being_written_and_read_again() -> None:
    address = read_address("postgresql://a%40b:p%2F%40%25 w@h1:1,h2:2/db?schema=own&sslmode=require")
    assert read_address(address.render_as_string(hide_password=False)) == address
    engine = create_engine(address)
    assert "schema" not in engine.url.query
