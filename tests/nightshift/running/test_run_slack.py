"""`nightshift run` with Slack's tokens: it says where it listens, answers, stops cleanly, or says what is wrong."""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import aiohttp
import pytest
import sqlalchemy as sa

from tests.conftest import ROOT
from tests.corpus import add_base_generation, add_document, embed
from tests.doubles_slack import ANNA, BOT, BOT_TOKEN, HTTP_CHANNEL, SECRET, OwnSlack, event_request, free_port, refused
from tests.nightshift.running.test_run import read_until

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


@pytest.fixture
def start(engine: sa.Engine, database_url: str, slack: OwnSlack, tmp_path: Path) -> Iterator[Start]:
    """Starts it by HTTP on a store that holds a document."""
    add_base_generation(engine)
    embed(engine, add_document(engine, "Parking", [("", "Permits are handed out by Alma at the front desk.")]))
    started: list[subprocess.Popen[bytes]] = []

    def run(**settings: str) -> subprocess.Popen[bytes]:
        values = {
            "DATABASE_URL": database_url,
            "DATA_DIR": str(tmp_path),
            "ENCODER_DTYPE": "float32",
            "SLACK_API_URL": slack.api_url,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "HTTP_PORT": str(free_port()),
        }
        environment = os.environ | {f"NIGHTSHIFT_{name}": value for name, value in (values | settings).items()}
        command = [sys.executable, "-m", "nightshift", "run", "--no-prompt"]
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def signal_beside(process: subprocess.Popen[bytes]) -> None:
    """Sends SIGTERM to a thread other than the main one, as the system itself does now and then."""
    if sys.platform != "linux":
        process.send_signal(signal.SIGTERM)
        return
    beside = next(thread for thread in os.listdir(f"/proc/{process.pid}/task") if int(thread) != process.pid)
    assert ctypes.CDLL(None).tgkill(process.pid, int(beside), signal.SIGTERM) == 0


async def test_it_answers_in_slack_and_stops_cleanly(start: Start, slack: OwnSlack) -> None:
    process = start()
    assert process.stdout is not None and process.stderr is not None
    said = await asyncio.to_thread(read_until, process.stderr.fileno(), "/slack/events.")
    [address] = re.findall(r"Slack: (http://\S+)\.", said)
    await asyncio.to_thread(read_until, process.stdout.fileno(), "Serving.")
    mention = {"type": "app_mention", "user": ANNA, "channel": HTTP_CHANNEL, "ts": "1.5"}
    body, headers = event_request(mention | {"text": f"<@{BOT}> Who hands out parking permits?"}, "Ev1")
    async with aiohttp.ClientSession() as session, session.post(address, data=body, headers=headers) as taken:
        assert taken.status == 200
    async with asyncio.timeout(60):
        while "Alma" not in str(slack.calls):
            await asyncio.sleep(0.02)
    signal_beside(process)
    _, rest = await asyncio.to_thread(process.communicate, timeout=120)
    assert process.returncode == 0
    assert "Traceback" not in said + rest.decode()


async def test_a_token_that_slack_refuses_is_one_sentence_and_nothing_goes_on(start: Start, slack: OwnSlack) -> None:
    slack.answers["auth.test"] = [refused("invalid_auth")]
    process = start()
    out, err = await asyncio.to_thread(process.communicate, timeout=120)
    assert (process.returncode, out) == (2, b"")
    assert "NIGHTSHIFT_SLACK_BOT_TOKEN (invalid_auth)" in err.decode()
    assert "Traceback" not in err.decode() and BOT_TOKEN not in err.decode()
