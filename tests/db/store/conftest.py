"""A PostgreSQL of an operator's own, and a fresh database on it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from psycopg import sql

from db.store.address import read_address
from tests.own_postgres import APP, OwnServer, own_server, pooler

_numbers = itertools.count(1)
MakeDatabase = Callable[..., str]


@pytest.fixture(scope="session")
def own(homes: Path, clean_session_environment: None) -> Iterator[OwnServer]:
    with own_server(homes / "operators") as server:
        yield server


@pytest.fixture
def make_database(own: OwnServer) -> Iterator[MakeDatabase]:
    """Makes an empty database that the app's role owns, and has its administrator do something in it."""
    made: list[str] = []

    def make(*statements: str, how: str = "") -> str:
        name = f"own_{next(_numbers)}"
        own.run(f"CREATE DATABASE {name} OWNER {APP} {how}")
        made.append(name)
        own.run(*statements, database=name)
        return name

    yield make
    with own.as_admin() as connection:
        for name in made:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def transaction_pooler(own: OwnServer, homes: Path) -> Iterator[int]:
    with pooler(homes / f"pooler-{next(_numbers)}", own.port) as port:
        yield port


def alchemy(url: str) -> str:
    return read_address(url).render_as_string(hide_password=False)
