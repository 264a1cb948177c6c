"""`nightshift run` as a newcomer starts it: an empty folder, no tokens, the first answer, votes, a clean end."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from db.embedded import EmbeddedServer
from tests.conftest import ROOT
from tests.doubles_slack import free_port

WAIT_S = 240
ITEM = "Offline dispatch"
"""Stands in the right answer to the first question."""

Start = Callable[..., subprocess.Popen[bytes]]

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def data_dir(homes: Path) -> Iterator[Path]:
    """A data folder that an account without rights can enter; empty when the first of these starts."""
    folder = homes / "newcomer"
    yield folder
    EmbeddedServer.stop(folder / "postgres")


@pytest.fixture
def start(data_dir: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def run(more: Mapping[str, str] = {}, **streams: int) -> subprocess.Popen[bytes]:
        environment = os.environ | {"NIGHTSHIFT_DATA_DIR": str(data_dir), "COLUMNS": "200", "TERM": "dumb", **more}
        process = subprocess.Popen([sys.executable, "-m", "nightshift", "run"], cwd=ROOT, env=environment, **streams)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def read_until(descriptor: int, wanted: str) -> str:
    """What is printed, up to and with the wanted words."""
    text, deadline = "", time.monotonic() + WAIT_S
    while wanted not in text:
        assert time.monotonic() < deadline, f"{wanted!r} never came: {text}"
        chunk = os.read(descriptor, 4096).decode(errors="replace")
        assert chunk, f"it ended before {wanted!r}: {text}"
        text += chunk
    return text


def wait_for(address: str) -> None:
    """Until it answers that all is well: the nights' process comes up by itself."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        with suppress(OSError), urlopen(address, timeout=10):
            return
        time.sleep(0.05)
    raise AssertionError(f"{address} was never ready")


def test_without_a_terminal_it_answers_goes_on_serving_and_stops_cleanly(start: Start, tmp_path: Path) -> None:
    ids = []
    ports = {f"NIGHTSHIFT_{of}METRICS_PORT": str(free_port()) for of in ("", "NIGHTS_")}
    for _ in range(2):  # the second start finds everything there, and what was asked first answered
        with (tmp_path / "errors").open("wb") as errors:
            process = start(ports, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
            assert process.stdout is not None
            shown = read_until(process.stdout.fileno(), "Serving.")
            assert ITEM in shown
            [row] = re.findall(r"^ *\[\d\] Project Chimera: roadmap Q3 2026 .*$", shown, re.MULTILINE)
            ids.append(row.split()[-1])
            for port in ports.values():
                wait_for(f"http://127.0.0.1:{port}/readyz")
            with urlopen(f"http://127.0.0.1:{ports['NIGHTSHIFT_METRICS_PORT']}/metrics") as reply:
                assert b'nightshift_answers_total{kind="quoted"} ' in reply.read()
            children = psutil.Process(process.pid).children(recursive=True)
            assert any("nights" in child.cmdline() for child in children)
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGTERM)  # make passes on what its own child got already
            assert process.wait(60) == 0
        said = (tmp_path / "errors").read_text()
        assert "Traceback" not in said
        assert "Fatal" not in said
        gone, alive = psutil.wait_procs(children, timeout=30)
        assert [child for child in alive if "nights" in child.cmdline()] == []
    assert ids[0] == ids[1]  # its votes, too, are those that it had


def test_at_the_prompt_one_asks_and_votes(start: Start, data_dir: Path) -> None:
    here, there = pty.openpty()
    process = start(stdin=there, stdout=there, stderr=there)
    os.close(there)
    shown = read_until(here, "Ctrl-D")
    assert ITEM in shown and str(data_dir / "run.log") in shown
    second = start(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said, refusal = second.communicate(timeout=WAIT_S)
    assert (second.returncode, said) == (3, b"")
    assert f"process {process.pid}" in refusal.decode() and refusal.count(b"\n") == 1
    os.write(here, b"+1\n")
    read_until(here, "noted for [1]")
    os.write(here, b"how long is parental leave in Ireland?\n")
    assert "Parental leave" in (answered := read_until(here, "[1] "))
    assert " INFO " in (data_dir / "run.log").read_text() and " INFO " not in answered
    os.write(here, b"-9\n")
    read_until(here, "There is no source 9")
    os.write(here, b"\x04")
    assert process.wait(60) == 0
