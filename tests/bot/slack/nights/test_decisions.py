"""Decisions pressed in App Home: whatever becomes of them is said there, since nothing can be whispered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from unittest.mock import AsyncMock

import pytest
import sqlalchemy as sa

from bot.slack.home import AdminHome, Home
from bot.slack.incoming import Press
from bot.slack.nights import decisions
from bot.slack.nights.decisions import ADMINS_ONLY, FAILED, NOT_YET, Decisions
from bot.slack.nights.report import NightReports
from bot.slack.transport import Admins, Identity, make_client
from db.settings import Settings
from db.store import failure_counts
from tests.corpus import add_base_generation, encoders
from tests.doubles_slack import ANNA, BERT, BOT_TOKEN, TEAM, OwnSlack


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


def make_decisions(slack: OwnSlack, engine: sa.Engine) -> Decisions:
    settings = Settings(
        data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url, slack_admins=ANNA
    )
    client = make_client(settings)
    admins = Admins(settings, Identity(client))
    home = Home(client, engine, encoders(), AdminHome(engine, settings, admins, encoders()))
    return Decisions(engine, admins, home.show, NightReports(client, engine, settings))


async def shown_after(slack: OwnSlack, made: Decisions, user: str, value: str) -> str:
    press = Press(TEAM, user, "decide_promote", value, Decimal("9.5"))
    await made.press(press, AsyncMock())
    return str(slack.of("views.publish")[-1]["view"])


async def test_who_may_not_decide_is_told(engine: sa.Engine, slack: OwnSlack) -> None:
    assert ADMINS_ONLY in await shown_after(slack, make_decisions(slack, engine), BERT, "1")


async def test_a_generation_that_is_gone_is_said(engine: sa.Engine, slack: OwnSlack) -> None:
    add_base_generation(engine)
    assert "There is no generation 99" in await shown_after(slack, make_decisions(slack, engine), ANNA, "99")


async def test_what_no_night_process_carries_out_is_said_to_wait(
    engine: sa.Engine, slack: OwnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "OUTCOME_WITHIN_S", 0.1)
    generation = add_base_generation(engine)
    assert NOT_YET in await shown_after(slack, make_decisions(slack, engine), ANNA, str(generation.id))


async def test_a_failure_is_said_and_counted(
    engine: sa.Engine, slack: OwnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "request_decision", lambda *_: 1 / 0)
    assert FAILED in await shown_after(slack, make_decisions(slack, engine), ANNA, "1")
    assert failure_counts(engine) == {"ZeroDivisionError": 1}
