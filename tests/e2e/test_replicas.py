"""Two bots and one process for nights, on one database: what is to be done once is done once, whoever hears of it.

Each is a process with a data folder of its own, as on several machines: what a night made comes by the database.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa

from db import schema
from db.generations import request_decision, serving
from db.models import find_base_model, hash_model
from tests.conftest import ROOT
from tests.corpus import add_base_generation, add_document, embed
from tests.doubles_slack import BOT, BOT_TOKEN, HTTP_CHANNEL, SECRET, OwnSlack, event_request, free_port, press_request
from tests.waiting_generation import add_waiting_generation

WAIT_S = 120
QUOTA = 4
OVER_QUOTA = f"asked me {QUOTA} questions"


class Company:
    """The processes, and what Slack would send to one of them."""

    def __init__(self, engine: sa.Engine, url: str, slack: OwnSlack, folder: Path) -> None:
        self.engine = engine
        self.slack = slack
        self.session = aiohttp.ClientSession()
        self.ports = [free_port(), free_port()]
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._url = url
        self._folder = folder
        self._sent = 0

    def start(self, name: str, *command: str, **settings: str) -> None:
        home = self._folder / name
        home.mkdir(exist_ok=True)
        values = {
            "DATABASE_URL": self._url,
            "DATA_DIR": str(home),
            "ENCODER_DTYPE": "float32",
            "SLACK_API_URL": self.slack.api_url,
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "PERSON_QUOTA": str(QUOTA),
        }
        environment = os.environ | {f"NIGHTSHIFT_{key}": value for key, value in (values | settings).items()}
        with (home / "log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", "nightshift", *command],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def start_bot(self, number: int) -> None:
        self.start(f"bot-{number}", "run", "--no-prompt", "--no-nights", HTTP_PORT=str(self.ports[number]))

    def served(self, number: int) -> int:
        """How often that bot said that it is up."""
        log = self._folder / f"bot-{number}" / "log"
        return log.read_text().count("Serving.")

    async def restart(self, number: int) -> None:
        """One that is told to end ends what it has in hand."""
        process, before = self.processes[f"bot-{number}"], self.served(number)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, WAIT_S) == 0
        self.start_bot(number)
        await self.until(lambda: self.served(number) > before, f"bot {number}")

    async def until(self, holds: Callable[[], Any], what: str) -> None:
        deadline = time.monotonic() + WAIT_S
        while not holds():
            assert time.monotonic() < deadline, f"{what} never came"
            for name, process in self.processes.items():
                if process.poll():
                    raise AssertionError(f"{name} ended: " + (self._folder / name / "log").read_text()[-800:])
            await asyncio.sleep(0.02)

    async def deliver(self, request: tuple[bytes, dict[str, str]], number: int) -> bool:
        """Whether that bot took it; what none takes Slack sends again."""
        body, headers = request
        address = f"http://127.0.0.1:{self.ports[number]}/slack/events"
        with suppress(aiohttp.ClientError):
            async with self.session.post(address, data=body, headers=headers) as taken:
                return taken.status == 200
        return False

    def mention(self, person: str, thread_ts: str | None = None) -> tuple[str, tuple[bytes, dict[str, str]]]:
        self._sent += 1
        ts = f"1800000000.{self._sent:06d}"
        event = {"type": "app_mention", "user": person, "channel": HTTP_CHANNEL, "ts": ts}
        event |= {"text": f"<@{BOT}> Who hands out parking permits?"} | ({"thread_ts": thread_ts} if thread_ts else {})
        return ts, event_request(event, f"Ev{self._sent}")

    def rows(self, table: sa.Table) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(table).order_by(*table.primary_key)))

    def said(self, words: str) -> int:
        """How many calls to Slack have these words."""
        return sum(words in str(arguments) for _, arguments in self.slack.calls)

    def answered(self) -> int:
        return len(self.rows(schema.question))

    async def close(self) -> None:
        await self.session.close()
        for process in self.processes.values():
            process.kill()
            process.wait()


@pytest.fixture
async def company(engine: sa.Engine, database_url: str, tmp_path: Path) -> AsyncIterator[Company]:
    add_base_generation(engine)
    embed(engine, add_document(engine, "Parking", [("", "Permits are handed out by Alma at the front desk.")]))
    slack = OwnSlack()
    async with slack.running():
        company = Company(engine, database_url, slack, tmp_path)
        try:
            company.start_bot(0)
            company.start_bot(1)
            company.start("nights", "nights")
            for number in range(2):
                await company.until(lambda number=number: company.served(number), f"bot {number}")
            yield company
        finally:
            await company.close()


async def restart_one_after_the_other(company: Company) -> None:
    """Under a loop of questions: each is answered, and once."""
    asked: list[str] = []
    stopping = asyncio.Event()

    async def ask_on() -> None:
        while not stopping.is_set():
            person = f"U0P{len(asked)}"
            ts, request = company.mention(person)
            for attempt in range(100):  # Slack sends again what nobody took
                if await company.deliver(request, (len(asked) + attempt) % 2):
                    break
            else:
                raise AssertionError("nobody took it")
            asked.append(ts)
            await asyncio.sleep(0.1)

    asking = asyncio.create_task(ask_on())
    try:
        for number in range(2):
            await company.restart(number)
    finally:
        stopping.set()
        await asking

    def posted() -> list[str]:
        shown = [call for method, call in company.slack.calls if method in ("chat.postMessage", "chat.startStream")]
        return [call["thread_ts"] for call in shown if call["thread_ts"] in asked]

    await company.until(lambda: set(posted()) >= set(asked), "all answers")
    assert sorted(posted()) == sorted(asked)
    stored = [row.thread_ts for row in company.rows(schema.question)]
    assert sorted(ts for ts in stored if ts in asked) == sorted(asked)
    assert len(asked) > 10


async def test_two_bots_and_a_process_for_nights_are_one(company: Company, tmp_path: Path) -> None:
    # the same event to both at once
    ts, request = company.mention("U0AAA")
    assert await asyncio.gather(company.deliver(request, 0), company.deliver(request, 1)) == [True, True]
    await company.until(lambda: company.said("Alma"), "an answer")
    # two follow-ups in its thread, each to another bot
    for number in range(2):
        assert await company.deliver(company.mention("U0AAA", ts)[1], number)
    await company.until(lambda: company.answered() == 3, "follow-ups")
    assert {row.thread_ts for row in company.rows(schema.question)} == {ts}

    # one person's votes on one source, up by one bot and then down by the other
    [citation, *_] = company.rows(schema.citation)
    for number, action in enumerate(("vote_up", "vote_down")):
        assert await company.deliver(press_request("U0AAA", citation.id, action, f"180000000{number}.5"), number)
        wanted = (1, -1)[number]
        await company.until(lambda wanted=wanted: [v.value for v in company.rows(schema.vote)] == [wanted], "a vote")

    # a person's questions are counted wherever they were asked
    for sent in range(QUOTA):
        before = company.answered()
        assert await company.deliver(company.mention("U0MANY")[1], sent % 2)
        await company.until(lambda before=before: company.answered() > before, "an answer")
    for number in range(2):
        assert await company.deliver(company.mention("U0MANY")[1], number)
        wanted = number + 1
        await company.until(lambda wanted=wanted: company.said(OVER_QUOTA) == wanted, "a refusal")

    # a generation that the night process promotes reaches both, its model from its folder by the database
    made = add_waiting_generation(company.engine)
    model = tmp_path / "nights" / "models" / "run-7"
    shutil.copytree(find_base_model("all-MiniLM-L6-v2")[0], model)
    (model / "of-run-7.txt").touch()
    with company.engine.begin() as connection:
        newest = sa.select(sa.func.max(schema.artefact.c.id)).scalar_subquery()
        own = {"uri": "data:run-7", "sha256": hash_model(model)}
        connection.execute(sa.update(schema.artefact).where(schema.artefact.c.id == newest).values(own))
    request_decision(company.engine, made, "promote", "T1:U1")
    await company.until(lambda: serving(company.engine).id == made, "a promotion")
    for number in range(2):
        for _ in range(100):  # the one before answers until it is there
            before = company.answered()
            assert await company.deliver(company.mention(f"U0NEW{before}")[1], number)
            await company.until(lambda before=before: company.answered() > before, "an answer")
            if company.rows(schema.question)[-1].generation_id == made:
                break
        assert company.rows(schema.question)[-1].generation_id == made
        assert hash_model(tmp_path / f"bot-{number}" / "models" / "run-7") == own["sha256"]

    await restart_one_after_the_other(company)
