"""Servers and databases that can't be used are refused before anything is done, and every way says so alike."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.base import PGDialect

from db.errors import DatabaseRefusedError, DatabaseTooOldError, NightshiftError
from db.settings import Settings
from db.store import open_store
from db.store import server as server_module
from db.store.engine import create_engine
from db.store.migrate import upgrade
from db.store.server import require_server
from tests.db.store.conftest import MakeDatabase, alchemy
from tests.own_postgres import APP, OwnServer, own_server


def refused(url: str, tmp_path: Path) -> NightshiftError:
    """What both `db upgrade` and every command that opens the store say: the same."""
    with pytest.raises(NightshiftError) as upgrading:
        upgrade(alchemy(url))
    with pytest.raises(NightshiftError) as opening:
        with open_store(Settings(data_dir=tmp_path, database_url=url)):  # type: ignore[arg-type]
            pass
    assert str(opening.value) == str(upgrading.value)
    return opening.value


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1", "EUC_JP"])
def test_a_database_that_is_not_utf8_is_refused(
    own: OwnServer, make_database: MakeDatabase, tmp_path: Path, encoding: str
) -> None:
    name = make_database(how=f"ENCODING '{encoding}' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0")
    found = refused(own.url(name), tmp_path)
    assert isinstance(found, DatabaseRefusedError)
    assert f"encoding is {encoding}" in str(found)
    assert "ENCODING 'UTF8' TEMPLATE template0" in str(found)


def test_an_extension_that_the_role_may_not_use_is_refused(
    own: OwnServer, make_database: MakeDatabase, tmp_path: Path
) -> None:
    name = make_database("CREATE SCHEMA secluded", "CREATE EXTENSION vector SCHEMA secluded")
    assert 'GRANT USAGE ON SCHEMA "secluded"' in str(refused(own.url(name), tmp_path))


@pytest.mark.parametrize("schema", ["pg_temp", "pg_catalog", "information_schema"])
def test_a_schema_of_postgresql_s_own_keeps_no_tables(
    own: OwnServer, make_database: MakeDatabase, tmp_path: Path, schema: str
) -> None:
    """In the first they would be gone with the connection, and the upgrade would have said that all is well."""
    name = make_database("CREATE EXTENSION vector")
    assert "is PostgreSQL's own" in str(refused(own.url(name, schema=schema), tmp_path))


def test_a_role_without_a_schema_is_refused_and_uses_no_other(
    own: OwnServer, make_database: MakeDatabase, tmp_path: Path
) -> None:
    name = make_database("CREATE SCHEMA ext", "CREATE EXTENSION vector SCHEMA ext", f"GRANT ALL ON SCHEMA ext TO {APP}")
    assert "names none that exists" in str(refused(own.url(name, schema="nowhere"), tmp_path))
    own.run(f"ALTER ROLE {APP} IN DATABASE {name} SET search_path = ''")
    assert "names none that exists" in str(refused(own.url(name), tmp_path))


def test_a_role_that_may_make_no_tables_is_refused(own: OwnServer, make_database: MakeDatabase, tmp_path: Path) -> None:
    name = make_database("CREATE EXTENSION vector", "ALTER SCHEMA public OWNER TO CURRENT_USER")
    own.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC", f"GRANT USAGE ON SCHEMA public TO {APP}", database=name)
    own.run(f"ALTER DATABASE {name} OWNER TO CURRENT_USER")
    assert 'GRANT CREATE ON SCHEMA "public"' in str(refused(own.url(name), tmp_path))


def test_a_database_that_takes_no_writes_is_refused(
    own: OwnServer, make_database: MakeDatabase, tmp_path: Path
) -> None:
    name = make_database("CREATE EXTENSION vector")
    own.run(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert "takes no writes" in str(refused(own.url(name), tmp_path))


def test_a_standby_is_refused(homes: Path, tmp_path: Path) -> None:
    with own_server(homes / "standby") as server:
        server.run("CREATE EXTENSION vector")
        server.control("stop", "-m", "fast")
        server.home.write_private("data/standby.signal", "")
        server.control("start", "-o", server.options)
        assert "is a standby" in str(refused(server.url(), tmp_path))


def test_versions_that_are_too_old_are_refused_with_what_to_do(
    own: OwnServer, make_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = make_database("CREATE EXTENSION vector")
    engine = create_engine(alchemy(own.url(name)))
    require_server(engine)
    for version in "0.8.3", "0.5", "0.8.0-dev":
        own.run(f"UPDATE pg_extension SET extversion = '{version}' WHERE extname = 'vector'", database=name)
        with pytest.raises(DatabaseTooOldError, match=rf"pgvector {version} .*0\.8\.4 or newer.*ALTER EXTENSION"):
            require_server(engine)
    monkeypatch.setattr(server_module, "MIN_POSTGRES", (99, 0))
    with pytest.raises(DatabaseTooOldError, match=r"PostgreSQL 18\.\d+ is too old.* 99 or newer"):
        require_server(engine)
    engine.dispose()


def test_a_server_without_pgvector_is_refused(
    own: OwnServer, make_database: MakeDatabase, homes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = server_module._LOOK.text.replace("WHERE name = 'vector'", "WHERE name = 'no such'")
    monkeypatch.setattr(server_module, "_LOOK", server_module.sa.text(found))
    assert "has no pgvector" in str(refused(own.url(make_database()), tmp_path))


def test_another_database_that_speaks_postgresql_s_language_is_refused(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLAlchemy can't make out its version."""
    monkeypatch.setattr(engine.dialect, "_get_server_version_info", PGDialect()._get_server_version_info)
    monkeypatch.setattr(sa.Connection, "exec_driver_sql", lambda *_: SimpleNamespace(scalar=lambda: "Materialize 1"))
    with pytest.raises(DatabaseTooOldError, match="is another database"):
        require_server(engine)
