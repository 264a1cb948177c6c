"""Bolt's app, with the work that goes on behind its acknowledgements; every listener is given it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.transport.client import LOGGER, quiet_logger
from bot.slack.transport.refusals import SlackRefusedError, error_code
from db.errors import ConfigurationError, SlackError

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.slack.transport.work import BackgroundWork
    from db.settings import Settings


Look = Callable[[], Awaitable[None]]
"""Something the bot does unasked. It may raise: that is counted, and the next time may do."""


@dataclass(frozen=True, slots=True)
class Services:
    """What goes on beside what Slack sends: one thing before the first question, the others now and then."""

    warm_up: Look
    """Gets done beforehand what the first question would have to wait for."""
    answer_abandoned: Look
    """Starts work on questions that a process took and died over, this one's predecessor maybe."""
    pass_on_reasons: Look
    """Passes on reasons that a process stored and died over."""
    tell_of_nights: Look
    """Brings the admin channel up to date."""
    tidy: Look
    """Forgets what is of no use any more."""


class SlackApp(AsyncApp):
    """Bolt's app, which acknowledges what is stored, with the work that goes on behind the acknowledgements."""

    def __init__(
        self, settings: Settings, engine: sa.Engine, identity: Identity, work: BackgroundWork, services: Services
    ) -> None:
        self.engine = engine
        self.identity = identity
        self.work = work
        self.services = services
        secret = settings.slack_signing_secret

        async def authorize() -> AuthorizeResult:
            return await self.identity.authorize()

        # Bolt reads the environment for what isn't passed: a client without a token, and our own way to authorize,
        # keep it from doing so.
        super().__init__(
            name=LOGGER,
            logger=quiet_logger(),
            client=_without_token(self.identity.client),
            authorize=authorize,
            signing_secret=secret.get_secret_value() if secret else "",
            request_verification_enabled=secret is not None,
            # Bolt would acknowledge events before anybody has stored them.
            process_before_response=True,
        )

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """As Bolt does; news that nobody here wants has arrived all the same, or Slack would send it again."""
        response = await super().async_dispatch(req)
        if response.status == 404 and req.body.get("type") in ("event_callback", "app_rate_limited"):
            return BoltResponse(status=200)
        return response

    async def sign_in(self) -> None:
        """Checks the bot's token with Slack.

        Raises:
            ConfigurationError: Slack refuses it, or can't be reached; names the variable, never its value.
        """
        await self.identity.authorize()

    async def finish(self, timeout_s: float) -> None:
        """Waits for answers and votes under way, up to `timeout_s` seconds, then stops them with a word to each."""
        await self.work.finish(timeout_s)


class Identity:
    """Who the bot is in Slack, asked once."""

    def __init__(self, client: AsyncWebClient) -> None:
        self.client = client
        self._known: AuthorizeResult | None = None
        self._lock = asyncio.Lock()

    async def authorize(self) -> AuthorizeResult:
        """What Bolt wants to know with every request; see `SlackApp.sign_in` for what it raises."""
        async with self._lock:
            if self._known is None:
                self._known = await self._ask()
            return self._known

    async def _ask(self) -> AuthorizeResult:
        try:
            found = await self.client.auth_test()
        except SlackRefusedError as error:
            raise ConfigurationError(
                f"Slack doesn't accept NIGHTSHIFT_SLACK_BOT_TOKEN ({error_code(error)}). Copy the bot token (xoxb-…) "
                "from the app's page, OAuth & Permissions."
            ) from None
        except SlackError as error:
            raise ConfigurationError(
                f"Slack can't be reached to check NIGHTSHIFT_SLACK_BOT_TOKEN ({error_code(error)}). Check the network, "
                "and NIGHTSHIFT_SLACK_API_URL if it is set."
            ) from None
        return AuthorizeResult(
            enterprise_id=found.get("enterprise_id"),
            team_id=found.get("team_id"),
            bot_user_id=found.get("user_id"),
            bot_id=found.get("bot_id"),
            bot_token=self.client.token,
        )


def _without_token(client: AsyncWebClient) -> AsyncWebClient:
    return AsyncWebClient(
        base_url=client.base_url, timeout=client.timeout, retry_handlers=client.retry_handlers, logger=quiet_logger()
    )
