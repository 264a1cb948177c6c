"""The bot in Slack from start to stop: signs in, receives events by the way that is set up, finishes its work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.slack.transport.failures import note_unforeseen
from bot.slack.transport.http import serve_http
from bot.slack.transport.socket_mode import serve_socket_mode
from db.errors import ConfigurationError

if TYPE_CHECKING:
    from bot.slack.transport.bolt_app import SlackApp
    from db.settings import Settings

SWEEP_EVERY_S = 60.0
FINISH_TIMEOUT_S = 20.0
"""Seconds that answers under way get when the bot is told to stop."""


async def serve_slack(
    app: SlackApp, settings: Settings, stop: asyncio.Event, on_ready: Callable[[str], None] = lambda address: None
) -> None:
    """Serves Slack until `stop` is set, then waits a bounded time for what is under way.

    Socket Mode where there is an app-level token, else HTTP. `on_ready` is called, with where events come in, once
    they can.

    Raises:
        ConfigurationError: a token is missing or refused, or the port can't be had.
    """
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        raise ConfigurationError(
            "Slack has no way in: set NIGHTSHIFT_SLACK_APP_TOKEN for Socket Mode, "
            "or NIGHTSHIFT_SLACK_SIGNING_SECRET for HTTP."
        )
    serve = serve_http if settings.slack_app_token is None else serve_socket_mode
    await app.sign_in()
    beside = [asyncio.create_task(_warm_up(app)), asyncio.create_task(_sweep(app))]
    try:
        await serve(app, settings, stop, on_ready)
    finally:
        for task in beside:
            task.cancel()
        await app.finish(FINISH_TIMEOUT_S)


async def _warm_up(app: SlackApp) -> None:
    try:
        await app.services.warm_up()
    except Exception as error:  # the first question will meet it again, and be told
        await note_unforeseen(app.engine, error)


async def _sweep(app: SlackApp) -> None:
    """Looks for abandoned questions, nights to tell of and what can be forgotten, at the start and now and then."""
    while True:
        services = app.services
        for look in (services.answer_abandoned, services.pass_on_reasons, services.tell_of_nights, services.tidy):
            try:
                await look()
            except Exception as error:  # whatever it is, the next look may do
                await note_unforeseen(app.engine, error)
        await asyncio.sleep(SWEEP_EVERY_S)
