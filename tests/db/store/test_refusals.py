"""Errors that say something of the database become ours; our own mistakes stay what they are."""

from __future__ import annotations

import psycopg
import pytest
import sqlalchemy as sa

from db.errors import DatabaseRefusedError
from db.store.engine import create_engine
from db.store.lending import raw_connection
from db.store.refusals import explain_refusal
from tests.db.store.conftest import MakeDatabase, alchemy
from tests.own_postgres import OwnServer


def test_what_the_role_may_not_do_is_ours_to_say(own: OwnServer, make_database: MakeDatabase) -> None:
    name = make_database("CREATE TABLE public.theirs ()")
    engine = create_engine(alchemy(own.url(name)))
    with pytest.raises(DatabaseRefusedError, match="may not do this"), engine.begin() as connection:
        connection.execute(sa.text("SELECT FROM theirs"))
    with pytest.raises(DatabaseRefusedError, match="may not do this"), raw_connection(engine) as raw:
        raw.execute("SELECT FROM theirs")
    with pytest.raises(DatabaseRefusedError, match="takes no writes"), raw_connection(engine) as raw:
        raw.execute("SET TRANSACTION READ ONLY")
        raw.execute("CREATE TABLE ours ()")
    engine.dispose()


def test_our_own_mistakes_are_not_the_database_s() -> None:
    assert explain_refusal(psycopg.errors.UndefinedTable("no")) is None
    assert explain_refusal(psycopg.errors.UniqueViolation("no")) is None


def test_a_schema_that_is_none_is_named_with_how_to_make_one() -> None:
    found = explain_refusal(psycopg.errors.InvalidSchemaName("no schema has been selected to create in"))
    assert isinstance(found, DatabaseRefusedError) and "CREATE SCHEMA nightshift" in str(found)
