"""The prompt in a real terminal: what Ctrl-C and Ctrl-D do, how lines become questions and votes, what follows up."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing

import psutil
import pytest

from tests.conftest import ROOT

WAIT_S = 60
ESCAPE = re.compile(r"\x1b\[[?\d;]*[a-zA-Z]")
TALK = """
import select, sys, threading
from types import SimpleNamespace
from rich.console import Console
from db.errors import BadInputError
from nightshift.terminal.prompt import Conversation

def ask(text, *, thread_ts, on_text=None):
    print(f"asked {text!r} in <{thread_ts}>", flush=True)
    if "hang" in text:
        threading.Event().wait()
    if "key" in text:
        select.select([sys.stdin], [], [])
    if "fail" in text:
        raise BadInputError("That failed.")
    return SimpleNamespace(text=text, sources=[SimpleNamespace(number=n, citation_id=f"c{n}") for n in (1, 2)])

votes = {}
def vote(citation_id, value):
    before, votes[citation_id] = votes.get(citation_id, 0), value
    return before

Conversation(ask, lambda answer: print("answered", answer.text), vote, Console()).hold()
print("left", votes)
"""


class Terminal:
    """A process in a terminal of its own: type into it, and wait for what it shows."""

    def __init__(self, term: str) -> None:
        self._here, there = pty.openpty()
        environment = os.environ | {"TERM": term, "COLUMNS": "150", "INPUTRC": "/dev/null"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", TALK], cwd=ROOT, env=environment, preexec_fn=lambda: os.login_tty(there)
        )
        self._process_of_it = psutil.Process(self.process.pid)
        os.close(there)
        self._seen = b""

    def types(self, keys: str, shown: str) -> str:
        """Types once nothing goes on there, and returns what is shown from then on up to and with `shown`."""
        # Python takes note of a signal that comes just before it waits for a key only when the key has come
        while self._process_of_it.status() != psutil.STATUS_SLEEPING:
            pass
        os.write(self._here, keys.encode())
        return self.shows(shown)

    def shows(self, wanted: str) -> str:
        deadline = time.monotonic() + WAIT_S
        while wanted not in (seen := ESCAPE.sub("", self._seen.decode(errors="replace"))):
            ready, _, _ = select.select([self._here], [], [], max(deadline - time.monotonic(), 0))
            assert ready, f"{wanted!r} never came: {seen!r}"
            self._seen += os.read(self._here, 4096)
        before, _, after = seen.partition(wanted)
        self._seen = after.encode()
        return before + wanted

    def is_ready(self) -> None:
        """Waits for the prompt: keys that aren't letters mean something else before."""
        self.shows("\n> ")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._here)


@pytest.fixture(params=["xterm", "dumb"])
def terminal(request: pytest.FixtureRequest) -> Iterator[Terminal]:
    with closing(Terminal(request.param)) as terminal:
        terminal.shows("Ctrl-D.")
        terminal.is_ready()
        yield terminal


def test_ctrl_c_clears_half_a_line_and_leaves_where_there_is_none(terminal: Terminal) -> None:
    terminal.types("half a li", "half a li")
    terminal.types("\x03", "Ctrl-C once more, or Ctrl-D, leaves.")
    terminal.types("a whole one\n", "asked 'a whole one'")
    terminal.is_ready()
    assert "once more" not in terminal.types("\x03", "left {}")
    assert terminal.process.wait(WAIT_S) == 0


def test_ctrl_c_twice_leaves(terminal: Terminal) -> None:
    terminal.types("half", "half")
    terminal.types("\x03", "leaves.")
    terminal.is_ready()
    terminal.types("\x03", "left {}")
    assert terminal.process.wait(WAIT_S) == 0


def test_ctrl_c_stops_an_answer_and_not_the_conversation(terminal: Terminal) -> None:
    terminal.types("hang\n", "asked 'hang'")
    terminal.types("\x03", "Stopped.")
    terminal.types("on\n", "answered on")


@pytest.mark.parametrize("terminal", ["xterm"], indirect=True)
@pytest.mark.parametrize("keys", ["\x04", "exit\n", ":q\n", "quit\n"])
def test_ways_out(terminal: Terminal, keys: str) -> None:
    assert "asked" not in terminal.types(keys, "left {}")
    assert terminal.process.wait(WAIT_S) == 0


def test_ctrl_d_leaves_though_it_is_typed_before_the_prompt_is_there(terminal: Terminal) -> None:
    terminal.types("until a key\n", "asked 'until a key'")
    terminal.types("\x04", "left {}")
    assert terminal.process.wait(WAIT_S) == 0


@pytest.mark.parametrize("terminal", ["xterm"], indirect=True)
def test_what_follows_up_is_in_the_same_thread_until_one_starts_afresh(terminal: Terminal) -> None:
    def thread(question: str) -> str:
        return terminal.types(f"{question}\n", f"answered {question}").rpartition("<")[2].partition(">")[0]

    first = thread("how long?")
    assert thread("and in Spain?") == first
    terminal.types("new\n", "follows up on nothing")
    assert thread("who?") != first
    terminal.types("quit\n", "left {}")
    assert terminal.process.wait(WAIT_S) == 0


@pytest.mark.parametrize("terminal", ["xterm"], indirect=True)
def test_votes_help_and_failures(terminal: Terminal) -> None:
    terminal.types("+1\n", "There is no source 1 in the last answer. Ask something first.")
    terminal.types("how long?\n", "answered")
    terminal.types("0 2\n", "You had no vote on [2].")
    assert "👍 noted for [1]." in terminal.types("++1 -2 +9\n", "There is no source 9 in the last answer. It has 2.")
    terminal.types("0 2\n", "Taken back for [2].")
    terminal.types("+\n", "To vote, write + or -")
    terminal.types("thanks!\n", "You're welcome.")
    terminal.types("?\n", "exit, Ctrl-D")
    terminal.types("fail\n", "That failed.")
    terminal.is_ready()
    terminal.types("\x04", "left {'c2': 0, 'c1': 1}")
    assert terminal.process.wait(WAIT_S) == 0


def test_lines_from_a_file_are_taken_as_they_come() -> None:
    lines = "how long?\n+1\nfail\n"
    talked = subprocess.run(
        [sys.executable, "-c", TALK], cwd=ROOT, input=lines, capture_output=True, text=True, check=True
    )
    assert [what in talked.stdout for what in ("answered how long?", "noted for [1].", "That failed.")] == [True] * 3
    assert talked.stdout.endswith("left {'c1': 1}\n") and talked.stderr == ""
