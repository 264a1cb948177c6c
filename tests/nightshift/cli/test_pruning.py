"""`nightshift prune`: it says what goes, asks, and does it."""

from __future__ import annotations

import io
import json

import pytest
import sqlalchemy as sa

from tests.corpus import add_answer
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
