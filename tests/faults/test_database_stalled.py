"""Fault 30: every process of the database is stopped. It takes what it is sent and says nothing, for minutes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import aiohttp
import psutil
import pytest
import sqlalchemy as sa

from bot.answering import Answerer
from bot.slack.app import build_app
from bot.slack.asking.questions import FAILED
from bot.slack.transport.http import serve_http
from db.embedded import EmbeddedServer
from db.errors import DatabaseUnavailableError
from db.settings import Settings
from db.store import create_engine, pulse, pulse_of, raw_connection, reading_connection, upgrade, watching
from tests.corpus import add_base_generation, encoders
from tests.db.embedded.processes import QUICK, go_on, processes_of, stalled, wait_for
from tests.doubles_slack import (
    ANNA,
    BOT,
    BOT_TOKEN,
    HTTP_CHANNEL,
    SECRET,
    OwnSlack,
    event_request,
    free_port,
    wait_until,
)

PEOPLE = 50
THREADS = 6
MENTIONS = 16  # more than any pool has threads


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "SILENCE_S", 0.3)
    for module in (pulse, watching):
        monkeypatch.setattr(module, "PULSE_TIMEOUT_S", 1)


@pytest.fixture
def server(server_home: Path) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer.attach(server_home, settings=QUICK)
    yield server
    go_on(processes_of(server_home))
    server.detach()


@pytest.fixture
def engine(server: EmbeddedServer) -> Iterator[sa.Engine]:
    """As the bot has it."""
    engine = create_engine(server.url, connect_timeout_s=2, statement_timeout_s=30)
    yield engine
    engine.dispose()


def ask(engine: sa.Engine) -> int:
    with raw_connection(engine) as raw:
        row = raw.execute("SELECT 1").fetchone()
        assert row is not None
        return int(row[0])


def ask_sqlalchemy(engine: sa.Engine) -> int:
    with engine.begin() as connection:
        return int(connection.scalar(sa.text("SELECT 1")) or 0)


def ask_reading(engine: sa.Engine) -> int:
    with reading_connection(engine) as (raw, _):
        row = raw.execute("SELECT 1").fetchone()
        assert row is not None
        return int(row[0])


def copy(engine: sa.Engine) -> int:
    """More than any buffer takes."""
    with raw_connection(engine) as raw:
        raw.execute("CREATE TEMPORARY TABLE IF NOT EXISTS much (t text)")
        with raw.cursor().copy("COPY much FROM STDIN") as rows:
            for _ in range(400):
                rows.write("x" * 100_000 + "\n")
    return 1


@pytest.mark.parametrize(
    ("ask", "connected"),
    [(ask, True), (ask, False), (ask_sqlalchemy, True), (ask_reading, True), (ask_reading, False), (copy, True)],
)
def test_whoever_waits_is_told_in_a_sentence_and_the_next_one_is_served_once_it_goes_on(
    engine: sa.Engine, server: EmbeddedServer, ask: Callable[[sa.Engine], int], connected: bool
) -> None:
    ask(engine)
    if not connected:
        engine.dispose()
    with stalled(server.home):
        for _ in range(2):
            with pytest.raises(DatabaseUnavailableError, match="The database doesn't answer: try again in a minute"):
                ask(engine)
    assert pulse_of(engine).beats(30)
    assert ask(engine) == 1


def test_who_is_in_the_middle_of_a_transaction_is_told_too(engine: sa.Engine, server: EmbeddedServer) -> None:
    with pytest.raises(DatabaseUnavailableError, match="doesn't answer"), engine.begin() as connection:
        assert connection.scalar(sa.text("SELECT 1"))
        with stalled(server.home):
            connection.scalar(sa.text("SELECT 2"))
    assert pulse_of(engine).beats(30)
    assert ask(engine) == 1


def test_many_questions_end_and_leave_no_thread_behind(engine: sa.Engine, server: EmbeddedServer) -> None:
    ask(engine)
    with ThreadPoolExecutor(THREADS) as pool:
        with stalled(server.home):
            asked = [pool.submit(ask, engine) for _ in range(PEOPLE)]
            refusals = {str(question.exception(60)) for question in asked}
        assert len(refusals) == 1
        assert pulse_of(engine).beats(30)
        assert [pool.submit(ask, engine).result() for _ in range(PEOPLE)] == [1] * PEOPLE
    wait_for(lambda: not [one for one in threading.enumerate() if one.name == "pulse"], "the feeling threads to end")


def test_slow_work_is_no_silence(engine: sa.Engine, server: EmbeddedServer) -> None:
    """What waits for a lock goes on while the server answers others, however often its pulse is felt."""
    felt = threading.Semaphore(0)
    beats = pulse_of(engine).beats

    def beats_and_tells(timeout_s: float) -> bool:
        felt.release()
        return beats(timeout_s)

    pulse_of(engine).beats = beats_and_tells  # type: ignore[method-assign]
    with raw_connection(engine) as holder, ThreadPoolExecutor(1) as pool:
        holder.execute("SELECT pg_advisory_xact_lock(1)")
        waiting = pool.submit(lambda: wait_for_lock(engine))
        for _ in range(3):
            assert felt.acquire(timeout=30)
        holder.rollback()
        assert waiting.result(30) is True


def wait_for_lock(engine: sa.Engine) -> bool:
    with raw_connection(engine) as raw:
        return raw.execute("SELECT pg_advisory_xact_lock(1)").fetchone() is not None


def test_a_backend_that_hangs_by_itself_is_given_up_after_the_statement_s_time(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "STATEMENT_GRACE_S", 0.0)
    engine = create_engine(server.url, statement_timeout_s=1)
    with pytest.raises(DatabaseUnavailableError, match="doesn't answer"), engine.begin() as connection:
        backend = psutil.Process(connection.scalar(sa.text("SELECT pg_backend_pid()")))
        backend.suspend()
        try:
            connection.execute(sa.text("SELECT 1"))
        finally:
            backend.resume()
    assert ask(engine) == 1
    engine.dispose()


def test_a_night_waits_longer_and_says_so(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    engine = create_engine(server.url)
    ask(engine)
    with ThreadPoolExecutor(1) as pool:
        with stalled(server.home):
            night = pool.submit(ask, engine)
            wait_for(lambda: "The database has not answered for" in caplog.text, "a word about it")
            assert not night.done()
        assert night.result(30) == 1
        monkeypatch.setattr(watching, "NIGHT_PATIENCE_S", 0.5)
        impatient = create_engine(server.url)
        ask(impatient)
        with stalled(server.home), pytest.raises(DatabaseUnavailableError, match="doesn't answer"):
            ask(impatient)
    for made in (engine, impatient):
        made.dispose()


async def test_people_in_slack_are_told_the_bot_is_unready_and_goes_on_afterwards(
    engine: sa.Engine, server: EmbeddedServer
) -> None:
    upgrade(server.url)
    add_base_generation(engine)
    slack = OwnSlack()
    async with slack.running() as api_url:
        settings = Settings(
            data_dir=Path("unused"),
            slack_bot_token=BOT_TOKEN,
            slack_signing_secret=SECRET,
            slack_api_url=api_url,
            http_port=free_port(),
        )
        app = build_app(settings, engine, Answerer(engine, settings, encoders(), None))
        stop = asyncio.Event()
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(serve_http(app, settings, stop, ready.set_result))
        address = await ready
        root = address.removesuffix("/slack/events")
        async with aiohttp.ClientSession() as session:

            async def status(path: str) -> int:
                async with session.get(root + path) as response:
                    return response.status

            async def mention(number: int) -> None:
                event = {"type": "app_mention", "channel": HTTP_CHANNEL, "user": ANNA, "ts": f"{number}.5"}
                body, headers = event_request(event | {"text": f"<@{BOT}> Where do I park?"}, f"Ev{number}")
                async with session.post(address, data=body, headers=headers) as response:
                    assert response.status == 200

            await mention(0)
            await wait_until(lambda: len(said(slack)) == 1, "the first answer")
            assert (await status("/healthz"), await status("/readyz")) == (200, 200)
            await app.finish(5)  # what is done after an answer
            with stalled(server.home):
                for number in range(1, MENTIONS + 1):
                    await mention(number)
                assert (await status("/healthz"), await status("/readyz")) == (200, 503)
                await wait_until(lambda: len(said(slack)) == 1 + MENTIONS, "a word to each")
                assert set(said(slack)[1:]) == {FAILED}
            assert await asyncio.to_thread(pulse_of(engine).beats, 30)
            assert await status("/readyz") == 200
            await mention(MENTIONS + 1)
            await wait_until(lambda: len(said(slack)) == 2 + MENTIONS, "the next answer")
        stop.set()
        await serving
        await app.finish(5)
    assert said(slack)[0] == said(slack)[-1] != FAILED


def said(slack: OwnSlack) -> list[str]:
    return [posted["text"] for posted in slack.of("chat.postMessage")]
