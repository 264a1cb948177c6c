"""Every command on an operator's own PostgreSQL: it works, or says in one sentence why not; `db status` first."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import typer

from db.store import watching
from nightshift.cli import app, main
from tests.own_postgres import APP, PASSWORD, OwnServer, address, free_port, own_server, pooler

Run = Callable[..., tuple[int, str, str]]
COMMANDS = (
    ("db", "status"),
    ("db", "upgrade"),
    ("ingest", "."),
    ("ask", "where is the VPN?"),
    ("retrain",),
    ("nights",),
    ("run", "--no-prompt"),
    ("report",),
    ("generations", "list"),
    ("people", "export", "somebody"),
)
TYPED = {
    "audiences explain": ("T1:U1", "vpn"),
    "audiences settle": ("#finance", "T1:C1"),
    "audiences show": ("#finance",),
    "ask": ("where is the VPN?",),
    "backup": ("new.backup",),
    "documents audience": ("vpn", "#finance"),
    "documents hide": ("vpn",),
    "documents own": ("vpn", "ada"),
    "documents remove": ("vpn", "--yes"),
    "documents show": ("vpn",),
    "export": ("folder",),
    "generations promote": ("1",),
    "generations show": ("1",),
    "golden add": ("where is the VPN?", "VPN"),
    "import": ("exported",),
    "ingest": (".",),
    "pairs import": ("exported/pairs.jsonl",),
    "people erase": ("T1:U1", "--yes"),
    "people export": ("T1:U1",),
    "prune": ("--yes",),
    "run": ("--no-prompt",),
    "sources add directory": (".",),
    "sources add git": ("file://{here}/repository", "--branch", "main"),
    "sources add loader": ("wiki",),
    "sources add website": ("https://127.0.0.1:9/",),
    "sources remove": ("wiki", "--yes"),
    "sources show": ("wiki",),
    **{f"trials {name}": ("1",) for name in ("promote", "show", "start", "stop")},
    "vote": ("abc", "up"),
}
"""What else is typed, of the commands that want something."""
WITHOUT = {
    "simulate": "has a store of its own",
    "init": "asks, and tries what is given",
    "settings": "opens nothing",
    "doctor": "tells it among what else it finds",
    "restore": "looks at the file first",
    "db stop": "is of the embedded server",
}
"""Commands that needn't refuse a database that can't be used, with why."""
NIGHTLY = ("retrain",), ("nights",), ("run", "--no-prompt")


@pytest.fixture(scope="module")
def own(homes: Path, clean_session_environment: None) -> Iterator[OwnServer]:
    with own_server(homes / "for-commands") as server:
        make = f"CREATE DATABASE {{}} OWNER {APP}"
        server.run(make.format("elsewhere"), make.format("theirs"), make.format("empty"))
        server.run(make.format("ascii") + " ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0")
        schema = "CREATE SCHEMA extensions", f"GRANT USAGE ON SCHEMA extensions TO {APP}"
        server.run(*schema, "CREATE EXTENSION vector SCHEMA extensions", database="elsewhere")
        server.run("CREATE EXTENSION vector", "CREATE TABLE public.document (theirs text)", database="theirs")
        yield server


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on a database; gives exit code, output and errors."""
    monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NIGHTSHIFT_ENCODER_DTYPE", "float32")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vpn.md").write_text("# VPN\n\nThe VPN is in the basement.\n")

    def command(url: str, *arguments: str) -> tuple[int, str, str]:
        monkeypatch.setenv("NIGHTSHIFT_DATABASE_URL", url)
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        assert not [secret for secret in (PASSWORD, "hunter2") if secret in captured.out + captured.err]
        return int(left.value.code or 0), captured.out, captured.err

    return command


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_can_not_be_used_is_refused_by_name_in_every_command(
    own: OwnServer, run: Run, command: tuple[str, ...]
) -> None:
    for url, sentence in {
        own.url("ascii"): "encoding is SQL_ASCII",
        own.url("theirs"): "tables of another program (document)",
        own.url("elsewhere", schema="nowhere"): "names none that exists",
        own.url("nowhere"): "no database of that name",
        address(own.port, "empty", password="hunter2"): "refuses the user or the password",
        address(free_port(), "empty", password="hunter2"): "nobody listens",
        own.url("empty", sslmode="require"): "doesn't speak TLS",
        own.url("empty", sslmode="hunter2"): "has a sslmode that there isn't",
        own.url("empty", connection_limit="5"): "the parameter connection_limit",
    }.items():
        code, out, err = run(url, *command)
        assert code != 0
        assert sentence in err
        assert len(err.strip().splitlines()) == 1


