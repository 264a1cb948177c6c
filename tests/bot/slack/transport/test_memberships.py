"""Slack is asked who is where, where documents are for some by it; what it doesn't say is seen by nobody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.slack.transport.client import make_client
from bot.slack.transport.memberships import Memberships
from db.corpus import ensure_audience, personal_audiences, read_audience, reply_audiences
from db.settings import Settings
from db.store import create_engine
from tests.doubles_slack import ANNA, BOT_TOKEN, HTTP_CHANNEL, TEAM, OwnSlack, refused

PERSON = f"{TEAM}:{ANNA}"


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    own = OwnSlack()
    own.answers["users.conversations"] = [
        {"channels": [{"id": "C8", "name": "other"}], "response_metadata": {"next_cursor": "more"}},
        {"channels": [{"id": "C9", "name": "finance"}], "response_metadata": {"next_cursor": ""}},
    ]
    own.answers["usergroups.list"] = [
        {"usergroups": [{"id": "S1", "handle": "leads", "users": [ANNA]}, {"id": "S2", "handle": "board", "users": []}]}
    ]
    own.answers["users.info"] = [{"user": {"profile": {"email": "anna@example.com"}}}]
    async with own.running():
        yield own


def memberships(slack: OwnSlack, engine: sa.Engine) -> Memberships:
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url)
    return Memberships(make_client(settings), engine)


def add(engine: sa.Engine, *names: str) -> dict[str, int]:
    return {name: ensure_audience(engine, read_audience(name)) for name in names}


def seen(engine: sa.Engine, ids: dict[str, int]) -> set[str]:
    found = personal_audiences(engine, PERSON)
    return {name for name, id_ in ids.items() if id_ in found}


async def test_nothing_is_asked_where_all_is_for_all(slack: OwnSlack, engine: sa.Engine) -> None:
    asking = memberships(slack, engine)
    await asking.refresh(PERSON)
    await asking.look_up("public", TEAM, HTTP_CHANNEL, PERSON)
    assert slack.calls == []


async def test_channels_groups_and_address_are_found_page_by_page_and_once_in_a_while(
    slack: OwnSlack, engine: sa.Engine
) -> None:
    ids = add(engine, "#finance", "@leads", "@board", "anna@example.com", "bert@example.com", "#other, @board")
    asking = memberships(slack, engine)
    for _ in range(2):
        await asking.look_up("direct", TEAM, "D1", PERSON)
        assert seen(engine, ids) == {"#finance", "@leads", "anna@example.com", "#other, @board"}
    assert [call["cursor"] for call in slack.of("users.conversations")] == ["", "more"]
    assert len(slack.of("usergroups.list")) == len(slack.of("users.info")) == 1


@pytest.mark.parametrize("response", [refused("missing_scope"), refused("fatal_error"), (500, {}, {"ok": False})])
async def test_what_slack_does_not_say_is_seen_by_nobody_and_the_rest_is(
    slack: OwnSlack, engine: sa.Engine, response: Any
) -> None:
    ids = add(engine, "#finance", "@leads")
    await memberships(slack, engine).refresh(PERSON)
    slack.answers["users.conversations"] = [response]
    await memberships(slack, engine).refresh(PERSON)
    assert seen(engine, ids) == {"@leads"}


async def test_a_failure_is_not_remembered(slack: OwnSlack, engine: sa.Engine) -> None:
    ids = add(engine, "@leads")
    listed = slack.answers["usergroups.list"]
    slack.answers["usergroups.list"] = [refused("fatal_error"), *listed]
    asking = memberships(slack, engine)
    for expected in (set(), {"@leads"}):
        await asking.refresh(PERSON)
        assert seen(engine, ids) == expected


async def test_a_channel_is_met_by_its_name_when_it_is_first_asked_in(slack: OwnSlack, engine: sa.Engine) -> None:
    ids = add(engine, "#finance")
    slack.answers["conversations.info"] = [{"channel": {"id": "C9", "name": "finance"}}]
    asking = memberships(slack, engine)
    for _ in range(2):
        await asking.look_up("private", TEAM, "C9", PERSON)
    assert ids["#finance"] in reply_audiences(engine, TEAM, "C9", "private", PERSON)
    assert len(slack.of("conversations.info")) == 1


async def test_a_store_that_is_away_stops_nobody(slack: OwnSlack) -> None:
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing", connect_timeout_s=1)
    for kind in ("direct", "public"):
        await memberships(slack, away).look_up(kind, TEAM, "C1", PERSON)  # type: ignore[arg-type]
