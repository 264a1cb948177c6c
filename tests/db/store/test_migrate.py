"""Migrations with rows in place, by two processes at once, and against what the code declares."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from psycopg import sql

from db.answers import load_answer
from db.corpus import NOBODY, ensure_audience, read_audience, reply_audiences
from db.errors import DatabaseFullError, SchemaMismatchError
from db.generations import add_artefact, add_generation, get_generation, lock_for_change, next_open_request
from db.generations.vectors import build_index, create_vector_table, is_level
from db.nights import Overdue, claim_notice, take_next_run
from db.nights.requests import request_run
from db.schema import metadata
from db.slack import claim_reports, lease_event
from db.store import migrate
from db.store.engine import create_engine
from db.store.lending import raw_connection
from db.store.migrate import downgrade, require_schema, schema_status, upgrade
from tests.conftest import maintenance_connection, on_database, past_pooler

# Columns in which not every value of their type will do; the others get one by type.
PARTICULAR = {
    "active_generation.current_id": 1,
    "active_generation.previous_id": None,
    "audience.kind": "group",
    "audience_member.audience_id": 1,
    "audience_part.audience_id": 1,
    "channel_setting.answers": "always",
    "citation.id": "a citation",
    "decision_request.wanted": "reject",
    "document.audience_from": "source",
    "document_review.state": "open",
    "generation.status": "built",
    "generation.turned_down_how": "rejected",
    "in_service.role": "serving",
    "question.answer_kind": "quoted",
    "question.channel_kind": "public",
    "retrain_run.decision": "refused",
    "trial.status": "running",
    "impression.team": "candidate",
    "retrain_run.kind": "ranking",
    "retrain_run.status": "done",
    "retrain_run.trigger": "cli",
    "source.kind": "git",
    "triplet.kind": "mined",
    "triplet.pair_id": None,
    "triplet.synthetic_id": None,
    "vote.citation_id": "a citation",
    "vote.origin": "source",
    "vote_event.action": "press",
    "vote_event.citation_id": "a citation",
    "vote_reason.citation_id": "a citation",
    "vote_reason.reason": "other",
    "words.languages": ["english"],
}
BY_TYPE: dict[type, Any] = {
    str: "something",
    int: 1,
    float: 0.5,
    bool: True,
    bytes: b"\0",
    dict: {"a": 1},
    list: [1],
    date: date(2026, 3, 1),
    datetime: datetime(2026, 3, 1, tzinfo=UTC),
}


@pytest.fixture
def empty_url(postgres_server: str) -> Iterator[str]:
    """The URL of a database without a single table."""
    with new_database(postgres_server, "template1") as url:
        yield url


@contextmanager
def new_database(server_url: str, template: str) -> Iterator[str]:
    with maintenance_connection(server_url) as connection:
        connection.execute(sql.SQL("CREATE DATABASE unmigrated TEMPLATE {}").format(sql.Identifier(template)))
    yield on_database(server_url, "unmigrated")
    with maintenance_connection(server_url) as connection:
        connection.execute("DROP DATABASE unmigrated WITH (FORCE)")


@pytest.fixture
def empty_engine(empty_url: str) -> Iterator[sa.Engine]:
    engine = create_engine(empty_url, direct_url=past_pooler(empty_url))
    yield engine
    engine.dispose()


def reflect(engine: sa.Engine) -> dict[str, sa.Table]:
    found = sa.MetaData()
    found.reflect(engine, only=lambda name, _: not name.startswith("embedding_"))
    return {table.name: table for table in found.sorted_tables}


def fill_every_table(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        for name, table in reflect(engine).items():
            if name != "alembic_version":
                connection.execute(table.insert().values(dict(sample_row(table))))


def sample_row(table: sa.Table) -> Iterator[tuple[str, Any]]:
    for column in table.columns:
        made_by_itself = column.identity or column.computed or (column.name == "id" and column.server_default)
        if not made_by_itself:
            python_type = dict if isinstance(column.type, sa.JSON) else column.type.python_type
            yield column.name, PARTICULAR.get(f"{table.name}.{column.name}", BY_TYPE.get(python_type, 1))


def count_rows(engine: sa.Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for name, table in reflect(engine).items()
        }


def test_up_down_and_up_again_with_rows_in_every_table(empty_url: str, empty_engine: sa.Engine) -> None:
    upgrade(empty_url)
    fill_every_table(empty_engine)
    with raw_connection(empty_engine) as raw:
        create_vector_table(raw, get_generation(empty_engine, 1))
    before = count_rows(empty_engine)
    assert set(metadata.tables) < set(before)
    assert all(before.values())

    upgrade(empty_url)
    assert count_rows(empty_engine) == before

    downgrade(empty_url, "base")
    assert sa.inspect(empty_engine).get_table_names() == ["alembic_version"]

    upgrade(empty_url)
    assert schema_status(empty_engine).up_to_date
    assert {name for name, rows in count_rows(empty_engine).items() if rows} == {"alembic_version", "audience"}
    fill_every_table(empty_engine)


def test_what_nights_trained_on_before_it_was_noted_is_known_from_their_triplets(
    empty_url: str, empty_engine: sa.Engine
) -> None:
    upgrade(empty_url)
    fill_every_table(empty_engine)
    downgrade(empty_url, "0007")
    tables = reflect(empty_engine)
    with empty_engine.begin() as connection:
        pair = connection.scalar(sa.select(tables["curated_pair"].c.id))
        chunk_id = connection.scalar(sa.select(tables["chunk"].c.id))
        of_pair = {"pair_id": pair, "positive_chunk_id": chunk_id, "kind": "mined", "weight": 1.0}
        refused = {"trigger": "cli", "requested_by": "test", "status": "done"}
        run = tables["retrain_run"]
        untrained = connection.execute(run.insert().values(refused).returning(run.c.id)).scalar_one()
        connection.execute(tables["triplet"].insert().values(dict(sample_row(tables["triplet"]))))
        for run_id in (1, 1, untrained):
            connection.execute(tables["triplet"].insert().values(of_pair | {"run_id": run_id}))
    upgrade(empty_url)
    noted = reflect(empty_engine)["trained_question"]
    with empty_engine.connect() as connection:
        columns = noted.c.run_id, noted.c.question_id, noted.c.pair_id, noted.c.text, noted.c.person
        assert connection.execute(sa.select(*columns).order_by(noted.c.id)).all() == [
            (1, 1, 1, "something", "something"),
            (1, 1, None, "something", "something"),
        ]


def test_what_was_rolled_back_before_it_was_noted_is_known_by_its_place(
    empty_url: str, empty_engine: sa.Engine
) -> None:
    upgrade(empty_url)
    fill_every_table(empty_engine)
    downgrade(empty_url, "0009")
    made, active = (reflect(empty_engine)[name] for name in ("generation", "active_generation"))
    with empty_engine.begin() as connection:
        later = dict(sample_row(made)) | {"run_id": None}
        later_id = connection.execute(made.insert().values(later).returning(made.c.id)).scalar_one()
        connection.execute(active.update().values(previous_id=later_id, changed_by="ann"))
    upgrade(empty_url)
    now = reflect(empty_engine)["generation"].c
    with empty_engine.connect() as connection:
        noted = sa.select(now.id, now.turned_down_how, now.turned_down_by).where(now.turned_down_at.is_not(None))
        assert connection.execute(noted).all() == [(later_id, "rolled back", "ann")]


def test_runs_of_before_there_were_two_kinds_are_nights_and_no_ranking_run_becomes_one(
    empty_url: str, empty_engine: sa.Engine
) -> None:
    def runs(*columns: str) -> list[Any]:
        run = reflect(empty_engine)["retrain_run"].c
        with empty_engine.connect() as connection:
            return list(connection.execute(sa.select(*(run[name] for name in columns)).order_by(run.id)))

    upgrade(empty_url, "0024")
    fill_every_table(empty_engine)
    upgrade(empty_url, "0025")
    assert runs("kind", "status") == [("night", "done")]
    request_run(empty_engine, "cli", "test", "ranking")
    with take_next_run(empty_engine) as run:
        assert run is not None and run.kind == "ranking"
    downgrade(empty_url, "0024")
    assert runs("status", "reasons")[1:] == [("failed", ["It was given up."])]


def test_of_before_it_was_noted_a_generation_learnt_all_that_its_night_and_earlier_ones_trained_on(
    empty_url: str, empty_engine: sa.Engine
) -> None:
    upgrade(empty_url, "0021")
    fill_every_table(empty_engine)
    with raw_connection(empty_engine) as raw:
        raw.execute(
            "INSERT INTO retrain_run (id, trigger, requested_by) OVERRIDING SYSTEM VALUE"
            " VALUES (2, 'cli', 'test'), (3, 'cli', 'test')"
        )
        raw.execute("INSERT INTO generation (artefact_id, run_id) VALUES (1, 3)")
        raw.execute("INSERT INTO trained_question (run_id, question_id, text, person) VALUES (2, 9, 'later', 'ann')")
        raw.execute("INSERT INTO trained_question (run_id, pair_id, text, person) VALUES (3, 9, 'gone', 'ben')")
    upgrade(empty_url)
    noted = reflect(empty_engine)["learnt_from"].c
    with empty_engine.connect() as connection:
        columns = noted.run_id, noted.question_id, noted.pair_id, noted.added_by
        assert connection.execute(sa.select(*columns).order_by(noted.id)).all() == [
            (1, 1, 1, "something"),
            (3, 1, 1, "something"),
            (3, 9, None, None),
            (3, None, 9, "ben"),
        ]


@pytest.mark.parametrize("roles", [{"serving": 2}, {"serving": 2, "previous": 1}])
def test_what_served_serves_after_every_migration(
    empty_url: str, empty_engine: sa.Engine, roles: dict[str, int]
) -> None:
    def in_service() -> list[Any]:
        now = reflect(empty_engine)["in_service"].c
        with empty_engine.connect() as connection:
            rows = sa.select(now.role, now.generation_id, now.changed_at, now.changed_by).order_by(now.role.desc())
            return [tuple(row) for row in connection.execute(rows)]

    upgrade(empty_url, "0010")
    fill_every_table(empty_engine)
    made, active = (reflect(empty_engine)[name] for name in ("generation", "active_generation"))
    with empty_engine.begin() as connection:
        connection.execute(made.insert().values(dict(sample_row(made)) | {"run_id": None}))
        ids = {"current_id": roles["serving"], "previous_id": roles.get("previous")}
        connection.execute(active.update().values(ids | {"changed_by": "ann"}))
    upgrade(empty_url)
    expected = [(role, id_, BY_TYPE[datetime], "ann") for role, id_ in roles.items()]
    assert in_service() == expected
    downgrade(empty_url, "0010")
    with empty_engine.connect() as connection:
        assert connection.execute(sa.select(reflect(empty_engine)["active_generation"])).all() == [
            (True, roles["serving"], roles.get("previous"), BY_TYPE[datetime], "ann")
        ]
    upgrade(empty_url)
    assert in_service() == expected


def test_each_generation_gets_its_artefact_and_going_back_its_own_vectors(
    empty_url: str, empty_engine: sa.Engine
) -> None:
    upgrade(empty_url, "0011")
    fill_every_table(empty_engine)
    old = reflect(empty_engine)["generation"]
    with empty_engine.begin() as connection:
        values = dict(sample_row(old)) | {"run_id": None, "artefact_uri": "data:run-2", "ef_search": 200}
        connection.execute(old.insert().values(values))
        before = connection.execute(sa.select(old).order_by(old.c.id)).mappings().all()
    upgrade(empty_url)
    for id_ in 1, 2:
        made = get_generation(empty_engine, id_)
        known = before[id_ - 1]
        assert all(known[name] == value for name, value in asdict(made).items() if name in known)
        assert made.table == f"embedding_{id_}"
        with raw_connection(empty_engine) as raw:
            create_vector_table(raw, made)
            raw.execute(f"INSERT INTO {made.table} VALUES ({id_}, 1, '[1]')".encode())
            build_index(raw, made)
    with empty_engine.begin() as connection:
        spare = add_artefact(connection, base_model="", uri="", sha256="", dtype="", dimension=1)
        third = add_generation(connection, artefact_id=2)
        assert (spare, third.id) == (3, 3)
        for status in "pruned", "refused":  # they use no vectors
            add_generation(connection, artefact_id=2, status=status)
    downgrade(empty_url, "0011")
    with empty_engine.connect() as connection:
        after = connection.execute(sa.select(old).order_by(old.c.id)).mappings().all()
        assert after[:2] == before
        assert after[2]["artefact_uri"] == "data:run-2"
        held = [list(connection.scalars(sa.text(f"SELECT chunk_id FROM embedding_{id_}"))) for id_ in (1, 2, 3)]
    assert held == [[1], [2], [2]]
    tables = sa.inspect(empty_engine)
    assert sum(name.startswith(("embedding_", "shared_")) for name in tables.get_table_names()) == 3
    assert {index["name"] for id_ in (1, 2, 3) for index in tables.get_indexes(f"embedding_{id_}")} == {
        f"embedding_{id_}_{name}" for id_ in (1, 2, 3) for name in ("hnsw", "audience")
    }
    upgrade(empty_url)
    with empty_engine.begin() as connection:
        assert add_artefact(connection, base_model="", uri="", sha256="", dtype="", dimension=1) == 6


def test_what_was_level_with_the_documents_stays_so_until_the_next_change(
    empty_url: str, empty_engine: sa.Engine
) -> None:
    def is_level_now() -> bool:
        with raw_connection(empty_engine) as raw:
            return is_level(raw, get_generation(empty_engine, 1))

    upgrade(empty_url, "0012")
    fill_every_table(empty_engine)
    with raw_connection(empty_engine) as raw:
        raw.execute("UPDATE artefact SET level_seq = nextval('chunk_change_seq')")
    upgrade(empty_url)
    assert is_level_now()
    with raw_connection(empty_engine) as raw:
        lock_for_change(raw)
    assert not is_level_now()
    downgrade(empty_url, "0012")
    with raw_connection(empty_engine) as raw:
        query = "SELECT FROM artefact JOIN chunk_change_seq ON last_value <= level_seq"
        assert raw.execute(query).fetchone() is None
    upgrade(empty_url)
    assert not is_level_now()


def test_what_was_found_by_vectors_alone_was_ordered_by_its_cosine(empty_url: str, empty_engine: sa.Engine) -> None:
    upgrade(empty_url)
    fill_every_table(empty_engine)
    downgrade(empty_url, "0014")
    upgrade(empty_url)
    found, made = reflect(empty_engine)["impression"].c, reflect(empty_engine)["generation"].c
    with empty_engine.connect() as connection:
        scores = sa.select(found.similarity, found.score, found.words, found.coverage)
        assert connection.execute(scores).all() == [(0.5, 0.5, None, None)]
        assert connection.scalars(sa.select(made.ranking)).all() == [{}]


def test_sources_of_before_are_read_with_one_passage_each_and_going_back_leaves_the_leading_one(
    empty_url: str, empty_engine: sa.Engine
) -> None:
    upgrade(empty_url, "0015")
    fill_every_table(empty_engine)
    old = reflect(empty_engine)["impression"]
    with empty_engine.begin() as connection:
        beside = dict(sample_row(old)) | {"rank": 2, "shown": False}
        beside_id = connection.execute(old.insert().values(beside).returning(old.c.id)).scalar_one()
    upgrade(empty_url)
    [source] = load_answer(empty_engine, 1).sources
    assert (source.number, len(source.passages)) == (1, 1)
    new = reflect(empty_engine)["impression"]
    with empty_engine.begin() as connection:
        shown = {"shown": True, "source_number": 1}
        connection.execute(new.update().where(new.c.id == beside_id).values(shown))
    [source] = load_answer(empty_engine, 1).sources
    assert len(source.passages) == 2
    downgrade(empty_url, "0015")
    with empty_engine.connect() as connection:
        assert connection.execute(sa.select(old.c.shown).order_by(old.c.rank)).scalars().all() == [True, False]
    upgrade(empty_url)
    assert [len(source.passages) for source in load_answer(empty_engine, 1).sources] == [1]


@pytest.mark.parametrize(("floor", "unrelated", "back"), [(0.4, 0.282, 0.4), (-1.0, 0.182, 0.3)])
def test_the_similarity_that_was_needed_becomes_what_is_unrelated(
    empty_url: str, empty_engine: sa.Engine, floor: float, unrelated: float, back: float
) -> None:
    upgrade(empty_url, "0016")
    fill_every_table(empty_engine)
    old = reflect(empty_engine)["generation"]
    with empty_engine.begin() as connection:
        connection.execute(old.update().values(min_similarity=floor))
    upgrade(empty_url)
    made = get_generation(empty_engine, 1)
    assert (made.unrelated_nearness, made.unrelated_spread) == pytest.approx((unrelated, 0.086))
    assert load_answer(empty_engine, 1).refused_because is None
    downgrade(empty_url, "0016")
    with empty_engine.connect() as connection:
        assert connection.scalars(sa.select(old.c.min_similarity)).all() == [pytest.approx(back)]


def test_bolt_s_tables_go_unless_another_app_writes_to_them(empty_url: str, empty_engine: sa.Engine) -> None:
    upgrade(empty_url, "0017")
    before = reflect(empty_engine)
    bolt_s = {name for name in before if name.startswith("slack_") and name not in metadata.tables}
    assert bolt_s == {"slack_bots", "slack_installations", "slack_oauth_states"}
    with empty_engine.begin() as connection:
        connection.execute(before["slack_bots"].insert().values(dict(sample_row(before["slack_bots"]))))

    upgrade(empty_url)
    assert bolt_s & set(reflect(empty_engine)) == {"slack_bots"}
    assert count_rows(empty_engine)["slack_bots"] == 1

    downgrade(empty_url, "0017")
    assert differences(empty_engine, before["slack_bots"].metadata) == []
    assert bolt_s < set(reflect(empty_engine))
    assert count_rows(empty_engine)["slack_bots"] == 1


def test_what_was_said_before_is_known_by_the_text_of_its_passage(empty_url: str, empty_engine: sa.Engine) -> None:
    upgrade(empty_url, "0018")
    fill_every_table(empty_engine)
    old = reflect(empty_engine)["impression"]
    with empty_engine.begin() as connection:
        gone = dict(sample_row(old)) | {"rank": 2, "chunk_id": None}
        connection.execute(old.insert().values(gone))
    upgrade(empty_url)
    known = hashlib.sha256(b"something").digest()
    new = reflect(empty_engine)["impression"].c
    with empty_engine.connect() as connection:
        found = connection.execute(sa.select(new.passage_hash, new.nearness).order_by(new.rank)).all()
    assert found == [(known, 1.0), (b"", 1.0)]
    downgrade(empty_url, "0018")
    upgrade(empty_url)
    with empty_engine.connect() as connection:
        assert connection.scalars(sa.select(new.passage_hash).order_by(new.rank)).all() == [known, b""]


def test_a_disk_that_fills_while_words_are_indexed_is_told_in_a_sentence_and_leaves_all_as_it_was(
    empty_url: str, empty_engine: sa.Engine
) -> None:
    def fill(*_: int) -> None:
        raise psycopg.errors.DiskFull

    upgrade(empty_url, "0013")
    fill_every_table(empty_engine)
    with pytest.raises(DatabaseFullError, match="ran out of room"):
        upgrade(empty_url, progress=fill)
    assert schema_status(empty_engine).current == "0013"
    upgrade(empty_url)
    assert schema_status(empty_engine).up_to_date


def test_what_was_under_way_goes_on_after_claims_are_numbered(empty_url: str, empty_engine: sa.Engine) -> None:
    upgrade(empty_url, "0020")
    fill_every_table(empty_engine)
    with raw_connection(empty_engine) as raw:
        for statement in (
            "UPDATE decision_request SET done_at = NULL, outcome = NULL",
            "UPDATE retrain_run SET status = 'running', attempt = 2, stopped = 1",
            "UPDATE slack_event SET done_at = NULL, attempts = 2",
            "INSERT INTO retrain_run (id, trigger, requested_by, status, finished_at) OVERRIDING SYSTEM VALUE"
            " SELECT n, 'cli', 'test', 'done', now() FROM generate_series(2, 4) AS n",
            "DELETE FROM posted_report",
            "INSERT INTO posted_report (run_id, channel, claimed_at, message_ts) VALUES"
            " (2, 'C1', now(), NULL), (3, 'C1', now() - interval '1 hour', NULL), (4, 'C1', now(), '1.5')",
            "UPDATE overdue_notice SET message_ts = NULL, claimed_at = now() - interval '1 hour'",
        ):
            raw.execute(statement)  # type: ignore[call-overload]
    upgrade(empty_url)
    with next_open_request(empty_engine) as lent:
        assert lent is not None and lent[0].wanted == "reject"
    with take_next_run(empty_engine) as run:
        assert run is not None and (run.id, run.attempt, run.stopped) == (1, 3, 1)
    assert lease_event(empty_engine, "something") == 3
    assert claim_reports(empty_engine, "C2") == [(3, 2)]
    overdue = Overdue("something", "Something is overdue.")
    assert claim_notice(empty_engine, overdue, "C2") and not claim_notice(empty_engine, overdue, "C2")
    before = count_rows(empty_engine)
    downgrade(empty_url, "0020")
    upgrade(empty_url)
    assert count_rows(empty_engine) == before


def test_what_nights_learnt_from_before_is_taken_to_be_all_that_trained_until_then(
    empty_url: str, empty_engine: sa.Engine
) -> None:
    upgrade(empty_url, "0021")
    fill_every_table(empty_engine)
    with raw_connection(empty_engine) as raw:
        for statement in (
            "DELETE FROM triplet",
            "INSERT INTO retrain_run (id, trigger, requested_by, status) OVERRIDING SYSTEM VALUE"
            " SELECT n, 'cli', 'test', 'done' FROM generate_series(2, 4) AS n",
            "INSERT INTO generation (run_id, artefact_id) VALUES (2, 1), (4, 1)",
            "DELETE FROM trained_question",
            "INSERT INTO trained_question (run_id, question_id, pair_id, text, person) VALUES"
            " (1, 1, NULL, 'a', 'ann'), (2, NULL, 1, 'b', 'ben'), (3, NULL, 99, 'c', 'cleo'), (4, 1, NULL, 'd', 'ann')",
        ):
            raw.execute(statement)  # type: ignore[call-overload]
    upgrade(empty_url)
    with raw_connection(empty_engine) as raw:
        query = "SELECT run_id, question_id, pair_id, added_by FROM learnt_from ORDER BY id"
        noted = raw.execute(query).fetchall()
    assert noted == [
        *((1, 1, None, None), (2, 1, None, None), (2, None, 1, "something")),
        *((4, 1, None, None), (4, None, 1, "something"), (4, None, 99, "cleo")),
    ]


def test_whom_only_the_newer_version_knows_sees_nothing_in_the_older_one(
    empty_url: str, empty_engine: sa.Engine
) -> None:
    upgrade(empty_url)
    parts = [read_audience("#finance"), read_audience("ada@example.com"), read_audience("#finance, @leads"), NOBODY]
    named = [ensure_audience(empty_engine, one) for one in parts]
    with raw_connection(empty_engine) as raw:
        for number, audience_id in enumerate(named):
            raw.execute(
                "INSERT INTO document (source_uri, title, content_hash, audience_id) VALUES (%s, '', '', %s)",
                (f"file:{number}", audience_id),
            )
        raw.execute(
            "INSERT INTO audience_member VALUES (%s, 'T1:U1', NULL), (%s, 'T1:U2', now())", (named[1], named[0])
        )
    downgrade(empty_url, "0026")
    with raw_connection(empty_engine) as raw:
        seen = raw.execute(
            "SELECT DISTINCT a.kind, d.audience_id <> 1 FROM document d JOIN audience a ON a.id = d.audience_id"
        ).fetchall()
        members = raw.execute("SELECT count(*) FROM audience_member").fetchone()
    assert (sorted(seen), members) == ([("channel", True), ("group", True)], (0,))
    upgrade(empty_url)
    assert reply_audiences(empty_engine, "T1", "D1", "direct", "T1:U1") == (1,)


def test_two_processes_that_upgrade_at_once_wait_for_each_other(
    empty_url: str, empty_engine: sa.Engine, start_python: Callable[..., subprocess.Popen[str]]
) -> None:
    script = "import sys; from db.store.migrate import upgrade; upgrade(sys.argv[1])"
    with maintenance_connection(empty_url) as holder, maintenance_connection(empty_url) as watcher:
        holder.execute("SELECT pg_advisory_lock(%s)", (migrate._LOCK,))
        processes = [start_python(script, empty_url) for _ in range(2)]
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while watcher.execute(waiting).fetchone() != (2,):
            assert all(process.poll() is None for process in processes), "one didn't wait"
        holder.execute("SELECT pg_advisory_unlock(%s)", (migrate._LOCK,))
        for process in processes:
            assert (process.communicate(timeout=60), process.returncode) == (("", ""), 0)
    assert schema_status(empty_engine).up_to_date


def test_the_migrated_schema_is_the_declared_one(engine: sa.Engine) -> None:
    assert differences(engine, metadata) == []
    inspector = sa.inspect(engine)
    for table in metadata.tables.values():
        declared = {check.name for check in table.constraints if isinstance(check, sa.CheckConstraint)}
        assert {check["name"] for check in inspector.get_check_constraints(table.name)} == declared
        assert inspector.get_table_comment(table.name)["text"] == table.comment


def differences(engine: sa.Engine, declared: sa.MetaData) -> list[Any]:
    """What Alembic would have to change in the tables that `declared` names."""

    def is_declared(thing: sa.schema.SchemaItem, name: str | None, kind: str, *_: object) -> bool:
        return name in declared.tables if kind == "table" else True

    options = {"compare_type": True, "compare_server_default": True, "include_object": is_declared}
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), declared))


def test_tables_of_another_version_are_refused_with_what_to_do(empty_url: str, empty_engine: sa.Engine) -> None:
    with pytest.raises(SchemaMismatchError, match="revision none.*nightshift db upgrade"):
        require_schema(empty_engine)
    upgrade(empty_url)
    require_schema(empty_engine)
    with empty_engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaMismatchError, match="9999, made by a newer Nightshift"):
        require_schema(empty_engine)
    with pytest.raises(SchemaMismatchError, match="9999, made by a newer Nightshift"):
        upgrade(empty_url)


def test_a_role_that_may_not_make_the_extension_is_told_what_it_needs(postgres_server: str) -> None:
    # the embedded server's role is no superuser, and only its own template carries pgvector
    with new_database(postgres_server, "template0") as url, pytest.raises(SchemaMismatchError, match="Grant it CREATE"):
        upgrade(url)


def test_a_migration_that_fails_leaves_nothing_behind(empty_url: str, empty_engine: sa.Engine) -> None:
    with maintenance_connection(empty_url) as connection:
        connection.execute("CREATE TABLE slack_bots (mine text)")
    with pytest.raises(SchemaMismatchError, match="tables of another program.*schema=nightshift") as caught:
        upgrade(empty_url)
    assert isinstance(caught.value.__cause__, sa.exc.ProgrammingError)
    assert set(reflect(empty_engine)) == {"slack_bots"}


def test_what_is_wrong_in_a_migration_is_not_taken_for_somebody_s_tables(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        raise sa.exc.ProgrammingError("SELECT", {}, psycopg.errors.UndefinedColumn("no such column"))

    monkeypatch.setattr("alembic.command.upgrade", stumble)
    with pytest.raises(sa.exc.ProgrammingError, match="no such column"):
        upgrade(database_url)


def test_what_is_on_trial_is_refused_going_back_and_nothing_is_left_of_it(
    empty_url: str, empty_engine: sa.Engine
) -> None:
    upgrade(empty_url, "0037")
    fill_every_table(empty_engine)
    made = reflect(empty_engine)["generation"]
    with empty_engine.begin() as connection:
        connection.execute(made.insert().values(dict(sample_row(made)) | {"run_id": None}))
        connection.execute(sa.text("UPDATE retrain_run SET decision = 'trial'"))
        connection.execute(sa.text("UPDATE trial SET candidate_id = 2"))
        connection.execute(sa.text("INSERT INTO in_service (role, generation_id) VALUES ('trial', 2)"))
    kept = count_rows(empty_engine)["impression"]
    downgrade(empty_url, "0036")
    tables = reflect(empty_engine)
    assert not {"trial", "trial_question"} & set(tables)
    assert not {"team", "incumbent_rank", "candidate_rank"} & set(tables["impression"].c.keys())
    with empty_engine.connect() as connection:
        assert connection.execute(sa.text("SELECT role, generation_id FROM in_service")).all() == [("serving", 1)]
        assert connection.execute(sa.text("SELECT id, status FROM generation ORDER BY id")).all() == [
            (1, "built"),
            (2, "refused"),
        ]
        assert connection.scalars(sa.text("SELECT decision FROM retrain_run")).all() == ["refused"]
    assert count_rows(empty_engine)["impression"] == kept
    with pytest.raises(sa.exc.IntegrityError), empty_engine.begin() as connection:
        connection.execute(sa.text("UPDATE retrain_run SET decision = 'trial'"))
    upgrade(empty_url)
    assert count_rows(empty_engine)["trial"] == 0


def test_who_asked_for_a_trial_to_begin_is_forgotten_going_back(empty_url: str, empty_engine: sa.Engine) -> None:
    upgrade(empty_url, "0038")
    fill_every_table(empty_engine)
    requests = reflect(empty_engine)["decision_request"]
    with empty_engine.begin() as connection:
        connection.execute(requests.insert().values(dict(sample_row(requests)) | {"wanted": "begin_trial"}))
    assert count_rows(empty_engine)["decision_request"] == 2
    downgrade(empty_url, "0037")
    with empty_engine.connect() as connection:
        assert connection.scalars(sa.text("SELECT wanted FROM decision_request")).all() == ["reject"]
    upgrade(empty_url)
    assert count_rows(empty_engine)["decision_request"] == 1