def names_of(command: Any, *before: str) -> Iterator[str]:  # noqa: ANN401 - click's own, which typer brings
    """Of all commands below one."""
    own = getattr(command, "commands", None)
    if own is None:
        yield " ".join(before)
        return
    for name, below in own.items():
        yield from names_of(below, *before, name)


ALL = tuple(names_of(typer.main.get_command(app)))


@pytest.mark.parametrize("name", [name for name in ALL if name not in WITHOUT])
def test_there_is_no_command_that_does_not_name_a_wrong_password_and_an_unknown_database(
    own: OwnServer, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("NIGHTSHIFT_KEEP_QUESTIONS_DAYS", "30")  # else nothing is to be pruned
    (tmp_path / "exported").mkdir()
    (tmp_path / "exported" / "pairs.jsonl").write_text('{"prompt": "Where is it?", "completion": "In the basement."}\n')
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", tmp_path / "repository"], check=True)
    typed = [*name.split(), *(word.format(here=tmp_path) for word in TYPED.get(name, ()))]
    for url, sentence in {
        address(own.port, "empty", password="hunter2"): "refuses the user or the password: check both in NIGHTSHIFT_D",
        own.url("nowhere"): "knows no database of that name: make it",
    }.items():
        code, out, err = run(url, *typed)
        assert (code, out) == (1, "")
        assert err.startswith("nightshift: ") and sentence in err
        assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize("name", TYPED | WITHOUT)
def test_each_command_that_is_named_is_one(name: str) -> None:
    assert name in ALL


def test_the_doctor_tells_what_is_wrong_with_the_database_and_ends_with_a_fault(own: OwnServer, run: Run) -> None:
    code, out, err = run(address(own.port, "empty", password="hunter2"), "doctor")
    assert (code, err) == (1, "") and "refuses the user or the password" in " ".join(out.split())


@pytest.mark.long
def test_a_pooler_and_the_extension_elsewhere_together_serve_all_but_nights(
    own: OwnServer, run: Run, homes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pooler(homes / "pooler-for-commands", own.port) as port:
        url = address(port, "elsewhere")
        assert run(url, "db", "status")[0] == 0
        assert run(url, "ingest", ".")[2].count("run `nightshift db upgrade`") == 1
        assert run(url, "db", "upgrade")[0] == 0
        assert run(url, "ingest", ".")[0] == 0
        assert "basement" in run(url, "ask", "where is the VPN?")[1]
        facts = json.loads(run(url, "db", "status", "--json")[1])
        assert (facts["pooler"], facts["pgvector_in"], facts["documents"]) == ("transaction", "extensions", 1)
        assert "set NIGHTSHIFT_DIRECT_DATABASE_URL" in facts["nights"]
        for command in NIGHTLY:
            code, _, err = run(url, *command)
            assert (code, err.count("set NIGHTSHIFT_DIRECT_DATABASE_URL")) == (1, 1)
        monkeypatch.setenv("NIGHTSHIFT_DIRECT_DATABASE_URL", own.url("elsewhere"))
        assert json.loads(run(url, "db", "status", "--json")[1])["nights"] == "possible"
        code, out, err = run(url, "retrain")
        assert code == 0, err
        assert "too little" in out


@pytest.mark.parametrize(("how", "command"), [("stopped", ("db", "status")), ("paused", ("ingest", "."))])
def test_a_pooler_that_is_frozen_is_told_of_in_one_sentence_and_in_bounded_time(
    own: OwnServer, run: Run, homes: Path, monkeypatch: pytest.MonkeyPatch, how: str, command: tuple[str, ...]
) -> None:
    """What is paused lets one log in, and nothing comes of it: PgBouncer gives up after two minutes, or never."""
    monkeypatch.setenv("NIGHTSHIFT_CONNECT_TIMEOUT_S", "1")
    monkeypatch.setattr(watching, "SILENCE_S", 0.2)
    home = homes / f"pooler-{how}"
    with pooler(home, own.port, admin_users=APP, query_wait_timeout="20") as port:
        psycopg.connect(address(port, "empty")).close()  # from then on it lets one in by itself
        if how == "stopped":
            os.kill(int((home / "pid").read_text()), signal.SIGSTOP)
        else:
            with psycopg.connect(address(port, "pgbouncer"), autocommit=True, prepare_threshold=None) as console:
                console.execute("PAUSE")
        code, out, err = run(address(port, "empty"), *command)
        assert (code, out) == (1, "")
        assert "a pooler before it, is stopped, paused or overloaded" in err
        assert len(err.strip().splitlines()) == 1
