"""Slack over Socket Mode: the bot calls Slack, so no address of its own has to be reachable."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.slack.incoming import MisshapenError, require_shape
from bot.slack.transport.client import LOGGER
from bot.slack.transport.refusals import SlackRefusedError, error_code
from db.errors import ConfigurationError, SlackError

if TYPE_CHECKING:
    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.transport.bolt_app import SlackApp
    from db.settings import Settings

_log = logging.getLogger(LOGGER)


class Handler(AsyncSocketModeHandler):
    """Bolt's, for which whatever arrives is what Slack sends; what isn't ends here."""

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        """Deals with one message; a misshapen one is acknowledged, or Slack would send it again. Never raises."""
        try:
            require_shape(req.payload)
            await super().handle(client, req)  # type: ignore[arg-type]  # narrower there than where it is declared
        except MisshapenError as error:
            _log.warning("Refused a message: malformed, %s.", error)
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))
        except Exception as error:
            _log.error("A message failed: %s.", error_code(error))


async def serve_socket_mode(
    app: SlackApp, settings: Settings, stop: asyncio.Event, on_ready: Callable[[str], None] = lambda address: None
) -> None:
    """Receives events until `stop` is set; a lost connection is made again by itself.

    Args:
        app: what `build_app` made.
        settings: the app-level token.
        stop: ends it.
        on_ready: called once events can arrive.

    Raises:
        ConfigurationError: there is no app-level token, or Slack doesn't accept it.
    """
    token = await require_app_token(app.identity.client, settings)
    handler = Handler(app, token)
    stopping = asyncio.create_task(stop.wait())
    connecting = asyncio.create_task(handler.connect_async())  # type: ignore[no-untyped-call]
    try:
        # Connecting goes on trying for as long as it takes; a stop must not wait for it.
        await asyncio.wait((connecting, stopping), return_when=asyncio.FIRST_COMPLETED)
        if connecting.done():
            await connecting
            on_ready("Socket Mode")
            await stopping
    finally:
        stopping.cancel()
        connecting.cancel()
        await handler.close_async()  # type: ignore[no-untyped-call]


async def require_app_token(client: AsyncWebClient, settings: Settings) -> str:
    """The app-level token, with which Slack gave out a socket: Bolt's handler would try for ever, whatever Slack says.

    Raises:
        ConfigurationError: there is none, or Slack doesn't accept it.
    """
    if settings.slack_app_token is None:
        raise ConfigurationError("NIGHTSHIFT_SLACK_APP_TOKEN isn't set: Socket Mode needs it.")
    token = settings.slack_app_token.get_secret_value()
    try:
        await client.apps_connections_open(app_token=token)
    except SlackRefusedError as error:
        raise ConfigurationError(
            f"Slack doesn't accept NIGHTSHIFT_SLACK_APP_TOKEN ({error_code(error)}). Make an app-level token (xapp-…) "
            "with the scope connections:write on the app's page, Basic Information."
        ) from None
    except SlackError as error:
        raise ConfigurationError(
            f"Slack can't be reached for Socket Mode ({error_code(error)}). Check the network, "
            "and NIGHTSHIFT_SLACK_API_URL if it is set."
        ) from None
    return token
