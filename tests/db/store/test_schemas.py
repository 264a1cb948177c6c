"""Another program's tables are left alone, wherever they are, and whatever its migrations are called."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.errors import DatabaseRefusedError, SchemaMismatchError
from db.store.engine import create_engine
from db.store.migrate import schema_status, upgrade
from tests.db.store.conftest import MakeDatabase, alchemy
from tests.own_postgres import APP, OwnServer

VERSIONS = "CREATE TABLE public.alembic_version (version_num text)"


@pytest.mark.parametrize(
    "theirs",
    [
        ("CREATE TABLE public.document (mine text)",),
        ("CREATE TABLE public.question (mine text)", "CREATE TABLE public.vote (mine text)"),
        ("CREATE VIEW public.audience AS SELECT 1 AS one",),
        ("CREATE TYPE public.question AS ENUM ('a')",),
        ("CREATE SEQUENCE public.chunk",),
        (VERSIONS, "INSERT INTO public.alembic_version VALUES ('ab12cd34ef56')"),
        (VERSIONS, "INSERT INTO public.alembic_version VALUES ('0001')"),
        (VERSIONS, "INSERT INTO public.alembic_version VALUES ('9999')"),
        (VERSIONS, "INSERT INTO public.alembic_version VALUES ('0001'), ('0002')"),
        ("CREATE TABLE public.alembic_version (number int)",),
        ("CREATE TABLE public.embedding_1 (mine text)",),
    ],
)
def test_a_schema_that_another_program_uses_is_refused_and_one_of_its_own_works(
    own: OwnServer, make_database: MakeDatabase, theirs: tuple[str, ...]
) -> None:
    name = make_database(
        "CREATE EXTENSION vector", f"GRANT ALL ON SCHEMA public TO {APP}", *theirs,
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {APP}", f"CREATE SCHEMA ours AUTHORIZATION {APP}",
    )  # fmt: skip
    engine = create_engine(alchemy(own.url(name)))
    for refuse in (lambda: upgrade(alchemy(own.url(name))), lambda: schema_status(engine)):
        with pytest.raises(SchemaMismatchError, match="In schema public are tables of another program.*schema=night"):
            refuse()
    engine.dispose()
    own.run(f"ALTER ROLE {APP} IN DATABASE {name} SET search_path = ours, public")
    upgrade(alchemy(own.url(name)))
    engine = create_engine(alchemy(own.url(name)))
    assert schema_status(engine).up_to_date
    with own.as_admin(name) as connection:
        rows = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        row = connection.execute(rows).fetchone()
        assert row is not None
        assert row[0] == sum(statement.startswith("CREATE TABLE") for statement in theirs)
    engine.dispose()


def test_revisions_that_another_program_lets_nobody_read_are_another_program_s(
    own: OwnServer, make_database: MakeDatabase
) -> None:
    url = alchemy(
        own.url(make_database("CREATE EXTENSION vector", VERSIONS, "REVOKE ALL ON alembic_version FROM PUBLIC"))
    )
    with pytest.raises(SchemaMismatchError, match=r"tables of another program \(alembic_version\)"):
        upgrade(url)


def test_tables_whose_vectors_went_with_the_extension_are_refused(own: OwnServer, make_database: MakeDatabase) -> None:
    name = make_database("CREATE EXTENSION vector")
    upgrade(alchemy(own.url(name)))
    own.run("DROP EXTENSION vector CASCADE", database=name)
    engine = create_engine(alchemy(own.url(name)))
    for refuse in (lambda: upgrade(alchemy(own.url(name))), lambda: schema_status(engine)):
        with pytest.raises(DatabaseRefusedError, match="extension is gone .* backup"):
            refuse()
    engine.dispose()


def test_what_a_newer_version_made_is_told_from_another_program_s(own: OwnServer, make_database: MakeDatabase) -> None:
    url = alchemy(own.url(make_database("CREATE EXTENSION vector")))
    upgrade(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert schema_status(engine).newer
    engine.dispose()
