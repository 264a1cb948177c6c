"""Nothing goes to LangSmith for its variables' sake; with our own setting it does. Its server is a real one, here."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from langsmith import tracing_context
from langsmith.utils import tracing_is_enabled

from bot.answering.llm import LanguageModel
from bot.answering.prompt import Prompt
from db.chat.tracing import traced_as_set
from tests.conftest import ROOT
from tests.doubles_chat import ChatServer, chat_server

__all__ = ["chat_server"]

ASK_AND_WRITE = """
import asyncio, os, sys
from pathlib import Path
from bot.answering.llm import LanguageModel
from bot.answering.prompt import Prompt
from db.settings.settings import Settings
from retrain.lesson.writing import _ask_about
before = dict(os.environ)
settings = Settings(data_dir=Path("unused"), llm_base_url=sys.argv[1], llm_model="m", llm_retries=0)
print(asyncio.run(LanguageModel(settings).write(Prompt("s", "secret-question"))))
asyncio.run(_ask_about({1: "secret-passage"}, settings))
assert dict(os.environ) == before
from langchain_core.tracers.langchain import wait_for_all_tracers
wait_for_all_tracers()
"""


class LangSmith:
    """Takes whatever is sent to it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.got: list[str] = []


@pytest.fixture
def langsmith() -> Iterator[LangSmith]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # noqa: N802
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            double.got.append(self.path)
            self.send_response(202)
            self.end_headers()

        do_GET = do_PATCH = do_POST  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        double = LangSmith(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield double
        server.shutdown()
        thread.join()


def run(chat: ChatServer, langsmith: LangSmith, **environment: str) -> str:
    """Asks the bot's way and the night's in a process of its own: LangSmith reads its variables once."""
    theirs = {
        "LANGSMITH_API_KEY": "k",
        "LANGCHAIN_API_KEY": "k",
        "LANGSMITH_ENDPOINT": langsmith.address,
        "LANGCHAIN_ENDPOINT": langsmith.address,
        "LANGSMITH_PROJECT": "theirs",
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK_AND_WRITE, f"{chat.address}/v1"],
        cwd=ROOT,
        env=os.environ | theirs | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_its_variables_send_nothing(chat_server: ChatServer, langsmith: LangSmith) -> None:
    switches = ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2", "LANGSMITH_OTEL_ENABLED")
    assert run(chat_server, langsmith, **dict.fromkeys(switches, "true")) == "Yes [1]."
    assert len(chat_server.requests) == 2
    assert langsmith.got == []


def test_our_own_setting_sends(chat_server: ChatServer, langsmith: LangSmith) -> None:
    assert run(chat_server, langsmith, NIGHTSHIFT_LANGSMITH_TRACING="true") == "Yes [1]."
    assert langsmith.got


async def test_an_older_langchain_s_variables_stop_nothing(
    chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGCHAIN_TRACING", "true")
    monkeypatch.setenv("LANGCHAIN_HANDLER", "langchain")
    assert await LanguageModel(chat_server.settings()).write(Prompt("s", "u")) == "Yes [1]."


async def test_other_chains_in_the_process_are_left_as_they_were(chat_server: ChatServer) -> None:
    with tracing_context(enabled=True):
        with traced_as_set(chat_server.settings()):
            assert tracing_is_enabled() is False
        assert tracing_is_enabled() is True
