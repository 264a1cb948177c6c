"""The command line: what a person types, what they read, and one plain sentence for everything that can be wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import sqlalchemy as sa
import typer.main

from db.errors import NightshiftError
from db.schema import curated_pair
from db.store import raw_connection
from nightshift.cli import EXIT_CODES, app
from tests.conftest import ROOT
from tests.corpus import add_base_generation, add_document, embed
from tests.night_rows import make_run, store_run
from tests.nightshift.conftest import Run
from tests.synthetic import make_generation


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    folder = tmp_path / "handbook"
    folder.mkdir()
    (folder / "parking.md").write_text("# Parking\n\nPermits are handed out by Alma at the front desk on Mondays.\n")
    (folder / "coffee.md").write_text("# Coffee\n\nThe machine on floor three is descaled by the volcano team.\n")
    return folder


def test_every_error_ends_by_a_code_that_scripts_are_told_of() -> None:
    def all_of(kind: type[NightshiftError]) -> set[type[NightshiftError]]:
        return {kind}.union(*(all_of(own) for own in kind.__subclasses__()))

    assert {kind.exit_code for kind in all_of(NightshiftError)} <= EXIT_CODES.keys()


def test_every_command_tells_its_result_as_json_but_those_that_go_on_or_are_json_anyway() -> None:
    def lacking(command: click.Command, path: str) -> set[str]:
        if children := getattr(command, "commands", {}):
            return {own for name, child in children.items() for own in lacking(child, f"{path} {name}".strip())}
        return set() if any("--json" in own.opts for own in command.params) else {path}

    go_on, are_json = {"run", "nights", "init"}, {"generations show", "pairs export", "people export"}
    assert lacking(typer.main.get_command(app), "") == go_on | are_json


def test_what_is_done_is_told_as_one_line_of_json(run: Run, handbook: Path, tmp_path: Path, engine: sa.Engine) -> None:
    def told(*arguments: object, code: int = 0) -> Any:
        found, out, _ = run(*arguments, "--json")
        assert (found, out.count("\n")) == (code, 1), out
        return json.loads(out)

    told("ingest", handbook)
    citation = told("ask", "Who hands out parking permits?")["sources"][0]["citation_id"]
    assert told("vote", citation, "up") == {"citation": citation, "vote": 1, "before": 0}
    assert told("vote", citation, "clear")["before"] == 1
    assert told("golden", "add", "who has permits?", "Parking") == {"id": 1, "is_new": True, "document": "Parking"}
    told("golden", "add", "Who has permits", "Coffee")
    checked = told("golden", "check", code=1)
    assert (checked["golden"], checked["broken"], checked["at_odds"]) == (2, [], [[1, 2]])
    (tmp_path / "pairs.jsonl").write_text('{"prompt": "and?", "completion": "Nobody wrote it"}\n')
    [imported] = told("pairs", "import", tmp_path / "pairs.jsonl", code=1)
    assert (imported["added"], imported["not_found"]) == (0, 1)
    store_run(engine, make_run())
    assert told("report")["report"].endswith("/report.html")
    made = make_generation(engine)
    facts = {"dry_run": True, "generation": made.id, "lacking": 2}
    assert told("generations", "promote", made.id, "--dry-run") == facts
    assert told("generations", "prune", "--dry-run")["generations"] == [made.id]
    assert told("db", "repair") == {"passages": 0, "words": None}
    assert told("db", "upgrade") == {"up_to_date": True}
    assert run("people", "erase", "local:console", "--json")[0] == 2  # it can't ask
    assert told("people", "erase", "local:console", "--yes")["questions"] == 1


def test_from_documents_to_a_vote(run: Run, handbook: Path, engine: sa.Engine) -> None:
    code, out, _ = run("ingest", handbook, "--json")
    assert code == 0
    nothing = dict.fromkeys(("changed", "moved", "removed", "unchanged"), 0)
    assert json.loads(out) == {"added": 2, **nothing, "failed": [], "left_out": {}, "not_removed": []}
    assert json.loads(run("ingest", handbook, "--json")[1])["unchanged"] == 2
    (handbook / "wifi.md").write_text("# Wifi\n\nThe key is ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8.\n")
    assert "Masked 1 secret (keys, tokens) in what was read; change them." in run("ingest", handbook)[1]

    code, out, _ = run("ask", "Who hands out parking permits?", "--json")
    answer = json.loads(out)
    assert (code, answer["kind"]) == (0, "quoted")
    assert "Alma" in answer["text"]
    citation = answer["sources"][0]["citation_id"]

    for say, live in (("up", [1]), ("up", [1]), ("down", [-1]), ("clear", [])):
        assert run("vote", citation, say)[0] == 0
        with engine.connect() as connection:
            assert list(connection.scalars(sa.text("SELECT value FROM vote"))) == live


def test_what_is_not_known_is_said_to_be(run: Run, handbook: Path) -> None:
    run("ingest", handbook)
    answer = json.loads(run("ask", "What is the boiling point of tungsten?", "--json")[1])
    assert (answer["kind"], answer["sources"]) == ("unknown", [])
    assert "I don't know" in answer["text"]
    assert {near["uri"].rsplit("/", 1)[-1] for near in answer["nearest"]} == {"parking.md", "coffee.md"}
    assert answer["refused_because"].startswith("None of its words stands in a document")


def test_why_a_question_is_answered_or_refused_is_said_on_demand(run: Run, handbook: Path) -> None:
    run("ingest", handbook)
    refused = run("ask", "Who hands out parking permits at Siemens?", "--explain")[1]
    assert "Not answered: It names “Siemens”, which stands in no document that may be shown here." in " ".join(
        refused.split()
    )
    assert "The nearest documents" in refused and "parking.md" in refused
    answered = run("ask", "Who hands out parking permits?", "--explain")[1]
    assert "Answered (quoted) from" in answered and "Not answered" not in answered
    assert "Answered" not in run("ask", "Who hands out parking permits?")[1]


def test_a_dry_run_changes_nothing(run: Run, handbook: Path, engine: sa.Engine) -> None:
    assert "Would add 2" in run("ingest", handbook, "--dry-run")[1]
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM document")) == 0


def test_a_promotion_s_dry_run_changes_nothing(run: Run, engine: sa.Engine) -> None:
    add_base_generation(engine)
    made = make_generation(engine)
    embed(engine, add_document(engine, "Parking", [("", "Visitors park on the north side."), ("", "Or behind.")]))

    def everything() -> list[object]:
        with engine.connect() as connection:
            tables = sa.inspect(connection).get_table_names()
            return [connection.execute(sa.text(f'SELECT * FROM "{name}" ORDER BY 1')).all() for name in sorted(tables)]

    with raw_connection(engine) as raw:
        raw.execute(f"INSERT INTO {made.table} SELECT 999, 1, '[1{',0' * 15}]'")  # of a chunk that is gone
    before = everything()
    assert "would serve after encoding 2 chunks" in run("generations", "promote", made.id, "--dry-run")[1]
    assert everything() == before
    with raw_connection(engine) as raw:
        raw.execute(f"DROP TABLE {made.table}")
    before = everything()
    assert "would serve after encoding 2 chunks" in run("generations", "promote", made.id, "--dry-run")[1]
    assert everything() == before


def test_an_unreadable_file_is_named_and_the_others_go_in(run: Run, handbook: Path) -> None:
    (handbook / "broken.md").write_bytes(b"\x00\x01\x02\xff" * 100)
    code, out, err = run("ingest", handbook)
    assert (code, "Added 2" in out) == (1, True)
    assert "broken.md" in err


def test_in_other_languages_words_are_indexed_anew_and_that_is_said(
    run: Run, handbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "indexed anew" not in run("ingest", handbook)[2]
    monkeypatch.setenv("NIGHTSHIFT_LANGUAGES", "german, english")
    said = "All words were indexed anew: their languages were english and are german, english."
    assert said in run("ingest", handbook)[2]
    assert "indexed anew" not in run("ingest", handbook)[2]
    monkeypatch.setenv("NIGHTSHIFT_LANGUAGES", "elvish")
    code, _, err = run("ingest", handbook)
    assert code != 0
    assert "NIGHTSHIFT_LANGUAGES: elvish is none of the languages known: arabic" in err


def test_malformed_pairs_are_named_by_file_and_line(run: Run, handbook: Path, tmp_path: Path) -> None:
    run("ingest", handbook)
    pairs = tmp_path / "pairs.jsonl"
    good = {"prompt": "who has permits?", "completion": "Permits are handed out by Alma at the front desk"}
    lost = {"prompt": "what of it?", "completion": "Nobody ever wrote this sentence anywhere"}
    pairs.write_text("\n".join([json.dumps(good), "not json", json.dumps(lost)]))
    code, out, err = run("pairs", "import", pairs)
    assert code == 1
    assert f"{pairs}:2:" in err
    assert f"{pairs}:3:" in err
    assert "added 1" in out
    assert json.loads(run("pairs", "export")[1]) == good
    code, out, err = run("pairs", "import", pairs, "/nowhere/pairs.jsonl")
    assert code != 0 and "known 1" in out, "what became of one is told, though the next can't be read"


def test_a_golden_set_grows_and_is_checked(run: Run, handbook: Path, engine: sa.Engine) -> None:
    run("ingest", handbook)
    for prompt, document in (("who has permits?", handbook / "parking.md"), ("Who has permits", "Coffee")):
        code, out, _ = run("golden", "add", prompt, document)
        assert (code, "Added: golden question" in out) == (0, True)
    answer = json.loads(run("ask", "Who descales the machine?", "--json")[1])
    marked = ("--question", answer["question_id"], "--citation", answer["sources"][0]["citation_id"])
    assert run("golden", "add", *marked)[0] == 0
    assert "Known already" in run("golden", "add", *marked)[1]

    listed = json.loads(run("golden", "list", "--json")[1])
    assert [(pair["documents"], pair["question"]) for pair in listed] == [
        (["Parking"], None), (["Coffee"], None), (["Coffee"], answer["question_id"]),
    ]  # fmt: skip
    assert listed[2]["prompt"] is None  # nobody but the terminal was there
    assert "who has permits?" in run("golden", "list")[1]

    code, out, err = run("golden", "check")
    assert (code, "1, 2: they ask the same and name different documents" in err) == (1, True)
    assert "3 golden questions: 0 broken, 1 groups alike, 1 at odds." in out
    assert "golden pairs would do" in out

    (handbook / "parking.md").write_text("# Parking\n\nThere is no parking any more; come by bicycle.\n")
    run("ingest", handbook)
    code, _, err = run("golden", "check")
    assert (code, "1: its passage is in no document any more" in err) == (1, True)
    assert json.loads(run("golden", "list", "--json")[1])[0]["documents"] == []


def test_a_golden_question_asked_in_private_is_not_shown(run: Run, handbook: Path, engine: sa.Engine) -> None:
    run("ingest", handbook)
    answer = json.loads(run("ask", "Who descales the machine?", "--json")[1])
    run("golden", "add", "--question", answer["question_id"], "--citation", answer["sources"][0]["citation_id"])
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE question SET channel_kind = 'direct'"))
    assert json.loads(run("golden", "list", "--json")[1])[0]["prompt"] is None
    assert "descales" not in run("golden", "list")[1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("ask", "anything?"), "run `nightshift ingest"),
        (("retrain",), "run `nightshift ingest"),
        (("retrain", "--dry-run"), "run `nightshift ingest"),
        (("report",), "No night has come to a decision yet"),
        (("report", "7"), "no run 7"),
        (("generations", "list"), "run `nightshift ingest"),
        (("generations", "show", "7"), "no generation 7"),
        (("generations", "promote", "7"), "no generation 7"),
        (("generations", "rollback"), "run `nightshift ingest"),
        (("vote", "nosuchid", "up"), "no source by that id"),
        (("pairs", "import", "/nowhere/pairs.jsonl"), "/nowhere/pairs.jsonl"),
        (("vote", "x", "sideways"), "sideways"),
        (("golden", "check"), "run `nightshift ingest"),
        (("golden", "add", "anything?", "Nothing"), "no document by that"),
        (("golden", "add", "anything?"), "--question and --citation"),
        (("golden", "add", "--question", "1", "--citation", "x"), "no source by that id"),
    ],
)
def test_what_is_not_there_is_one_plain_sentence(run: Run, arguments: tuple[str, ...], sentence: str) -> None:
    code, out, err = run(*arguments)
    assert code != 0
    assert sentence in err
    assert "Traceback" not in out + err


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("NIGHTSHIFT_DATABASE_URL", "postgresql://someone:hunter2@127.0.0.1:1/db", "can't be reached"),
        (
            "NIGHTSHIFT_DATABASE_URL",
            "mysql://someone:hunter2@localhost/db",
            "NIGHTSHIFT_DATABASE_URL is not an address",
        ),
        ("NIGHTSHIFT_DATABASE_URL", "hunter2", "NIGHTSHIFT_DATABASE_URL is not an address"),
        ("NIGHTSHIFT_CHUNK_SIZE", "hunter2", "NIGHTSHIFT_CHUNK_SIZE"),
        ("NIGHTSHIFT_BASE_MODEL", "/nowhere/hunter2", "/nowhere"),
    ],
)
def test_a_wrong_setting_is_named_and_no_secret_is_shown(
    run: Run, handbook: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(variable, value)
    code, out, err = run("ingest", handbook)
    assert code != 0
    assert sentence in err
    if variable != "NIGHTSHIFT_BASE_MODEL":
        assert "hunter2" not in out + err


def test_a_model_folder_that_is_none_is_refused_before_anything_is_done(
    run: Run, handbook: Path, monkeypatch: pytest.MonkeyPatch, engine: sa.Engine
) -> None:
    monkeypatch.setenv("NIGHTSHIFT_BASE_MODEL", str(handbook))
    code, _, err = run("ingest", handbook)
    assert code != 0
    assert "model" in err
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM generation")) == 0


@pytest.mark.parametrize(
    ("tokens", "named"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-secret"}, "NIGHTSHIFT_SLACK_APP_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-secret"}, "NIGHTSHIFT_SLACK_BOT_TOKEN"),
        ({"SLACK_SIGNING_SECRET": "secret"}, "NIGHTSHIFT_SLACK_BOT_TOKEN"),
    ],
)
def test_half_a_set_of_tokens_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, tokens: dict[str, str], named: str
) -> None:
    for name, value in tokens.items():
        monkeypatch.setenv(f"NIGHTSHIFT_{name}", value)
    code, out, err = run("run", "--no-prompt")
    assert code == 2
    assert named in err
    assert "secret" not in out + err


def test_a_night_ends_by_saying_where_its_report_is(run: Run, handbook: Path) -> None:
    run("ingest", handbook)
    code, out, _ = run("retrain")
    path = Path(out.splitlines()[-1].removeprefix("Report: "))
    assert (code, "Run 1: refused" in out, path.is_file()) == (0, True, True)
    assert json.loads(run("retrain", "--json")[1])["report"] == str(path).replace("run-1", "run-2")


def test_a_report_is_found_and_rendered_again(
    run: Run, tmp_path: Path, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine.begin() as connection:
        pair = {"prompt": "whose cat is that?", "completion": "Alma's.", "added_by": "test"}
        connection.execute(curated_pair.insert().values(pair))
    night = store_run(engine, make_run())
    failed = store_run(engine, make_run(status="failed", decision=None))

    code, out, _ = run("report")
    path = Path(out.strip())
    assert (code, path) == (0, tmp_path / "data" / "reports" / f"run-{night.id}" / "report.html")
    assert "whose cat is that?" in path.read_text()

    with engine.begin() as connection:
        connection.execute(sa.delete(curated_pair))
    assert run("report", night.id)[0] == 0
    assert "whose cat is that?" in path.read_text()
    assert run("report", night.id, "--again")[0] == 0
    assert "whose cat is that?" not in path.read_text()

    monkeypatch.setenv("PATH", str(tmp_path))
    code, out, err = run("report", "--open")
    assert (code, Path(out.strip())) == (0, path)
    assert sys.platform == "darwin" or "No browser" in err

    code, _, err = run("report", failed.id)
    assert (code, "came to no decision (failed)" in err) == (1, True)


def test_a_slip_in_a_setting_s_name_is_told_of_once(tmp_path: Path) -> None:
    environment = os.environ | {"NIGHTSHIFT_DATA_DIR": str(tmp_path), "NIGHTSHIFT_SLACK_ADMIN": "hunter2"}
    command = [sys.executable, "-m", "nightshift", "db", "status"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert ended.stderr.count("did you mean NIGHTSHIFT_SLACK_ADMINS?") == 1
    assert "hunter2" not in ended.stdout + ended.stderr


def test_help_needs_no_database_and_no_model() -> None:
    script = (
        "import sys; from nightshift.cli import app; from typer.testing import CliRunner\n"
        "shown = CliRunner().invoke(app, ['--help'])\n"
        "assert shown.exit_code == 0, shown.output\n"
        "assert 'retrain' in shown.output\n"
        "assert not {'torch', 'sentence_transformers', 'slack_bolt'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)
