"""App Home when something is wrong: said in one plain sentence, and counted; and an export cut to what Slack takes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.slack.home.admin import AdminHome
from bot.slack.home.export import EXPORTED
from bot.slack.home.home import FAILED, NOTHING_TO_SHOW, Home
from bot.slack.incoming import Press
from bot.slack.showing import PAGE_SIZE
from bot.slack.transport import Admins, Identity, make_client
from db import schema
from db.question import Asked
from db.settings import Settings
from db.store import failure_counts
from tests.corpus import add_answer, encoders
from tests.doubles_slack import ANNA, BERT, BOT_TOKEN, TEAM, OwnSlack, refused


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


def make_home(slack: OwnSlack, engine: sa.Engine) -> Home:
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url)
    client = make_client(settings)
    admin = AdminHome(engine, settings, Admins(settings, Identity(client)), encoders())
    return Home(client, engine, encoders(), admin, old_after_days=settings.old_after_days)


def ask(engine: sa.Engine, n: int = 1, text: str = "Where?", user: str = ANNA) -> list[int]:
    asked = [Asked(text, TEAM, f"C{n}-{number}", "public", f"{TEAM}:{user}") for number in range(n)]
    return [add_answer(engine, 1, each).question_id for each in asked]


def press(action_id: str, value: str = "", user: str = ANNA) -> Press:
    return Press(TEAM, user, action_id, value, Decimal("9.5"))


def last_view(slack: OwnSlack) -> str:
    return str(slack.of("views.publish")[-1]["view"])


async def test_a_view_that_slack_refuses_is_replaced_by_a_sentence_and_counted(
    engine: sa.Engine, slack: OwnSlack
) -> None:
    slack.answers["views.publish"] = [refused("invalid_blocks"), {"ok": True}]
    await make_home(slack, engine).show(TEAM, ANNA)
    assert NOTHING_TO_SHOW in last_view(slack)
    assert failure_counts(engine) == {"invalid_blocks": 1}


async def test_pages_turn_and_the_last_one_may_be_emptied(engine: sa.Engine, slack: OwnSlack) -> None:
    home, ids = make_home(slack, engine), ask(engine, PAGE_SIZE + 1)
    await home.show(TEAM, ANNA)
    assert "home_page_older" in last_view(slack) and "home_page_newer" not in last_view(slack)
    await home.press(press("home_page_older", str(PAGE_SIZE)), 0)
    assert "home_page_newer" in last_view(slack) and "home_page_older" not in last_view(slack)
    await home.press(press("home_erase_question", str(ids[0])), PAGE_SIZE)
    assert last_view(slack).count("home_erase_question") == PAGE_SIZE


async def test_a_source_that_may_be_outdated_is_told_as_that(engine: sa.Engine, slack: OwnSlack) -> None:
    home = make_home(slack, engine)
    ask(engine)
    await home.show(TEAM, ANNA)
    assert "may be outdated" not in last_view(slack)
    with engine.begin() as connection:
        connection.execute(schema.document.update().values(front_matter={"date": "2019-03-04"}))
    await home.show(TEAM, ANNA)
    assert " · _may be outdated: dated 2019-03-04_" in last_view(slack)


async def test_another_ones_question_is_not_erased(engine: sa.Engine, slack: OwnSlack) -> None:
    [theirs] = ask(engine, user=BERT)
    for value in (str(theirs), "nonsense"):
        await make_home(slack, engine).press(press("home_erase_question", value), 0)
        assert "You have no such question any more." in last_view(slack)
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.question)) == 1


async def test_an_export_that_slack_refuses_is_said_and_counted(engine: sa.Engine, slack: OwnSlack) -> None:
    slack.answers["chat.postMessage"] = [refused("is_archived")]
    await make_home(slack, engine).press(press("home_export"), 0)
    assert FAILED in last_view(slack)
    assert failure_counts(engine) == {"is_archived": 1}


async def test_an_export_is_said_to_be_on_its_way(engine: sa.Engine, slack: OwnSlack) -> None:
    await make_home(slack, engine).press(press("home_export"), 0)
    assert EXPORTED in last_view(slack) and slack.of("chat.postMessage")


async def test_a_press_that_fails_inside_is_said_and_counted(
    engine: sa.Engine, slack: OwnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make_home(slack, engine)
    acknowledged: list[object] = []

    async def acknowledge(**said: object) -> None:
        acknowledged.append(said)

    async def fail(*_: object) -> str:
        raise OSError("words of a person")

    monkeypatch.setattr("bot.slack.home.home.send_export", fail)
    await home.press(press("home_export"), 0, acknowledge)
    assert FAILED in last_view(slack) and "words of a person" not in last_view(slack)
    assert acknowledged == [], "Slack shows that it wasn't done"
    assert failure_counts(engine) == {"OSError": 1}
