"""`nightshift doctor`: one JSON object and an exit code; `nightshift db repair` mends what it finds."""

from __future__ import annotations

import json

import psycopg
import pytest
import sqlalchemy as sa

import db.generations
from db.store import raw_connection
from tests.conftest import maintenance_connection
from tests.corpus import add_base_generation, add_document, embed, encoders
from tests.nightshift.conftest import Run


def found_by(run: Run) -> tuple[int, dict[str, dict[str, object]]]:
    code, out, err = run("doctor", "--json")
    facts = json.loads(out)
    assert (facts["ok"], err) == (code == 0, "")
    return code, {one["check"]: one for one in facts["checks"]}


def test_what_is_found_is_one_line_of_json_and_an_exit_code(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    code, found = found_by(run)
    assert (code, found["settings"]["level"], found["documents"]["level"]) == (0, "ok", "warning")
    monkeypatch.setenv("NIGHTSHIFT_NIGHT_CRON", "0 25 * * *")
    monkeypatch.setenv("NIGHTSHIFT_SLACK_TOKEN", "hunter2")
    code, found = found_by(run)
    assert (code, found["schedule"]["level"], found["settings"]["level"]) == (1, "fault", "warning")
    assert "did you mean NIGHTSHIFT_SLACK_BOT_TOKEN?" in str(found["settings"]["sentence"])
    code, shown, _ = run("doctor")
    assert code == 1
    assert "✗ schedule" in shown and "→ Correct NIGHTSHIFT_NIGHT_CRON" in shown and "hunter2" not in shown


def test_settings_that_cannot_be_used_are_found(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSHIFT_HTTP_PORT", "hunter2")
    code, found = found_by(run)
    assert (code, found["settings"]["level"]) == (1, "fault")
    assert "NIGHTSHIFT_HTTP_PORT: " in str(found["settings"]["sentence"]) and "hunter2" not in str(found)
    assert {one["level"] for name, one in found.items() if name != "settings"} == {"skipped"}


def test_what_got_lost_is_repaired(
    run: Run, engine: sa.Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db.generations, "Encoders", lambda *_: encoders())
    add_base_generation(engine)
    hits = add_document(engine, "Parking", [("", "Permits are handed out by Alma."), ("Bicycles", "Anywhere dry.")])
    embed(engine, hits)
    with raw_connection(engine) as raw:
        raw.execute("DELETE FROM posting WHERE lexeme = 'permit'")
        broken = "CREATE UNIQUE INDEX CONCURRENTLY embedding_1_audience ON embedding_1 (audience_id)"
    with maintenance_connection(database_url) as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(broken)  # which stays, and isn't valid
    with raw_connection(engine) as raw:
        raw.execute("DELETE FROM embedding_1 WHERE chunk_id = %s", (hits[0].chunk_id,))
    code, found = found_by(run)
    assert code == 1
    assert {name for name, one in found.items() if one["level"] == "fault"} == {"index", "vectors", "words"}
    assert run("db", "repair")[:2] == (
        0,
        "Passages that got a vector: 1. The indexes stand. All words were made anew: some had got lost.\n",
    )
    assert found_by(run)[0] == 0
    assert run("db", "repair")[1] == "Passages that got a vector: 0. The indexes stand. The words were all there.\n"
