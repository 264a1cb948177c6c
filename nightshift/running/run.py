"""`nightshift run`: the store, the sample corpus if there is nothing else, the bot, the nights, and a prompt."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

from db.corpus import count_documents
from db.errors import ConfigurationError
from db.generations import Encoders
from db.store import open_store, require_sessions
from intake import index_after_load, ingest_paths
from nightshift.console import ask_on, cast_vote, make_answerer
from nightshift.corpus.sample import sample_corpus
from nightshift.metrics.serving import telling_figures
from nightshift.metrics.tracing import tracing
from nightshift.running.ending import STOPS, begin_to_end
from nightshift.running.lock import only_run
from nightshift.running.replying import answering_beside
from nightshift.running.run_log import LOG, logging_to_file
from nightshift.terminal.person import PERSON
from nightshift.terminal.printing import print_answer
from nightshift.terminal.progress import ingest_progress, words_progress
from nightshift.terminal.prompt import Conversation, new_thread
from nightshift.terminal.under_way import waiting
from retrain.night import cron_trigger

if TYPE_CHECKING:
    import sqlalchemy as sa
    from rich.console import Console

    from bot.answering import Answerer
    from db.settings import Settings

FIRST_QUESTION = "What is on Project Chimera's Q3 roadmap?"
FIRST_EVENT = "console:first-question"
"""It is asked once in a store's life; later starts show the answer that it was given."""

STOP_TIMEOUT_S = 20.0
RESTART_AFTER_S = 5.0
LOOK_EVERY_S = 1.0


def serve(
    settings: Settings, out: Console, err: Console, *, prompt: bool, person: str = PERSON, nights: bool = True
) -> None:
    """Brings everything up, asks the first question, and goes on until the input ends or a signal comes.

    Without `nights` no process for them is started: there is one elsewhere.

    Raises:
        AlreadyRunningError: another one is up on the same data folder.
        ConfigurationError: a token is missing or refused, a port is taken.
        NightshiftError: the store can't be opened, or the base model can't be used.
    """
    _check_tokens(settings)
    cron_trigger(settings)
    stopping = threading.Event()
    for number in STOPS:
        signal.signal(number, _stop)
    store = open_store(settings, progress=words_progress(err))
    with only_run(settings.home), _log(settings, err, prompt) as log, store as engine:
        require_sessions(engine)
        encoders = Encoders(settings, engine)
        is_sample = _fill_empty_store(engine, settings, encoders, err)
        is_up = threading.Event()
        with (
            telling_figures(settings, settings.metrics_port, engine, is_up.is_set) as answered,
            tracing(settings, "bot"),
            _nights(stopping, log) if nights else nullcontext(),
            _event_loop() as loop,
            answering_beside(
                settings,
                engine,
                answerer := make_answerer(engine, settings, encoders, answered.note, answered.note_tokens),
                loop,
            ),
        ):
            slack = _start_slack(settings, engine, answerer, loop, err)
            ask = ask_on(answerer, loop, person=person)
            try:
                if slack is None:
                    asyncio.run_coroutine_threadsafe(answerer.warm_up(), loop).result()
                is_up.set()
                first, thread_ts = None, new_thread()
                if is_sample:
                    out.print(f"[bold]> {FIRST_QUESTION}[/bold]")
                    with waiting(out):
                        first = ask(FIRST_QUESTION, thread_ts=thread_ts, event_id=FIRST_EVENT)
                    print_answer(out, first)
                if prompt:
                    vote = partial(cast_vote, engine, person=person)
                    Conversation(ask, partial(print_answer, out), vote, out).hold(first, thread_ts)
                else:
                    out.print("Serving. Ctrl-C stops it.", style="dim")
                    _wait(slack)
            except KeyboardInterrupt:
                pass
            finally:
                begin_to_end()
                is_up.clear()
                stopping.set()
                if slack is not None:
                    slack.stop()


@contextmanager
def _log(settings: Settings, err: Console, prompt: bool) -> Iterator[int | None]:
    """Keeps what is logged away from somebody's answers; yields a descriptor for other processes' output then."""
    if not prompt:
        yield None
        return
    with logging_to_file(settings.home, settings.log_format) as log:
        err.print(f"What goes on in the background is logged to {settings.home / LOG}.", style="dim")
        yield log


