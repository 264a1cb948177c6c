"""Planted faults: each is found, with what to do, and keeps nothing else from being looked at."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

import db.generations
import db.store.server
import retrain.night
from bot.slack.transport import NEEDED
from db import schema
from db.corpus import NOBODY, ensure_audience
from db.generations import index_questions, serving
from db.generations.catalogue import set_breadth
from db.generations.vectors import build_index, write_vectors
from db.settings import Settings
from db.sources import add_source, note_outcome, postpone
from db.store import EMBEDDED_DIR, raw_connection
from nightshift.doctor.examination import _NO_DATABASE, CHECKS, _wait, examine
from nightshift.doctor.finding import Check, Finding, Level, Subject
from retrain.night import space
from tests.corpus import add_base_generation, add_document
from tests.doubles_chat import ChatServer, chat_server, refused
from tests.doubles_slack import OwnSlack, free_port
from tests.night_rows import make_run, store_run
from tests.synthetic import add_chunks, unit_vectors

__all__ = ["chat_server"]

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

Examine = Callable[..., dict[str, Finding]]


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, database_url=SecretStr(database_url), connect_timeout_s=2)


@pytest.fixture
def store(engine: sa.Engine) -> sa.Engine:
    """A sound one: three passages with vectors, indexes and words."""
    generation = add_base_generation(engine)
    hits = add_document(engine, "Parking", [("", "Permits are handed out by Alma."), ("Bicycles", "Anywhere dry.")])
    hits += add_document(engine, "Coffee", [("", "The machine is descaled by the volcano team.")])
    with raw_connection(engine) as raw:
        write_vectors(raw, generation, [(hit.chunk_id, 1) for hit in hits], unit_vectors(3, 384))
        build_index(raw, generation)
    return engine


@pytest.fixture
def examined(store: sa.Engine, settings: Settings) -> Examine:
    """Examines the store, only by some checks where these are named, by other settings where some are given."""

    def look(*names: str, **changes: Any) -> dict[str, Finding]:
        chosen = [check for check in CHECKS if not names or check.name in names]
        return examine(settings.model_copy(update=changes), checks=chosen)

    return look


def run_sql(engine: sa.Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))


def not_sound(found: dict[str, Finding]) -> dict[str, Level]:
    return {name: finding.level for name, finding in found.items() if finding.level != "ok"}


def test_a_sound_store_has_no_fault(examined: Examine) -> None:
    found = examined()
    assert not_sound(found) == {}
    assert list(found) == [check.name for check in CHECKS]
    assert found["database"].figures["pgvector"]
    assert found["documents"].figures == {"documents": 2, "chunks": 3}
    assert found["words"].figures == {"wordless": 0, "looked_at": 3}
    assert 0 < float(str(found["memory"].figures["needed"]))


@pytest.mark.parametrize(
    ("statements", "check", "level", "said"),
    [
        (["UPDATE alembic_version SET version_num = '0007'"], "tables", "fault", "nightshift db upgrade"),
        (["UPDATE alembic_version SET version_num = '9999'"], "tables", "fault", "newer Nightshift"),
        (["DROP TABLE ballot"], "tables", "fault", "something is gone from the database (ballot)"),
        (["DROP TABLE embedding_1"], "tables", "fault", "embedding_1"),
        (["DROP INDEX embedding_1_hnsw"], "index", "fault", "embedding_1_hnsw"),
        (["DROP INDEX embedding_1_audience"], "index", "fault", "embedding_1_audience"),
        (["DELETE FROM embedding_1 WHERE chunk_id = 2"], "vectors", "fault", "1 of generation 1"),
        (["DELETE FROM posting WHERE lexeme = 'permit'"], "words", "fault", "Of 3 passages 1 "),
        (["DELETE FROM posting"], "words", "fault", "Of 3 passages 3 "),
        (["DELETE FROM words_of_audience"], "words", "fault", "those of some passages lacked"),
        (["UPDATE words SET version = 0"], "words", "fault", "reads words differently"),
        (["UPDATE artefact SET sha256 = repeat('0', 64)"], "models", "fault", "aren't the ones that were recorded"),
        (["UPDATE artefact SET uri = 'data:run-7'"], "models", "fault", "run-7 is not a folder"),
        (["CREATE TABLE embedding_77 (chunk_id bigint)"], "leftovers", "warning", "embedding_77"),
        (
            ["INSERT INTO slack_event (event_id, claimed_at, payload) VALUES ('Ev1', now() - interval '1 h', '{}')"],
            "leftovers",
            "warning",
            "1 messages from Slack were taken by a process that died",
        ),
        (
            [
                "INSERT INTO slack_event (event_id, claimed_at, payload, attempts)"
                " VALUES ('Ev1', now() - interval '1 h', '{}', 4)"
            ],
            "leftovers",
            "warning",
            "1 messages from Slack were given up",
        ),
        (
            ["UPDATE generation SET created_at = now() - interval '3 days'"],
            "nights",
            "fault",
            "was not begun. Nobody runs nights",
        ),
    ],
)
def test_what_was_done_to_the_store_is_found(
    store: sa.Engine, examined: Examine, statements: list[str], check: str, level: Level, said: str
) -> None:
    run_sql(store, *statements)
    found = examined()
    assert (found[check].level, said in found[check].sentence) == (level, True), found[check]
    assert found[check].remedy
    others = {name for name, its in not_sound(found).items() if its != "skipped"} - {check}
    assert others == set()


@pytest.mark.parametrize(
    ("changes", "check", "level", "said"),
    [
        ({"night_cron": "0 25 * * *"}, "schedule", "fault", "is not a crontab line"),
        ({"timezone": "Mars/Olympus"}, "schedule", "fault", "is not a time zone"),
        ({"base_model": "/no/such/folder"}, "models", "fault", ""),
        ({"languages": "english,dutch"}, "words", "fault", "their languages were english and are english, dutch"),
    ],
)
def test_settings_that_do_not_fit_are_found(
    examined: Examine, changes: dict[str, Any], check: str, level: Level, said: str
) -> None:
    found = examined(**changes)
    assert (found[check].level, said in found[check].sentence) == (level, True), found[check]
    assert found[check].remedy


def test_a_database_that_is_away_keeps_nothing_else_from_being_looked_at(
    examined: Examine, chat_server: ChatServer
) -> None:
    away = SecretStr(f"postgresql://nobody:hunter2@127.0.0.1:{free_port()}/x")
    model = chat_server.settings()
    found = examined(database_url=away, llm_base_url=model.llm_base_url, llm_api_key=model.llm_api_key)
    assert (found["database"].level, found["language_model"].level, found["schedule"].level) == ("fault", "ok", "ok")
    assert "can't be reached" in found["database"].sentence and found["database"].remedy
    assert "hunter2" not in repr(found)
    assert {found[name].level for name in ("words", "disk", "leftovers")} == {"skipped"}
    found = examined("database", "tables", "words", database_url=SecretStr(f"{away.get_secret_value()}?schema="))
    assert [one.level for one in found.values()] == ["fault", "skipped", "skipped"]
    assert found["database"].remedy and "hunter2" not in repr(found)


def test_a_server_that_is_too_old_is_found(examined: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.store.server, "MIN_PGVECTOR", (9, 0, 0))
    found = examined("database", "tables", "clock", "words")
    assert found["database"].level == "fault" and "is too old" in found["database"].sentence
    assert (found["clock"].level, found["tables"].level, found["words"].level) == ("ok", "skipped", "skipped")


@pytest.mark.parametrize(
    ("off_s", "level", "said"),
    [(600, "fault", "s ahead"), (-600, "fault", "s behind"), (60, "warning", "s ahead"), (5, "ok", "")],
)
def test_a_clock_that_is_off_is_found(
    store: sa.Engine, settings: Settings, off_s: float, level: Level, said: str
) -> None:
    subject = Subject(settings, store, lambda: datetime.now(UTC) + timedelta(seconds=off_s))
    clock = [check for check in CHECKS if check.name in ("database", "tables", "clock")]
    found = examine(settings, subject, checks=clock)["clock"]
    assert (found.level, said in found.sentence) == (level, True), found
    # whatever reading the database's clock takes isn't held against either
    assert abs(off_s) - 30 <= abs(found.figures["skew_s"]) <= abs(off_s)


def test_nights_that_hang_or_failed_are_found(store: sa.Engine, examined: Examine) -> None:
    ended = store_run(store, make_run())
    found = examined("nights")["nights"]
    assert (found.level, found.sentence) == ("ok", f"The last night, run {ended.id}, ended: {ended.decision}.")
    failed = store_run(store, make_run(status="failed", decision=None, reasons=["The disk was full."]))
    found = examined("nights")["nights"]
    assert (found.level, found.figures["run"]) == ("warning", failed.id)
    assert "The disk was full." in found.sentence
    store_run(store, make_run(status="running", decision=None, finished_at=None, requested_at=LONG_AGO))
    found = examined("nights")["nights"]
    assert found.level == "fault" and "There is no sign of life" in found.sentence


def test_sources_that_failed_or_are_overdue_are_found(store: sa.Engine, examined: Examine) -> None:
    assert examined("sources")["sources"].sentence == "No sources."
    added = {name: add_source(store, name, "directory", {"path": f"/{name}"}, 600) for name in ("a", "b", "c", "d")}
    for name, outcome in (("a", {"added": 3}), ("b", {"error": "It is down."}), ("c", {"failures": 2})):
        note_outcome(store, added[name].id, outcome)
    assert examined("sources")["sources"].figures == {"sources": 4, "failed": ["b", "c"], "overdue": []}
    postpone(store, added["d"].id, -7200.0)
    found = examined("sources")["sources"]
    assert found.level == "warning" and "last sync: b, c." in found.sentence
    assert found.figures["overdue"] == ["d"] and "nightshift run" in str(found.remedy)
    run_sql(store, "DELETE FROM source WHERE name <> 'a'")
    assert examined("sources")["sources"].level == "ok"


def test_a_copy_of_what_a_person_hid_is_found(store: sa.Engine, examined: Examine) -> None:
    text = " ".join(f"Grade {n} is paid {n * 137} euros." for n in range(30))
    for name in ("pay", "pay-2"):
        add_document(store, name, [("", f"{text} {name}")], uri=f"file:///{name}")
    assert examined("copies")["copies"].level == "ok"
    with store.begin() as connection:
        hidden = {"audience_from": "person", "audience_id": ensure_audience(store, NOBODY)}
        of_pay = schema.document.c.source_uri == "file:///pay"
        connection.execute(sa.update(schema.document).where(of_pay).values(hidden))
    found = examined("copies")["copies"]
    assert (found.level, found.figures) == ("warning", {"copies": ["file:///pay-2"]})
    assert "file:///pay-2 (as file:///pay)" in found.sentence and "documents hide" in (found.remedy or "")


def test_what_a_night_left_on_disk_is_found(examined: Examine, settings: Settings) -> None:
    (settings.models_dir / "run-7.training").mkdir(parents=True)
    found = examined("leftovers")["leftovers"]
    assert (found.level, found.figures["files"]) == ("warning", ["run-7.training"])
    assert "nightshift generations prune" in str(found.remedy)


def test_too_little_room_for_the_next_night_is_found(examined: Examine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "free_bytes", lambda folder: 1000)
    monkeypatch.setattr(retrain.night, "memory_available", lambda: 10**9)
    found = examined("disk", "memory")
    assert found["disk"].level == "fault" and "A night needs about" in found["disk"].sentence
    assert found["memory"].level == "warning" and "1.0 GB is available here" in found["memory"].sentence


class _Encoders:
    """Puts questions anywhere."""

    def __init__(self, *_: object) -> None:
        pass

    def get(self, generation: object) -> _Encoders:
        return self

    def encode_questions(self, texts: list[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        return unit_vectors(len(texts), 384, seed=7)


@pytest.mark.parametrize(("ef_search", "level"), [(1, "warning"), (800, "ok")])
def test_an_index_that_misses_much_is_found(
    store: sa.Engine, examined: Examine, monkeypatch: pytest.MonkeyPatch, ef_search: int, level: Level
) -> None:
    for room in db.generations, index_questions:
        monkeypatch.setattr(room, "EXACT_UP_TO", 4)
    monkeypatch.setattr(db.generations, "Encoders", _Encoders)
    chunks = add_chunks(store, 600)
    generation = serving(store)
    with raw_connection(store) as raw:
        write_vectors(raw, generation, chunks, unit_vectors(600, 384, seed=1))
    with store.begin() as connection:
        set_breadth(connection, generation, ef_search)
    found = examined("recall")["recall"]
    assert found.level == level, found
    assert found.figures["questions"] == 50


async def slack_found(examined: Examine, slack: OwnSlack, **changes: Any) -> Finding:
    async with slack.running() as api_url:
        changes = {"slack_bot_token": SecretStr("xoxb-1"), "slack_api_url": api_url} | changes
        found = await asyncio.to_thread(examined, "slack", **changes)
    return found["slack"]


def granting(*scopes: str) -> tuple[int, dict[str, str], dict[str, Any]]:
    return 200, {"X-OAuth-Scopes": ",".join(scopes)}, {}


async def test_scopes_that_are_lacking_are_found(examined: Examine) -> None:
    slack = OwnSlack()
    slack.answers["auth.test"] = [granting(*NEEDED, "reactions:read")]
    assert (await slack_found(examined, slack)).level == "ok"
    slack.answers["auth.test"] = [granting(*(scope for scope in NEEDED if scope not in ("chat:write", "groups:read")))]
    found = await slack_found(examined, slack)
    assert (found.level, found.figures["lacking"]) == ("fault", ["chat:write", "groups:read"])
    assert "install the app again" in str(found.remedy)
    slack.answers["auth.test"] = [{}]
    assert "doesn't say with which scopes" in (await slack_found(examined, slack)).sentence


async def test_what_slack_refuses_is_found(examined: Examine) -> None:
    slack = OwnSlack()
    slack.answers["auth.test"] = [granting(*NEEDED)]
    slack.answers["apps.connections.open"] = [{"ok": False, "error": "invalid_auth"}]
    found = await slack_found(examined, slack, slack_app_token=SecretStr("xapp-1"))
    assert found.level == "fault" and "NIGHTSHIFT_SLACK_APP_TOKEN (invalid_auth)" in found.sentence
    outside = {"ok": True, "channel": {"id": "C1", "is_private": False, "is_member": False}}
    slack.answers["conversations.info"] = [outside]
    found = await slack_found(examined, slack, slack_admin_channel="C1")
    assert found.level == "warning" and "isn't in the admins' channel" in found.sentence
    slack.answers["auth.test"] = [{"ok": False, "error": "token_revoked"}]
    found = await slack_found(examined, slack)
    assert found.level == "fault" and "NIGHTSHIFT_SLACK_BOT_TOKEN (token_revoked)" in found.sentence
    assert found.remedy


def test_a_language_model_that_refuses_is_found(examined: Examine, chat_server: ChatServer) -> None:
    model = chat_server.settings()
    changes = {"llm_base_url": model.llm_base_url, "llm_api_key": model.llm_api_key}
    assert examined("language_model", **changes)["language_model"].level == "ok"
    chat_server.says(refused({"error": {"message": "hunter2 is no key"}}, 401))
    found = examined("language_model", **changes)["language_model"]
    assert found.level == "fault" and "status 401" in found.sentence
    assert "NIGHTSHIFT_LLM_API_KEY" in str(found.remedy) and "hunter2" not in repr(found)


def test_what_hangs_or_breaks_is_given_up_alone(store: sa.Engine, settings: Settings) -> None:
    let_go = threading.Event()

    def hang(subject: Subject) -> Finding:
        let_go.wait()
        return Finding("ok", "Late.")

    def fail(subject: Subject) -> Finding:
        raise RuntimeError("hunter2")

    checks = [
        *(check for check in CHECKS if check.name in ("database", "tables", "documents")),
        *(Check(f"hangs_{needs}", hang, "Wait.", needs) for needs in ("nothing", "database", "tables")),
        Check("fails", fail, "Mend it."),
    ]
    found = examine(settings, limit_s=4, checks=checks)  # what is sound has to be looked at within it
    let_go.set()
    assert {name for name, level in not_sound(found).items() if level == "fault"} == {
        "hangs_nothing",
        "hangs_database",
        "hangs_tables",
        "fails",
    }
    assert found["hangs_tables"].sentence == "This took longer than 4 s, and was given up."
    assert found["fails"] == Finding("fault", "This can't be looked at (RuntimeError).", "Mend it.")
    assert found["documents"].level == "ok"


def test_a_folder_in_which_nothing_was_begun_is_no_fault(tmp_path: Path) -> None:
    found = examine(Settings(data_dir=tmp_path / "new"))
    assert found["database"].level == "warning" and "There is no database yet" in found["database"].sentence
    assert "fault" not in not_sound(found).values()
    assert not (tmp_path / "new").exists()


def test_an_embedded_server_that_can_not_be_started_is_one_fault(homes: Path) -> None:
    """As where somebody copied another's data there."""
    pgdata = homes / "older" / EMBEDDED_DIR / "pgdata"
    pgdata.mkdir(parents=True)
    (pgdata / "PG_VERSION").write_text("16\n")
    found = examine(Settings(data_dir=homes / "older"))
    assert found["database"].level == "fault" and "a folder to itself; move them away" in found["database"].sentence
    for name, finding in found.items():
        assert name == "database" or finding.level in ("ok", "skipped", "warning"), (name, finding)
    assert found["tables"] == found["documents"] == _NO_DATABASE


def test_a_store_without_documents_is_told_as_it_is(engine: sa.Engine, settings: Settings) -> None:
    skipped = dict.fromkeys(("index", "vectors", "models", "disk", "memory"), "skipped")
    assert not_sound(examine(settings)) == {"documents": "warning", **skipped}


def test_checks_that_hang_are_waited_for_together() -> None:
    [check] = [check for check in CHECKS if check.name == "clock"]
    found = _wait(Future(), check, 1e9, time.monotonic() - 1)
    assert (found.level, found.sentence) == ("fault", "This took longer than 1e+09 s, and was given up.")
