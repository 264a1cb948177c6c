"""The two bots, each in a process of its own: `python -m benchmarks.slack.bots NAME`, set up by the environment.

Both answer by the same `Answerer` from the same store with the same language model; they differ in how they wait. The
store is the sample corpus. Prints the address once it serves.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from slack_bolt import Ack, App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

from bot.answering import Answerer, connect_language_model
from bot.slack.app import build_app
from bot.slack.showing import render_rows
from bot.slack.transport import serve_slack
from db.generations import Encoders
from db.question import Asked
from db.settings import Settings, load_settings
from db.slack import claim_event, finish_event
from db.store import open_store
from intake import index_after_load, ingest_paths
from nightshift.corpus.sample import sample_corpus

if TYPE_CHECKING:
    import sqlalchemy as sa

BUFFER_SIZE = 32
"""Characters that the synchronous bot collects before it appends to a stream; slack_sdk's default is 256."""


def build_sync_app(settings: Settings, engine: sa.Engine, answerer: Answerer) -> App:
    """A bot as most are written: each listener answers in one of Bolt's threads, and waits there."""
    token, secret = settings.slack_bot_token, settings.slack_signing_secret
    assert token is not None and secret is not None  # noqa: S101 - the benchmark sets both
    client = WebClient(token=token.get_secret_value(), base_url=settings.slack_api_url)
    app = App(client=client, signing_secret=secret.get_secret_value())

    def on_mention(body: dict[str, Any], client: WebClient) -> None:
        event, team = body["event"], body["team_id"]
        if not claim_event(engine, body["event_id"]):
            return
        person = f"{team}:{event['user']}"
        asked = Asked(event["text"], team, event["channel"], "public", person, event["ts"], body["event_id"])
        stream = client.chat_stream(
            channel=event["channel"],
            thread_ts=event["ts"],
            recipient_team_id=team,
            recipient_user_id=event["user"],
            buffer_size=BUFFER_SIZE,
        )
        sent = ""

        async def on_text(text: str) -> None:
            nonlocal sent
            stream.append(markdown_text=text[len(sent) :])
            sent = text

        answer = asyncio.run(answerer.answer(asked, on_text))
        stream.stop(blocks=render_rows(answer))
        finish_event(engine, body["event_id"])

    def on_press(ack: Ack) -> None:
        ack()

    app.event("app_mention")(on_mention)
    app.action("vote_up")(on_press)
    return app


class _Server(ThreadingMixIn, WSGIServer):
    """A thread for each request, as a bot behind gunicorn has at best."""

    daemon_threads = True
    request_queue_size = 1024


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Nothing."""


def serve_sync(settings: Settings, engine: sa.Engine, answerer: Answerer) -> None:
    """Serves the synchronous bot until the process is stopped."""
    logging.disable(logging.ERROR)  # a page of advice for every press that it had no thread for
    application = SlackRequestHandler(build_sync_app(settings, engine, answerer))
    with make_server("127.0.0.1", settings.http_port, application, _Server, _Quiet) as server:
        _print(f"http://127.0.0.1:{settings.http_port}/slack/events")
        server.serve_forever()


async def serve_ours(settings: Settings, engine: sa.Engine, answerer: Answerer) -> None:
    """Serves Nightshift until the process is stopped."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await serve_slack(build_app(settings, engine, answerer), settings, stop, _print)


def main(name: str) -> None:
    """Fills an empty store, then serves the bot of that name."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    settings = load_settings()
    with open_store(settings) as engine:
        encoders = Encoders(settings)
        ingest_paths(engine, settings, encoders, [sample_corpus()])
        index_after_load(engine, settings, encoders)
        answerer = Answerer(engine, settings, encoders, connect_language_model(settings))
        if name == "sync":
            serve_sync(settings, engine, answerer)
        else:
            asyncio.run(serve_ours(settings, engine, answerer))


def _print(address: str) -> None:
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
