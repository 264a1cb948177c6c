"""`nightshift people`: one person's data handed over as JSON, and erased after a question whether it is meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from db.errors import UnknownIdError
from db.privacy.erasure import Erased
from db.question import Asked
from db.settings import Settings
from nightshift.cli import app
from retrain.report import write_report
from tests.corpus import add_answer
from tests.night_rows import EVIDENCE, make_run, store_run

ANN = "T1:U0ANN"
SECRET = "does my parrot need a permit?"


def test_exported_then_erased_reports_included(
    engine: sa.Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTSHIFT_DATABASE_URL", database_url)
    monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", str(tmp_path))
    asked = add_answer(engine, 1, Asked(SECRET, "T1", "C1", "public", ANN, thread_ts="1700000000.000100")).question_id
    changed = {"better": [{"kind": "question", "id": asked, "ndcg": [0, 1], "rank": [4, 1]}], "worse": []}
    page = write_report(
        engine, Settings(data_dir=tmp_path), store_run(engine, make_run(evidence=EVIDENCE | {"changed": changed}))
    )
    assert SECRET in page.read_text()
    command = CliRunner()

    exported = command.invoke(app, ["people", "export", ANN])
    assert json.loads(exported.output)["question"][0]["raw_text"] == SECRET

    assert command.invoke(app, ["people", "erase", ANN], input="n\n").exit_code == 1
    assert SECRET in command.invoke(app, ["people", "export", ANN]).output
    assert "Questions erased: 1;" in command.invoke(app, ["people", "erase", ANN, "--yes"]).output
    assert SECRET not in command.invoke(app, ["people", "export", ANN]).output
    assert SECRET not in page.read_text()


@pytest.mark.parametrize(
    ("asked_by", "person", "told"),
    [
        ("local:ada", "local:bob", "people --help"),
        ("local:ada", "ada", "Did you mean local:ada?"),
        ("local:ada", "local:ad", "people --help"),
        ("T1:U0ANN", "U0ANN", "people --help"),
        ("T1:U0ANN", "", "people --help"),
    ],
)
def test_somebody_unknown_is_said_to_be_and_nothing_is_written(
    engine: sa.Engine,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked_by: str,
    person: str,
    told: str,
) -> None:
    monkeypatch.setenv("NIGHTSHIFT_DATABASE_URL", database_url)
    monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", str(tmp_path))
    add_answer(engine, 1, Asked(SECRET, "T1", "C1", "public", asked_by))
    for words in (["export", person], ["erase", person, "--yes"], ["erase", person]):
        done = CliRunner().invoke(app, ["people", *words])
        assert done.exit_code != 0 and done.stdout == ""
        assert isinstance(done.exception, UnknownIdError)
        assert f"Nothing is kept of {person}." in str(done.exception) and told in str(done.exception)
    assert CliRunner().invoke(app, ["people", "export", asked_by]).exit_code == 0


def test_the_generations_that_had_learnt_from_it_are_named(
    engine: sa.Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTSHIFT_DATABASE_URL", database_url)
    monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("db.privacy.erase_person", lambda *_: Erased(questions=3, pairs=1, generations=(4, 7)))
    add_answer(engine, 1, Asked(SECRET, "T1", "C1", "public", ANN))
    told = CliRunner().invoke(app, ["people", "erase", ANN, "--yes"]).output
    assert "Questions erased: 3; curated pairs: 1" in told
    assert "Generations that had learnt from it, and are marked: 4, 7." in told
