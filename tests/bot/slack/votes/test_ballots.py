"""A person's votes are shown in one message, changed for as long as Slack lets it be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from slack_bolt.async_app import AsyncRespond

from bot.slack.incoming import Press
from bot.slack.votes.ballots import Ballots
from db.slack.ballots import USES
from db.store import create_engine
from tests.doubles_slack import ANNA, HTTP_CHANNEL, TEAM, OwnSlack


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


def press(slack: OwnSlack, name: str) -> tuple[Press, AsyncRespond]:
    """A press whose response_url is `name`."""
    url = f"{slack.api_url}{name}"
    pressed = Press(TEAM, ANNA, "vote_up", "c1", Decimal("9.5"), HTTP_CHANNEL, response_url=url)
    return pressed, AsyncRespond(response_url=url)


def shown(slack: OwnSlack) -> list[tuple[str, bool, Any]]:
    """By which address what was said, and whether in place of something."""
    return [(name, said["replace_original"], said["text"]) for name, said in slack.calls]


async def test_before_anybody_pressed_in_it_a_new_message_is_shown(engine: sa.Engine, slack: OwnSlack) -> None:
    await Ballots(engine).show(*press(slack, "answer"), 1, "one", [])
    assert shown(slack) == [("answer", False, "one")]


async def test_a_press_in_it_changes_it_and_then_so_does_every_vote_in_any_process(
    engine: sa.Engine, slack: OwnSlack
) -> None:
    await Ballots(engine).change_pressed(*press(slack, "ballot"), 1, "one", [])
    for number in range(USES):
        await Ballots(engine).show(*press(slack, f"answer{number}"), 1, "two", [])
    await Ballots(engine).show(*press(slack, "another"), 2, "other answer", [])
    await Ballots(engine).show(*press(slack, "answer"), 1, "used up", [])
    assert shown(slack) == [
        ("ballot", True, "one"),
        *[("ballot", True, "two")] * USES,
        ("another", False, "other answer"),
        ("answer", False, "used up"),
    ]


async def test_a_vote_of_whoever_sees_the_change_finds_the_message(engine: sa.Engine, slack: OwnSlack) -> None:
    class Seen(AsyncRespond):
        """A person who votes again the moment that the message has changed."""

        async def __call__(self, *arguments: Any, **changes: Any) -> Any:
            answered = await super().__call__(*arguments, **changes)
            await Ballots(engine).show(*press(slack, "answer"), 1, "two", [])
            return answered

    pressed, respond = press(slack, "ballot")
    await Ballots(engine).change_pressed(pressed, Seen(response_url=respond.response_url), 1, "one", [])
    assert shown(slack) == [("ballot", True, "one"), ("ballot", True, "two")]


async def test_where_slack_refuses_the_address_a_new_message_is_shown(engine: sa.Engine, slack: OwnSlack) -> None:
    await Ballots(engine).change_pressed(*press(slack, "ballot"), 1, "one", [])
    slack.answers["ballot"] = [(404, {}, {"ok": False, "error": "expired_url"})]
    await Ballots(engine).show(*press(slack, "answer"), 1, "two", [])
    assert shown(slack)[1:] == [("ballot", True, "two"), ("answer", False, "two")]


async def test_without_a_database_the_votes_are_shown_all_the_same(slack: OwnSlack) -> None:
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere", connect_timeout_s=2)
    await Ballots(away).change_pressed(*press(slack, "ballot"), 1, "one", [])
    await Ballots(away).show(*press(slack, "answer"), 1, "two", [])
    assert shown(slack) == [("ballot", True, "one"), ("answer", False, "two")]
