"""Fault 31: 1,500 connections whose heads never end, at a bot that may open fewer files than that."""

from __future__ import annotations

import json
import resource
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import aiohttp
import pytest

from tests.doubles_slack import SECRET, free_port, signed

CONNECTIONS = 1_500
FILES = 600
LOG_LIMIT = 100_000

BOT = f"""
import asyncio, resource, sys
from pathlib import Path
from bot.answering.answer import Answerer
from bot.slack.app import build_app
from bot.slack.transport.http import serve_http
from db.generations.encoders import Encoders
from db.store.engine import create_engine
from db.settings.settings import Settings
from nightshift.running.log import set_up_log

resource.setrlimit(resource.RLIMIT_NOFILE, ({FILES}, {FILES}))
set_up_log()
settings = Settings(
    data_dir=Path("unused"), slack_bot_token="xoxb-x", slack_signing_secret={SECRET!r}, http_port=int(sys.argv[1])
)
engine = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere")
app = build_app(settings, engine, Answerer(engine, settings, Encoders(settings), None))
asyncio.run(serve_http(app, settings, asyncio.Event(), lambda address: print(address, flush=True)))
"""


@pytest.fixture
def many_files() -> Iterator[None]:
    """This process may open what it needs to."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 500
    if hard not in (-1, resource.RLIM_INFINITY) and hard < wanted:
        pytest.skip(f"no more than {hard} files may be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_slack_is_answered_and_the_log_stays_small(
    many_files: None, start_python: Callable[..., subprocess.Popen[str]]
) -> None:
    port = free_port()
    bot = start_python(BOT, port)
    assert bot.stdout is not None
    address = bot.stdout.readline().strip()
    assert address, bot.communicate()[1]
    body = json.dumps({"type": "url_verification", "challenge": "c123"}).encode()
    with ExitStack() as stack:
        for _ in range(CONNECTIONS):
            attacker = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
            attacker.sendall(b"POST /slack/events HTTP/1.1\r\nHost: b")
        for _ in range(20):
            headers = signed(body) | {"Content-Type": "application/json"}
            async with aiohttp.ClientSession() as session, session.post(address, data=body, headers=headers) as answer:
                assert (answer.status, await answer.json()) == (200, {"challenge": "c123"})
    bot.terminate()
    assert len(bot.communicate(timeout=60)[1]) < LOG_LIMIT
