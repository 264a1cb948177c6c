"""What every test shares: a clean environment, one PostgreSQL server, and a fresh database for each test that asks."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy
from psycopg import sql

from db.embedded import EmbeddedServer

FOREIGN_PREFIXES = ("NIGHTSHIFT_", "PG", "SLACK_", "OPENAI_")
TEMPLATE = "nightshift_template"
# A test's data needs to survive nothing, so nothing waits for the disk.
FAST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "128MB",
    "maintenance_work_mem": "128MB",
}

_numbers = itertools.count(1)


def strip_environment(patch: pytest.MonkeyPatch) -> None:
    """Take away whatever the developer's shell says about databases, Slack and models; never go online."""
    for name in list(os.environ):
        if name.startswith(FOREIGN_PREFIXES):
            patch.delenv(name)
    patch.setenv("HF_HUB_OFFLINE", "1")


def pytest_configure() -> None:
    """Set before huggingface_hub is first imported, because it reads this once."""
    os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(scope="session", autouse=True)
def clean_session_environment() -> Iterator[None]:
    """Session fixtures see the same environment as the tests."""
    with pytest.MonkeyPatch.context() as patch:
        strip_environment(patch)
        yield


@pytest.fixture(autouse=True)
def clean_environment(clean_session_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever an earlier test left in the environment is gone."""
    strip_environment(monkeypatch)


@pytest.fixture(scope="session")
def postgres_server(clean_session_environment: None) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database on a PostgreSQL server that lives as long as the test run."""
    # Not pytest's own temporary folder: as root that one is closed to the account PostgreSQL runs under.
    home = Path(tempfile.mkdtemp(prefix="nightshift-tests-"))
    server = EmbeddedServer.attach(home, settings=FAST_SETTINGS)
    try:
        yield server.url
    finally:
        EmbeddedServer.stop(home)
        server.detach()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def template_database(postgres_server: str) -> str:
    """The name of a database with every migration applied, which nobody is connected to."""
    from db.migrate import upgrade

    with maintenance_connection(postgres_server) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
    upgrade(on_database(postgres_server, TEMPLATE))
    return TEMPLATE


@pytest.fixture
def database_url(postgres_server: str, template_database: str) -> Iterator[str]:
    """The SQLAlchemy URL of a fresh, migrated database of this test's own."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    identifier = sql.Identifier(name)
    with maintenance_connection(postgres_server) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                identifier, sql.Identifier(template_database)
            )
        )
    yield on_database(postgres_server, name)
    with maintenance_connection(postgres_server) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(identifier))


@pytest.fixture
def engine(database_url: str) -> Iterator[sqlalchemy.Engine]:
    """Nightshift's own engine on this test's database."""
    from db.engine import create_engine

    engine = create_engine(database_url)
    yield engine
    engine.dispose()


def maintenance_connection(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """An autocommit connection, because CREATE DATABASE refuses to run inside a transaction."""
    return psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://", 1), autocommit=True)


def on_database(url: str, database: str) -> str:
    """The same server and role, another database."""
    return sqlalchemy.make_url(url).set(database=database).render_as_string(hide_password=False)
