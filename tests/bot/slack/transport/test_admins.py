"""An admin is a person of a workspace: the same user id elsewhere is somebody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.slack.transport.admins import Admins
from bot.slack.transport.bolt_app import Identity
from bot.slack.transport.client import make_client
from db.settings import Settings
from tests.doubles_slack import ANNA, BERT, BOT_TOKEN, TEAM, OwnSlack


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


def make_admins(slack: OwnSlack, named: str) -> Admins:
    settings = Settings(
        data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url, slack_admins=named
    )
    return Admins(settings, Identity(make_client(settings)))


@pytest.mark.parametrize(
    ("team", "user", "is_admin"),
    [
        (TEAM, ANNA, True),
        ("T0OTHER", ANNA, False),
        ("T0OTHER", BERT, True),
        (TEAM, BERT, False),
        ("", ANNA, False),
        (TEAM, "", False),
    ],
)
async def test_an_id_alone_is_of_the_bots_own_workspace(slack: OwnSlack, team: str, user: str, is_admin: bool) -> None:
    admins = make_admins(slack, f"{ANNA}, t0other:{BERT}")
    assert await admins.include(team, user) is is_admin
    assert await admins.persons() == sorted([f"{TEAM}:{ANNA}", f"T0OTHER:{BERT}"])


async def test_where_nobody_is_named_nobody_is_an_admin_and_slack_is_not_asked(slack: OwnSlack) -> None:
    admins = make_admins(slack, "")
    assert not await admins.include(TEAM, ANNA) and await admins.persons() == []
    assert slack.of("auth.test") == []
