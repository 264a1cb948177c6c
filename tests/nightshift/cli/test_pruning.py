"""`nightshift prune`: it says what goes, asks, and does it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.question import Asked
from db.settings import load_settings
from retrain.report import write_report
from tests.corpus import add_answer
from tests.night_rows import EVIDENCE, make_run, store_run
from tests.nightshift.conftest import Run


def test_without_a_setting_there_is_nothing_to_do(run: Run, engine: sa.Engine) -> None:
    code, out, err = run("prune", "--yes")
    assert (code, out) == (2, "")
    assert "NIGHTSHIFT_KEEP_VOTES_DAYS" in err


def test_it_counts_asks_and_deletes(run: Run, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSHIFT_KEEP_QUESTIONS_DAYS", "30")
    add_answer(engine, 1)
    assert "nothing" in run("prune", "--dry-run")[1]
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE question SET asked_at = now() - interval '31 days'"))
    assert "To be deleted:\n  1 questions" in run("prune", "--dry-run")[1]
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    code, out, _ = run("prune")
    assert code == 1 and "1 questions" in out
    code, out, err = run("prune", "--json")
    assert (code, out) == (2, "") and "--dry-run" in err
    counts = {"questions": 1, "answers": 0, "passages": 0, "votes": 0, "trained": 0}
    assert json.loads(run("prune", "--dry-run", "--json")[1]) == {"dry_run": True, **counts}
    code, out, _ = run("prune", "--yes")
    assert code == 0 and out.startswith("Deleted:\n  1 questions")
    assert json.loads(run("prune", "--json", "--yes")[1]) == {"dry_run": False, **counts, "questions": 0}


def test_reports_that_quote_what_goes_are_written_anew(
    run: Run, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTSHIFT_KEEP_QUESTIONS_DAYS", "30")
    asked = add_answer(engine, 1, Asked("may my parrot park?", "T1", "C1", "public", "T1:U1", "1.5")).question_id
    changed = {"better": [{"kind": "question", "id": asked, "ndcg": [0, 1], "rank": [4, 1]}], "worse": []}
    pages: list[Path] = []
    for _ in range(2):
        night = store_run(engine, make_run(evidence=EVIDENCE | {"changed": changed}))
        pages.append(write_report(engine, load_settings(), night))
    assert all("parrot" in page.read_text() for page in pages)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE question SET asked_at = now() - interval '31 days'"))
    assert run("prune", "--yes")[0] == 0
    assert not any("parrot" in page.read_text() for page in pages)
