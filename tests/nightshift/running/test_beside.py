"""`nightshift ask` beside a running one: the same answer from it, and alone wherever it can't be had."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db.generations import Encoders
from db.settings import load_settings
from intake.ingest import ingest_paths
from nightshift.cli import main
from nightshift.console import make_answerer
from nightshift.running import beside
from nightshift.running import replying as answering
from nightshift.running.beside import SOCKET, agrees, ask_beside, describe_settings
from nightshift.running.replying import answering_beside
from nightshift.running.run import _event_loop
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="this system doesn't tell who connects")

QUESTION = "Who hands out parking permits?"
HEAVY = ("torch", "transformers", "sentence_transformers", "sqlalchemy", "psycopg", "numpy", "langchain_core")

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / getattr(request, "param", "data")
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def run(
    home: Path,
    database_url: str,
    engine: sa.Engine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs a command on a store that holds a document; gives exit code, output and errors."""
    monkeypatch.setenv("NIGHTSHIFT_DATABASE_URL", database_url)
    monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", str(home))
    monkeypatch.setenv("NIGHTSHIFT_ENCODER_DTYPE", "float32")
    document = home / "parking.md"
    document.write_text("# Parking\n\nPermits are handed out by Alma at the front desk on Mondays.\n")
    settings = load_settings()
    ingest_paths(engine, settings, Encoders(settings), [document])

    def command(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out, captured.err

    return command


@pytest.fixture
def running(run: Run, engine: sa.Engine) -> Iterator[list[str]]:
    """One that runs on the same folder; gives what it was asked, as it comes."""
    settings = load_settings()
    answerer, asked = make_answerer(engine, settings, Encoders(settings)), []
    answer = answerer.answer

    async def watch(question: Any) -> Any:
        asked.append(question.text)
        return await answer(question)

    answerer.answer = watch  # type: ignore[method-assign]
    with _event_loop() as loop, answering_beside(settings, engine, answerer, loop):
        yield asked


def lasting(answer: str) -> dict[str, Any]:
    """What of an answer isn't another one's: ids and times are."""
    facts = json.loads(answer)
    sources = [{**source, "citation_id": ""} for source in facts["sources"]]
    return {**facts, "question_id": 0, "timings_ms": sorted(facts["timings_ms"]), "sources": sources}


@pytest.mark.parametrize("home", ["data", "/".join(["quite-a-deep-folder"] * 6)], indirect=True, ids=["plain", "deep"])
def test_the_answer_is_the_same_as_alone(run: Run, running: list[str], home: Path) -> None:
    code, there, errors = run("ask", QUESTION, "--json")
    assert (code, errors, running) == (0, "", [QUESTION])
    refused = run("ask", "?!")
    assert (refused[0], len(running)) == (1, 2)
    assert "I found no question there" in refused[2]

    (home / SOCKET).unlink()
    assert lasting(run("ask", QUESTION, "--json")[1]) == lasting(there)
    assert run("ask", "?!") == refused
    assert len(running) == 2


def test_a_vote_goes_the_same_way(run: Run, running: list[str], engine: sa.Engine, monkeypatch: Any) -> None:
    citation = json.loads(run("ask", QUESTION, "--json")[1])["sources"][0]["citation_id"]
    monkeypatch.setattr("nightshift.cli.asking.workplace", None)  # it isn't needed
    assert run("vote", citation, "up")[:2] == (0, "👍 noted.\n")
    with engine.connect() as connection:
        assert list(connection.scalars(sa.text("SELECT value FROM vote"))) == [1]
    code, _, errors = run("vote", "nosuchid", "up")
    assert (code, "no source by that id" in errors) == (1, True)


def test_asking_beside_imports_next_to_nothing(run: Run, running: list[str]) -> None:
    script = (
        "import sys; from nightshift.cli import main\n"
        "try: main(sys.argv[2:])\n"
        "except SystemExit as left: code = left.code\n"
        "assert not code, code\n"
        "assert not set(sys.argv[1].split()) & set(sys.modules), sys.modules.keys()"
    )
    command = [sys.executable, "-c", script, " ".join(HEAVY), "ask", QUESTION]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (asked.returncode, asked.stderr) == (0, "")
    assert "Alma" in asked.stdout
    assert running == [QUESTION]


def test_asking_alone_imports_no_more_than_encoding_takes(run: Run) -> None:
    script = (
        "import sys; from nightshift.cli import main\n"
        "try: main(['ask', sys.argv[1]])\n"
        "except SystemExit as left: assert not left.code\n"
        "assert not {'transformers', 'sentence_transformers', 'sklearn', 'slack_bolt'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script, QUESTION], cwd=ROOT, check=True, timeout=120)


@pytest.mark.parametrize(
    ("name", "value"),
    [("NIGHTSHIFT_SOURCES", "1"), ("NIGHTSHIFT_DATABASE_URL", None), ("NIGHTSHIFT_LLM_API_KEY", "sk-" + "x" * 40)],
)
def test_what_one_set_oneself_must_be_what_one_is_answered_with(
    run: Run, running: list[str], monkeypatch: pytest.MonkeyPatch, name: str, value: str | None
) -> None:
    if value is None:  # not set here: whatever the running one has
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    replied = ask_beside(load_settings(), {"do": "ask", "question": QUESTION})
    assert (replied is not None) == (value is None)


def test_settings_are_compared_without_being_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSHIFT_LLM_API_KEY", "sk-a-key-that-nobody-else-needs-to-know")
    settings = load_settings()
    described = describe_settings(settings)
    assert agrees(settings, described)
    assert "key-that-nobody" not in json.dumps(described)
    assert not agrees(
        settings, described | {"llm_api_key": described["sources" if "sources" in described else "database_url"]}
    )
    assert not agrees(settings, {"no_such_setting": "0"})


def test_another_version_is_passed_over(run: Run, running: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "version", lambda name: "0.0.1")
    assert ask_beside(load_settings(), {"do": "ask", "question": QUESTION}) is None
    assert running == []


def test_one_that_dies_or_talks_otherwise_is_passed_over(run: Run, home: Path) -> None:
    accepted = b'{"accepted": true}\n'
    talks = [b"", b"hello\n", b"[]\n", accepted, accepted + b'{"answer', accepted + b"[]\n"]
    with socket.socket(socket.AF_UNIX) as listener, beside.socket_address(home) as address:
        listener.bind(address)
        listener.listen()

        def reply() -> None:
            for talk in [*talks, accepted]:
                peer, _ = listener.accept()
                with peer:
                    peer.recv(beside.LINE_BYTES)
                    peer.sendall(talk)

        thread = threading.Thread(target=reply, daemon=True)
        thread.start()
        for _ in talks:
            assert ask_beside(load_settings(), {"do": "ask", "question": QUESTION}) is None
        code, out, errors = run("ask", QUESTION)
        thread.join()
    assert (code, errors, "Alma" in out) == (0, "", True)


def test_one_that_is_stuck_is_passed_over(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "ACCEPT_TIMEOUT_S", 0.05)
    with socket.socket(socket.AF_UNIX) as listener, beside.socket_address(home) as address:
        listener.bind(address)
        listener.listen()
        assert run("ask", QUESTION)[0] == 0


def test_only_its_own_user_and_root_are_answered(run: Run, running: list[str], home: Path) -> None:
    assert (home / SOCKET).stat().st_mode & 0o777 == 0o600
    if os.geteuid() != 0:
        pytest.skip("only root can try it as somebody else")
    # as if the folder were on a file system that keeps no modes
    (home / SOCKET).chmod(0o666)
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    script = (
        "import socket, sys\n"
        "peer = socket.socket(socket.AF_UNIX)\n"
        "peer.connect(f'/proc/self/fd/{sys.argv[1]}/run.sock')\n"
        "try:\n"
        "    peer.sendall(sys.argv[2].encode() + b'\\n')\n"
        "    print(peer.recv(100))\n"
        "except (BrokenPipeError, ConnectionResetError): print(b'')"
    )
    request = {"version": beside.version("nightshift"), "settings": {}, "do": "ask", "question": QUESTION}
    asked = subprocess.run(
        ["/usr/bin/env", "python3", "-c", script, str(folder), json.dumps(request)],
        user=65534, group=65534, extra_groups=[], pass_fds=[folder], cwd="/",
        env={"PATH": "/usr/local/bin:/usr/bin:/bin"}, stdout=subprocess.PIPE, text=True, timeout=60, check=True,
    )  # fmt: skip
    os.close(folder)
    assert (asked.stdout, running) == ("b''\n", [])


def test_what_is_no_request_is_dropped_and_the_next_one_answered(run: Run, running: list[str], home: Path) -> None:
    for request in (b"x" * (beside.LINE_BYTES + 2) + b"\n", b"\xff\n", b"[]\n", b"{}\n", b""):
        with socket.socket(socket.AF_UNIX) as peer, beside.socket_address(home) as address:
            peer.connect(address)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                peer.sendall(request)
                peer.shutdown(socket.SHUT_WR)
                assert peer.recv(100) == b""
    assert run("ask", QUESTION)[0] == 0
    assert running == [QUESTION]


def test_who_says_nothing_is_shown_out(run: Run, running: list[str], home: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(answering, "REQUEST_TIMEOUT_S", 0.05)
    with socket.socket(socket.AF_UNIX) as peer, beside.socket_address(home) as address:
        peer.connect(address)
        assert peer.recv(100) == b""


def test_the_name_is_taken_over_from_one_that_was_killed_and_left_to_a_later_one(
    run: Run, home: Path, engine: sa.Engine
) -> None:
    with socket.socket(socket.AF_UNIX) as killed, beside.socket_address(home) as address:
        killed.bind(address)
    settings = load_settings()
    answerer = make_answerer(engine, settings, Encoders(settings))
    request = {"do": "ask", "question": QUESTION}
    with _event_loop() as loop:
        with answering_beside(settings, engine, answerer, loop):
            assert ask_beside(settings, request) is not None
            later = answering_beside(settings, engine, answerer, loop)
            later.__enter__()
        assert ask_beside(settings, request) is not None
        later.__exit__(None, None, None)
        assert not (home / SOCKET).exists()
        assert ask_beside(settings, request) is None


def test_where_a_system_does_not_tell_who_connects_everybody_answers_alone(
    run: Run, home: Path, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As macOS doesn't."""
    monkeypatch.delattr(socket, "SO_PEERCRED")
    settings = load_settings()
    answerer = make_answerer(engine, settings, Encoders(settings))
    with _event_loop() as loop, answering_beside(settings, engine, answerer, loop):
        assert not (home / SOCKET).exists()
        assert ask_beside(settings, {"do": "ask", "question": QUESTION}) is None
        assert "Alma" in run("ask", QUESTION)[1]


def test_where_no_socket_can_be_made_all_else_goes_on(
    run: Run, home: Path, engine: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    settings = load_settings()
    answerer = make_answerer(engine, settings, Encoders(settings))
    (home / SOCKET).mkdir()
    with _event_loop() as loop, answering_beside(settings, engine, answerer, loop):
        assert "won't be answered from here" in caplog.text
        assert "Alma" in run("ask", QUESTION)[1]
    assert (home / SOCKET).is_dir()


def test_who_still_asks_when_it_stops_is_let_go_and_answers_alone(run: Run, home: Path, engine: sa.Engine) -> None:
    settings = load_settings()
    answerer = make_answerer(engine, settings, Encoders(settings))
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(20)
        with _event_loop() as loop, answering_beside(settings, engine, answerer, loop):
            with beside.socket_address(home) as address:
                peer.connect(address)
            peer.sendall(b"{")  # and no more: it would be waited for
            assert ask_beside(settings, {"do": "ask", "question": QUESTION}) is not None
        assert peer.recv(100) == b""


def test_one_that_is_somebody_else_s_is_told_nothing(
    run: Run, running: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beside, "is_trusted", lambda _: False)
    assert "Alma" in run("ask", QUESTION)[1]
    assert running == []