def _check_tokens(settings: Settings) -> None:
    """Half a set of tokens is a mistake worth saying before anything is started."""
    ways_in = settings.slack_app_token is not None or settings.slack_signing_secret is not None
    if ways_in and settings.slack_bot_token is None:
        raise ConfigurationError("NIGHTSHIFT_SLACK_BOT_TOKEN isn't set: Slack needs it beside the other one.")
    if settings.slack_bot_token is not None and not ways_in:
        raise ConfigurationError(
            "NIGHTSHIFT_SLACK_BOT_TOKEN is set, but no way in: set NIGHTSHIFT_SLACK_APP_TOKEN for Socket Mode, "
            "or NIGHTSHIFT_SLACK_SIGNING_SECRET for HTTP."
        )


def _fill_empty_store(engine: sa.Engine, settings: Settings, encoders: Encoders, err: Console) -> bool:
    """Ingests the sample corpus where there is nothing; whether it is what the store holds."""
    root = sample_corpus()
    if count_documents(engine):
        return count_documents(engine, root.as_uri()) > 0
    err.print("The store is empty: reading in the sample corpus, the handbook of a fictional company.", style="dim")
    with ingest_progress(err) as progress:
        ingest_paths(engine, settings, encoders, [root], progress=progress)
    index_after_load(engine, settings, encoders)
    return True


def _stop(_signal: int, _frame: FrameType | None) -> None:
    # sets no event: the thread that it interrupts may be waiting for that very one, and holds its lock then
    begin_to_end()
    raise KeyboardInterrupt


@contextmanager
def _nights(stopping: threading.Event, log: int | None) -> Iterator[None]:
    """Keeps the night process running, in a process of its own that ends with this one however this one ends.

    What it prints goes to the descriptor `log`, where there is one.
    """
    # Every child reads the same pipe, and takes its end for its own: it is closed by us, or by our death.
    reading, writing = os.pipe()
    children: list[subprocess.Popen[bytes]] = []

    def watch() -> None:
        command = [sys.executable, "-m", "nightshift", "nights", "--until-stdin-closes"]
        while not stopping.is_set():
            child = subprocess.Popen(command, stdin=reading, stdout=log, stderr=log, start_new_session=True)  # noqa: S603
            children[:] = [child]
            child.wait()
            stopping.wait(RESTART_AFTER_S)

    watcher = threading.Thread(target=watch, name="nights")
    watcher.start()
    try:
        yield
    finally:
        stopping.set()
        os.close(writing)
        watcher.join(STOP_TIMEOUT_S)
        for child in children:
            child.kill()
        watcher.join()
        os.close(reading)


@contextmanager
def _event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in a thread of its own: Slack and the prompt share it, so that neither waits for the other."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="bot")
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Slack:
    """Slack being served on the loop; `done` is set when it ended, for whatever reason."""

    def __init__(
        self, settings: Settings, engine: sa.Engine, answerer: Answerer, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.done = threading.Event()
        self.ready = threading.Event()
        self.address = ""
        self._loop = loop
        self._stop: asyncio.Event | None = None
        self._future = asyncio.run_coroutine_threadsafe(self._serve(settings, engine, answerer), loop)
        self._future.add_done_callback(lambda _: self.done.set())

    async def _serve(self, settings: Settings, engine: sa.Engine, answerer: Answerer) -> None:
        from bot.slack.app import build_app
        from bot.slack.transport import serve_slack

        self._stop = asyncio.Event()
        await serve_slack(build_app(settings, engine, answerer), settings, self._stop, self._on_ready)

    def _on_ready(self, address: str) -> None:
        self.address = address
        self.ready.set()

    def stop(self) -> None:
        """Ends it, waiting a bounded time for answers under way."""
        if self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._future.exception(STOP_TIMEOUT_S * 2)

    def raise_if_failed(self) -> None:
        """Raises what ended it, if something did."""
        if self._future.done():
            self._future.result()


def _start_slack(
    settings: Settings, engine: sa.Engine, answerer: Answerer, loop: asyncio.AbstractEventLoop, err: Console
) -> _Slack | None:
    if settings.slack_bot_token is None:
        err.print("No Slack tokens are set, so this is only here; see README, “In your workspace”.", style="dim")
        return None
    slack = _Slack(settings, engine, answerer, loop)
    while not slack.ready.wait(0.1):
        slack.raise_if_failed()
    err.print(f"Slack: {slack.address}.", style="dim")
    return slack


def _wait(slack: _Slack | None) -> None:
    """Sleeps until a signal raises, or Slack ended by itself; raises what ended it."""
    # a signal that the system gives to another thread is seen once this one wakes
    while slack is None or not slack.done.is_set():
        time.sleep(LOOK_EVERY_S)
    slack.raise_if_failed()
