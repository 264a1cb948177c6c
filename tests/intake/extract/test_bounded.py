"""A file that would exhaust or break its reader costs that file alone."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from multiprocessing.connection import wait
from pathlib import Path

import psutil
import pytest

from db.errors import BadInputError, NoTextError
from intake.extract.bounded import BREAKS_READER, FileReader, Limits
from intake.formats import Placed, Reading, Tell
from tests.conftest import ROOT

LIMITS = Limits(cpu_s=1, wall_s=60, memory_bytes=800_000_000, text_chars=1_000)
TOO_SLOW = "more than 1 s"


def misbehave(suffix: str, data: bytes, tell: Tell) -> Reading:  # noqa: C901 - one harm after the other
    """A reader that does what the file says."""
    what = data.decode()
    if what == "time":
        for _ in itertools.count():
            pass
    if what == "memory":
        return Reading(None, [Placed(str(len(list(range(10**9)))))])
    if what == "room":
        return Reading(None, [Placed("x" * LIMITS.text_chars), Placed("x")])
    if what == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if what == "leave":
        os._exit(3)
    if what == "silence":
        threading.Event().wait()
    if what == "trouble":
        raise ValueError(what)
    if what == "protected":
        raise BadInputError("it wants a password")
    if what == "empty":
        raise NoTextError("it is a scan")
    if what == "pages":
        for page in range(3):
            tell(page, 3)
            time.sleep(0.25)
    if what == "id":
        return Reading(str(os.getpid()), [])
    return Reading("title" + suffix, [Placed(what, "#page=1")])


READ = Reading("title.x", [Placed("first", "#page=1")])


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        ("time", TOO_SLOW),
        ("memory", "800 MB"),
        ("room", "characters of text"),
        ("crash", BREAKS_READER),
        ("leave", BREAKS_READER),
    ],
)
def test_what_takes_too_much_is_refused_and_the_next_file_is_read(harm: str, reason: str) -> None:
    with FileReader(LIMITS, misbehave) as read_file:
        assert read_file(".x", b"first") == READ
        with pytest.raises(BadInputError, match=reason):
            read_file(".x", harm.encode())
        assert read_file(".x", b"first") == READ


def test_a_reader_that_says_nothing_is_not_waited_for() -> None:
    with (
        FileReader(Limits(wall_s=0.05), misbehave) as read_file,
        pytest.raises(BadInputError, match="more than 0.05 s"),
    ):
        read_file(".x", b"silence")


def test_what_it_refuses_or_trips_over_is_told_and_its_process_goes_on() -> None:
    with FileReader(LIMITS, misbehave) as read_file:
        before = read_file(".x", b"id").title
        with pytest.raises(BadInputError, match="ValueError"):
            read_file(".x", b"trouble")
        with pytest.raises(BadInputError, match="it wants a password"):
            read_file(".x", b"protected")
        with pytest.raises(NoTextError, match="it is a scan"):
            read_file(".x", b"empty")
        assert read_file(".x", b"id").title == before


def test_its_process_is_replaced_after_so_many_files_and_ends_with_the_block() -> None:
    with FileReader(Limits(files=2), misbehave) as read_file:
        ids = [int(read_file(".x", b"id").title or 0) for _ in range(4)]
    assert ids[0] == ids[1] != ids[2] == ids[3]
    assert not any(psutil.pid_exists(own) for own in ids)


def test_how_far_it_is_is_told() -> None:
    heard: list[tuple[int, int]] = []
    with FileReader(LIMITS, misbehave, lambda done, total: heard.append((done, total))) as read_file:
        read_file(".x", b"pages")
    assert heard == [(0, 3), (1, 3), (2, 3)]


def test_time_is_granted_to_each_file_anew() -> None:
    """A file that takes most of it leaves as much to the next one."""
    with FileReader(Limits(cpu_s=2), use_a_second) as read_file:
        assert [read_file(".x", str(number).encode()).title for number in range(3)] == ["0", "1", "2"]


def use_a_second(_suffix: str, data: bytes, _tell: Tell) -> Reading:
    began = time.process_time()
    while time.process_time() - began < 1:
        pass
    return Reading(data.decode(), [])


@pytest.mark.parametrize("way", ["connect", "look up", "run", "shell", "fork"])
def test_its_process_reaches_no_network_and_starts_no_other(way: str) -> None:
    with FileReader(LIMITS, try_ways_out) as read_file, pytest.raises(BadInputError, match="PermissionError"):
        read_file(".x", way.encode())


def try_ways_out(_suffix: str, data: bytes, _tell: Tell) -> Reading:
    ways = {
        b"connect": lambda: socket.create_connection(("127.0.0.1", 9)),
        b"look up": lambda: socket.getaddrinfo("localhost", 80),
        b"run": lambda: subprocess.run(["true"], check=False),
        b"shell": lambda: os.system("true"),
        b"fork": os.fork,
    }
    ways[data]()
    return Reading("out", [])


def test_its_process_has_no_secret_of_the_environment() -> None:
    """In a program of its own: what forks here has had its environment since the first of these tests."""
    secrets = dict.fromkeys(("NIGHTSHIFT_LLM_API_KEY", "PGPASSWORD", "aws_secret_access_key"), "secret")
    script = (
        "from intake.extract.bounded import FileReader\n"
        "from tests.intake.extract.test_bounded import tell_environment\n"
        "if __name__ == '__main__':\n"
        "    with FileReader(read=tell_environment) as read_file: print(read_file('.x', b'').title)"
    )
    told = said_by(script, secrets)
    assert "secret" not in told and "PATH" in told


def tell_environment(_suffix: str, _data: bytes, _tell: Tell) -> Reading:
    return Reading(str(dict(os.environ)), [])


def said_by(script: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_files_are_read_where_the_temporary_folder_s_path_is_too_long_for_a_socket(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    script = (
        "from intake.extract.bounded import FileReader\n"
        "if __name__ == '__main__':\n"
        "    with FileReader() as read_file: print(read_file('.py', b'x = 1').parts[0].text)"
    )
    assert "x = 1" in said_by(script, {"TMPDIR": str(folder)})


def test_what_has_ended_is_not_killed_whoever_has_its_id_by_now(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[int] = []
    with FileReader(LIMITS, misbehave) as read_file:
        process = psutil.Process(int(read_file(".x", b"id").title or 0))
        process.kill()
        assert read_file._process is not None
        assert wait([read_file._process.sentinel], timeout=60), "whoever forked it has waited for it"
        monkeypatch.setattr(os, "kill", lambda pid, _signal: killed.append(pid))
    assert killed == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits are POSIX's")
def test_where_less_is_allowed_already_that_holds() -> None:
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (900_000_000,) * 2)\n"
        "from intake.extract.bounded import FileReader\n"
        "if __name__ == '__main__':\n"
        "    with FileReader() as read_file: print(read_file('.py', b'x = 1').parts[0].text)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert "x = 1" in done.stdout, done.stderr


def test_a_page_that_unfolds_is_refused_and_a_plain_one_is_read() -> None:
    unfolding = "<table>" + "<tr><td colspan=1000>x</td></tr>" * 5_000 + "</table>"
    with FileReader() as read_file:
        with pytest.raises(BadInputError, match="characters of text"):
            read_file(".html", unfolding.encode())
        assert read_file(".html", b"<title>T</title><p>text") == Reading("T", [Placed("\n\ntext\n\n")])
