"""What was done by hand to our tables is named, by every command, before anything meets it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from db.errors import DatabaseRefusedError, SchemaMismatchError
from db.settings import Settings
from db.store.engine import create_engine
from db.store.migrate import upgrade
from db.store.opening import open_store
from nightshift.cli.database_status import read_status
from tests.db.store.conftest import MakeDatabase, alchemy
from tests.own_postgres import ADMIN, APP, OwnServer

HIDDEN = "ALTER TABLE {0} ENABLE ROW LEVEL SECURITY; ALTER TABLE {0} FORCE ROW LEVEL SECURITY"


def settings_for(own: OwnServer, name: str, home: Path) -> Settings:
    return Settings(data_dir=home, database_url=SecretStr(own.url(name)))


@pytest.fixture
def ours(own: OwnServer, make_database: MakeDatabase) -> str:
    """A database with our tables."""
    name = make_database("CREATE EXTENSION vector")
    upgrade(alchemy(own.url(name)))
    return name


def refusals(own: OwnServer, name: str, home: Path) -> set[str]:
    """What each way in says."""
    said = set()
    settings = settings_for(own, name, home)
    for way_in in (
        lambda: read_status(settings),
        lambda: open_store(settings).__enter__(),
        lambda: upgrade(alchemy(own.url(name))),
    ):
        with pytest.raises(DatabaseRefusedError) as caught:
            way_in()
        said.add(str(caught.value))
    return said


@pytest.mark.parametrize(
    ("done", "told"),
    [
        ("DROP TABLE vote", r"gone from the database \(vote\): restore it from a backup"),
        ("DROP TABLE failure_count", r"\(failure_count\)"),
        ("DROP TABLE impression CASCADE", r"\(impression\)"),
        ("DROP TABLE vote_event, vote_reason, impression CASCADE", r"\(impression, vote_event\)"),
        ("ALTER TABLE question DROP COLUMN answer", r"\(question.answer\)"),
        ("ALTER TABLE question RENAME COLUMN answer TO reply", r"\(question.answer\)"),
        ("ALTER TABLE vote RENAME TO old_vote", r"\(vote\)"),
        ("ALTER TABLE curated_pair SET SCHEMA elsewhere", r"\(curated_pair\)"),
        ("DROP INDEX uq_curated_pair_texts", r"\(uq_curated_pair_texts\)"),
        ("ALTER TABLE question DROP CONSTRAINT uq_question_event_id", r"\(uq_question_event_id\)"),
        ("DROP TABLE ballot; CREATE VIEW ballot AS SELECT 1 AS one", r"\(ballot\)"),
        (
            f"ALTER TABLE vote OWNER TO {ADMIN}",
            f"lacks rights on vote: GRANT ALL ON ALL TABLES IN SCHEMA public TO {APP}, and ALL SEQUENCES",
        ),
        (f"ALTER TABLE vote OWNER TO {ADMIN}; GRANT SELECT ON vote TO {APP}", "lacks rights on vote:"),
        (f"REVOKE DELETE ON question, vote FROM {APP}", "lacks rights on question, vote:"),
        (f"REVOKE ALL ON SEQUENCE chunk_id_seq FROM {APP}", "lacks rights on chunk_id_seq:"),
        (HIDDEN.format("question"), f"Row security hides rows of question .* ALTER ROLE {APP} BYPASSRLS"),
        (
            f"ALTER TABLE chunk OWNER TO {ADMIN}; GRANT ALL ON chunk TO {APP}; GRANT ALL ON chunk_id_seq TO {APP};"
            " ALTER TABLE chunk ENABLE ROW LEVEL SECURITY",
            "Row security hides rows of chunk ",
        ),
    ],
)
def test_what_was_done_to_a_table_is_named_in_one_sentence(
    own: OwnServer, ours: str, tmp_path: Path, done: str, told: str
) -> None:
    own.run("CREATE SCHEMA elsewhere", done, database=ours)
    [said] = refusals(own, ours, tmp_path)
    assert re.search(told, said), said


def test_vectors_that_serve_and_are_gone_are_named(own: OwnServer, ours: str, tmp_path: Path) -> None:
    own.run(
        "INSERT INTO artefact (base_model, uri, sha256, dtype, dimension) VALUES ('', '', '', '', 3)",
        "INSERT INTO generation (artefact_id) VALUES (1)",
        "INSERT INTO in_service (role, generation_id) VALUES ('serving', 1)",
        database=ours,
    )
    settings = settings_for(own, ours, tmp_path)
    for refuse in (lambda: read_status(settings), lambda: open_store(settings).__enter__()):
        with pytest.raises(DatabaseRefusedError, match=r"gone from the database \(embedding_1\)"):
            refuse()
    own.run("CREATE TABLE embedding_1 ()", database=ours)
    [said] = refusals(own, ours, tmp_path)
    assert "lacks rights on embedding_1" in said
    own.run(f"ALTER TABLE embedding_1 OWNER TO {APP}", database=ours)
    assert read_status(settings)["generation"] == 1


def test_what_changes_nothing_for_us_is_nobody_s_business(own: OwnServer, ours: str, tmp_path: Path) -> None:
    """Other programs' tables, views over ours, more indexes and columns, row security that isn't for the role."""
    own.run(
        "CREATE TABLE theirs ()",
        "CREATE VIEW dashboard AS SELECT count(*) FROM vote",
        "CREATE INDEX mine ON question (raw_text)",
        "ALTER TABLE question ADD COLUMN mine text",
        "ALTER TABLE vote ENABLE ROW LEVEL SECURITY",
        "DROP INDEX ix_impression_chunk_id",
        "CREATE PUBLICATION everything FOR ALL TABLES",
        database=ours,
    )
    assert read_status(settings_for(own, ours, tmp_path))["votes"] == 0
    with open_store(settings_for(own, ours, tmp_path)):
        pass
    upgrade(alchemy(own.url(ours)))


@pytest.mark.parametrize(
    ("theirs", "named"),
    [
        ("CREATE TABLE theirs (a int); CREATE INDEX ix_impression_waiting ON theirs (a)", "ix_impression_waiting"),
        ("CREATE TABLE theirs (a int CONSTRAINT pk_chunk PRIMARY KEY)", "pk_chunk"),
        ("CREATE VIEW ix_vote_event_fold AS SELECT 1 AS one", "ix_vote_event_fold"),
        ("CREATE TABLE slack_bots (mine text)", "slack_bots"),
        (
            "CREATE TABLE theirs (a int); CREATE INDEX uq_learnt_from_run_source ON theirs (a)",
            "uq_learnt_from_run_source",
        ),
    ],
)
def test_something_of_another_program_s_is_named_and_nothing_is_left_half_done(
    own: OwnServer, make_database: MakeDatabase, theirs: str, named: str
) -> None:
    name = make_database("CREATE EXTENSION vector", theirs)
    url = alchemy(own.url(name))
    with pytest.raises(SchemaMismatchError, match=rf"another program \({named}\).*schema=nightshift"):
        upgrade(url)
    with own.as_admin(name) as connection:
        ours = "SELECT FROM pg_tables WHERE schemaname = 'public' AND tablename IN ('question', 'alembic_version')"
        assert connection.execute(ours).fetchall() == []


def test_an_upgrade_that_meets_what_was_done_by_hand_says_so_and_leaves_all_as_it_was(
    own: OwnServer, make_database: MakeDatabase
) -> None:
    name = make_database("CREATE EXTENSION vector")
    url = alchemy(own.url(name))
    upgrade(url, "0016")
    refuse = (
        "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'no: password=x'; END$$;"
        " CREATE EVENT TRIGGER no ON ddl_command_start WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION no()"
    )
    hide = "ALTER TABLE slack_bots RENAME TO own; CREATE VIEW slack_bots AS SELECT 1 AS one"
    renaming = "ALTER TABLE generation RENAME {} TO {}"
    for done, undone, told in (
        (renaming.format("min_similarity", "s"), renaming.format("s", "min_similarity"), "is gone"),
        (
            "CREATE VIEW v AS SELECT min_similarity FROM generation",
            "DROP VIEW v",
            "keeps .*view v depends.*drop it",
        ),
        (hide, "DROP VIEW slack_bots; ALTER TABLE own RENAME TO slack_bots", "permission denied for view slack_bots"),
        ("ALTER TABLE impression ADD nearness float", "ALTER TABLE impression DROP nearness", "nearness"),
        (refuse, "DROP EVENT TRIGGER no; DROP FUNCTION no()", "event trigger that was added"),
    ):
        own.run(done, database=name)
        with pytest.raises((SchemaMismatchError, DatabaseRefusedError), match=told) as caught:
            upgrade(url)
        assert "password" not in str(caught.value)
        own.run(undone, database=name)
        with own.as_admin(name) as connection:
            assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0016",)
    upgrade(url)


def test_a_sequence_of_another_program_s_has_no_name_that_we_need(own: OwnServer, make_database: MakeDatabase) -> None:
    upgrade(alchemy(own.url(make_database("CREATE EXTENSION vector", "CREATE SEQUENCE vote_event_id_seq"))))


LIMITS = ("transaction_timeout", "idle_session_timeout", "statement_timeout", "lock_timeout")


@pytest.mark.parametrize("setting", LIMITS)
def test_time_limits_of_the_role_are_not_ours(own: OwnServer, ours: str, setting: str) -> None:
    own.run(f"ALTER ROLE {APP} IN DATABASE {ours} SET {setting} = '5s'", database=ours)
    engine = create_engine(alchemy(own.url(ours)))
    with engine.connect() as connection:
        assert connection.exec_driver_sql(f"SHOW {setting}").scalar() == "0"
    engine.dispose()
