"""What the end-to-end tests share: Slack, a language model, a corpus, and the running bot."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from tests.corpus import add_base_generation, add_document, embed
from tests.doubles import aimock, aimock_server
from tests.doubles_slack import (
    BOT_TOKEN,
    SECRET,
    SOCKET_APP_TOKEN,
    SOCKET_BOT_TOKEN,
    LocalSlack,
    People,
    local_slack,
)
from tests.e2e.slack_bot import Bot, run_bot

__all__ = ["aimock", "aimock_server", "local_slack"]


@pytest.fixture
def corpus(engine: sa.Engine) -> None:
    """A handful of documents that the base model knows."""
    add_base_generation(engine)
    parking = "Visitors park their car on the north side of the building. Ask the reception for a parking card."
    bicycles = "Visitors who come by bicycle may park it in the cellar, beside the cars of the staff."
    embed(engine, add_document(engine, "Parking <for> visitors", [("Cars", parking)]))
    embed(engine, add_document(engine, "Bicycles", [("", bicycles)], uri="file:///srv/handbook/bicycles.md"))
    embed(engine, add_document(engine, "Payroll", [("", "Salaries are paid on the 25th of each month.")]))


@pytest.fixture
async def bot(local_slack: LocalSlack, engine: sa.Engine, corpus: None) -> AsyncIterator[Bot]:
    """The bot behind signed HTTP requests."""
    async for running in run_bot(
        engine,
        slack_api_url=local_slack.api_url,
        slack_bot_token=BOT_TOKEN,
        slack_signing_secret=SECRET,
        http_port=local_slack.http_port,
    ):
        yield running


@pytest.fixture
async def socket_bot(local_slack: LocalSlack, engine: sa.Engine, corpus: None) -> AsyncIterator[Bot]:
    """The bot behind Socket Mode."""
    async for running in run_bot(
        engine,
        slack_api_url=local_slack.api_url,
        slack_bot_token=SOCKET_BOT_TOKEN,
        slack_app_token=SOCKET_APP_TOKEN,
    ):
        yield running


@pytest.fixture
async def people(local_slack: LocalSlack) -> AsyncIterator[People]:
    """Anna and Bert, in a workspace without messages."""
    async with local_slack.people() as found:
        yield found
