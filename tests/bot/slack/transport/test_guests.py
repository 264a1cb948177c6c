"""Guests are told from members, for a while and with few calls; where Slack doesn't say, nothing is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.slack.transport import Readers, make_client
from bot.slack.transport.guests import GuestsSee
from db.corpus import PUBLIC_AUDIENCE_ID, personal_audiences
from db.errors import AudienceUnknownError
from db.settings import Settings
from db.store import create_engine
from tests.doubles_slack import ANNA, BERT, BOT_TOKEN, HTTP_CHANNEL, TEAM, OwnSlack, refused

PERSON = f"{TEAM}:{ANNA}"
FLAGS = ["is_restricted", "is_ultra_restricted", "is_stranger"]


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    own = OwnSlack()
    async with own.running():
        yield own


def readers(slack: OwnSlack, engine: sa.Engine, guests_see: GuestsSee = "channels") -> Readers:
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url)
    return Readers(make_client(settings), engine, guests_see)


@pytest.mark.parametrize("flag", [*FLAGS, "is_bot", ""])
async def test_who_asks_directly_is_a_guest_or_not(slack: OwnSlack, engine: sa.Engine, flag: str) -> None:
    slack.answers["users.info"] = [{"user": {"id": ANNA, flag: True}}]
    asking = readers(slack, engine)
    for _ in range(2):
        assert await asking.look_up("direct", TEAM, "D1", PERSON) == (flag in FLAGS)
        await asking.refresh(PERSON)
    assert (PUBLIC_AUDIENCE_ID in personal_audiences(engine, PERSON)) == (flag not in FLAGS)
    assert [method for method, _ in slack.calls] == ["users.info"]


async def test_who_is_a_member_again_sees_what_is_for_all_again(slack: OwnSlack, engine: sa.Engine) -> None:
    slack.answers["users.info"] = [{"user": {"id": ANNA, "is_restricted": True}}, {"user": {"id": ANNA}}]
    for expected in (True, False):
        assert await readers(slack, engine).look_up("direct", TEAM, "D1", PERSON) == expected
        assert (PUBLIC_AUDIENCE_ID not in personal_audiences(engine, PERSON)) == expected


@pytest.mark.parametrize(("member", "expected"), [(BERT, True), ("U0OTHER", False)])
@pytest.mark.parametrize("kind", ["public", "private"])
async def test_a_channel_is_read_by_the_guests_in_it(
    slack: OwnSlack, engine: sa.Engine, member: str, expected: bool, kind: Any
) -> None:
    slack.answers["users.list"] = [
        {"members": [{"id": ANNA}], "response_metadata": {"next_cursor": "more"}},
        {"members": [{"id": BERT, "is_ultra_restricted": True}]},
    ]
    slack.answers["conversations.members"] = [
        {"members": [ANNA], "response_metadata": {"next_cursor": "more"}},
        {"members": [member]},
    ]
    asking = readers(slack, engine)
    for _ in range(3):
        assert await asking.look_up(kind, TEAM, HTTP_CHANNEL, PERSON) == expected
        assert await asking.guests_read(kind, TEAM, HTTP_CHANNEL, PERSON) == expected
    assert [call["cursor"] for call in slack.of("users.list")] == ["", "more"]
    assert [call["channel"] for call in slack.of("conversations.members")] == [HTTP_CHANNEL] * 2
    assert PUBLIC_AUDIENCE_ID in personal_audiences(engine, PERSON)


async def test_where_there_are_no_guests_nobody_asks_who_is_in_a_channel(slack: OwnSlack, engine: sa.Engine) -> None:
    slack.answers["users.list"] = [{"members": [{"id": ANNA}, {"id": BERT, "is_restricted": False}]}]
    asking = readers(slack, engine)
    for channel in ("C1", "C2", "C3"):
        assert not await asking.look_up("public", TEAM, channel, PERSON)
    assert [method for method, _ in slack.calls] == ["users.list"]


@pytest.mark.parametrize(
    ("response", "says"), [(refused("missing_scope"), "users:read"), (refused("fatal_error"), "again in a minute")]
)
@pytest.mark.parametrize(
    ("kind", "method"), [("direct", "users.info"), ("public", "users.list"), ("private", "conversations.members")]
)
async def test_where_slack_does_not_say_nothing_is_shown_and_it_is_asked_again(
    slack: OwnSlack, engine: sa.Engine, response: Any, says: str, kind: Any, method: str
) -> None:
    slack.answers["users.list"] = [{"members": [{"id": BERT, "is_restricted": True}]}]
    slack.answers[method] = [response, {"members": []}]
    asking = readers(slack, engine)
    with pytest.raises(AudienceUnknownError, match=says):
        await asking.look_up(kind, TEAM, HTTP_CHANNEL, PERSON)
    assert not await asking.look_up(kind, TEAM, HTTP_CHANNEL, PERSON)


async def test_a_list_that_does_not_end_is_none(
    slack: OwnSlack, engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.slack.transport.guests._MOST_PAGES", 3)
    slack.answers["users.list"] = [{"members": [], "response_metadata": {"next_cursor": "more"}}]
    with pytest.raises(AudienceUnknownError):
        await readers(slack, engine).look_up("public", TEAM, HTTP_CHANNEL, PERSON)


async def test_who_may_be_a_guest_is_taken_for_one_where_nothing_can_be_refused(
    slack: OwnSlack, engine: sa.Engine
) -> None:
    slack.answers["users.info"] = [refused("fatal_error"), {"user": {"id": ANNA}}]
    asking = readers(slack, engine)
    await asking.refresh(PERSON)
    assert PUBLIC_AUDIENCE_ID not in personal_audiences(engine, PERSON)
    await asking.refresh(PERSON)
    assert PUBLIC_AUDIENCE_ID in personal_audiences(engine, PERSON)


async def test_where_guests_may_read_what_all_may_nobody_asks(slack: OwnSlack, engine: sa.Engine) -> None:
    slack.answers["users.info"] = [{"user": {"id": ANNA, "is_restricted": True}}]
    await readers(slack, engine).refresh(PERSON)
    slack.calls.clear()
    asking = readers(slack, engine, "workspace")
    for kind in ("direct", "public", "private"):
        assert not await asking.look_up(kind, TEAM, HTTP_CHANNEL, PERSON)  # type: ignore[arg-type]
    assert PUBLIC_AUDIENCE_ID in personal_audiences(engine, PERSON)
    assert slack.calls == []


async def test_a_store_that_is_away_is_told_and_stops_nobody_else(slack: OwnSlack) -> None:
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing", connect_timeout_s=1)
    asking = readers(slack, away)
    with pytest.raises(AudienceUnknownError):
        await asking.look_up("direct", TEAM, "D1", PERSON)
    await asking.refresh(PERSON)
