"""The Web API client, whose failures are errors of ours, and loggers that never print what people wrote."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.text import checked
from bot.slack.transport.refusals import slack_errors
from db.errors import ConfigurationError

if TYPE_CHECKING:
    from slack_sdk.web.async_slack_response import AsyncSlackResponse

    from db.settings import Settings

LOGGER = "nightshift.slack"
REQUEST_TIMEOUT_S = 15
RATE_LIMIT_RETRIES = 3


def make_client(settings: Settings) -> AsyncWebClient:
    """A client that waits out rate limits and lets no payload out unchecked; it holds the bot's token.

    Its methods raise `SlackError` where the SDK's raise errors of its own, or of the network.

    Raises:
        ConfigurationError: there is no token.
    """
    if settings.slack_bot_token is None:
        raise ConfigurationError("NIGHTSHIFT_SLACK_BOT_TOKEN isn't set: the bot can't speak in Slack without it.")
    return _Client(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url.rstrip("/") + "/",
        timeout=REQUEST_TIMEOUT_S,
        retry_handlers=[
            AsyncConnectionErrorRetryHandler(),
            AsyncRateLimitErrorRetryHandler(max_retry_count=RATE_LIMIT_RETRIES),
            AsyncServerErrorRetryHandler(),
        ],
        logger=quiet_logger(),
    )


class _Client(AsyncWebClient):
    async def _send(self, http_verb: str, api_url: str, req_args: dict[str, Any]) -> AsyncSlackResponse:
        """What every method comes to, with its answer."""
        with slack_errors():
            return await super()._send(http_verb, api_url, req_args)

    async def files_upload_v2(self, **options: Any) -> AsyncSlackResponse:  # noqa: ANN401 - as the SDK's
        """The one method that sends more than calls of the Web API."""
        with slack_errors():
            return await super().files_upload_v2(**options)

    async def _request(self, *, http_verb: str, api_url: str, req_args: dict[str, Any]) -> dict[str, Any]:
        """Every method's last step, whatever it is called with."""
        if req_args.get("json") is not None:
            req_args = req_args | {"json": checked(req_args["json"])}
        return await super()._request(http_verb=http_verb, api_url=api_url, req_args=req_args)


def quiet_logger() -> logging.Logger:
    """The logger for Bolt and the SDK: below INFO they print messages whole, and Bolt prints rejected bodies."""
    logger = logging.getLogger(LOGGER)
    logger.setLevel(max(logging.INFO, logging.getLogger().getEffectiveLevel()))
    if not any(isinstance(known, _NoBodies) for known in logger.filters):
        logger.addFilter(_NoBodies())
    return logger


class _NoBodies(logging.Filter):
    """Drops the lines in which Bolt and the SDK print what they were sent, or parts of it, at INFO or above."""

    _PREFIXES = (
        "Invalid request signature detected",
        "A global middleware (",
        "Unhandled request (",
        "Unsuccessful Bolt execution result",
    )
    _ERRORS = ("Failed to process a message", "Failed to run ", "Failed to receive or enqueue a message")

    def filter(self, record: logging.LogRecord) -> bool:
        if str(record.msg).startswith(self._ERRORS):  # with the error's text, and a traceback
            kind = record.exc_info[0] if record.exc_info else None
            record.msg, record.args = "A message from Slack can't be read (%s).", (getattr(kind, "__name__", "error"),)
            record.exc_info = None
        return not str(record.msg).startswith(self._PREFIXES)
