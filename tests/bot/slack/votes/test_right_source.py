"""Here's the right one: a document that is named under an answer becomes golden, or the modal says why not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.answering import Answerer
from bot.slack.app import build_app
from bot.slack.showing import RIGHT_BLOCK, RIGHT_SOURCE, render_rows
from bot.slack.transport import NOT_STORED, SlackApp
from db.feedback import list_golden_pairs
from db.question import Answer, Asked
from db.settings import Settings
from db.store import failure_counts
from tests.bot.slack.votes.modals_sent import deliver, send_in
from tests.corpus import add_answer, add_base_generation, add_document, embed, encoders
from tests.doubles_slack import ANNA, BERT, BOT_TOKEN, HTTP_CHANNEL, TEAM, OwnSlack, refused

ASKED = Asked("Where is the car park?", TEAM, HTTP_CHANNEL, "public", f"{TEAM}:{ANNA}", thread_ts="1.5")
ADMIN_CHANNEL = "C0ADMIN"


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


@pytest.fixture
def answer(engine: sa.Engine) -> Answer:
    add_base_generation(engine)
    embed(engine, add_document(engine, "Parking", [("", "Visitors use the garage."), ("", "Bicycles: in the cellar.")]))
    return add_answer(engine, 2, ASKED)


@pytest.fixture
def app(engine: sa.Engine, slack: OwnSlack) -> SlackApp:
    settings = Settings(
        data_dir=Path("unused"),
        slack_bot_token=BOT_TOKEN,
        slack_api_url=slack.api_url,
        slack_admin_channel=ADMIN_CHANNEL,
    )
    return build_app(settings, engine, Answerer(engine, settings, encoders(), None))


async def press_right_source(app: SlackApp, slack: OwnSlack, value: str) -> None:
    action = {"type": "button", "action_id": RIGHT_SOURCE, "action_ts": "9.5", "value": value}
    place = {"channel": {"id": HTTP_CHANNEL}}
    await deliver(app, {"type": "block_actions", "actions": [action], "response_url": f"{slack.api_url}said"} | place)


@pytest.mark.parametrize("has_sources", [True, False])
async def test_the_right_document_is_named_under_an_answer(
    engine: sa.Engine, slack: OwnSlack, app: SlackApp, answer: Answer, has_sources: bool
) -> None:
    if not has_sources:
        answer = add_answer(engine, 0, ASKED)
    [button] = [
        element
        for block in render_rows(answer)
        for element in block.to_dict().get("elements", [])
        if element.get("action_id") == RIGHT_SOURCE
    ]
    await press_right_source(app, slack, button["value"])
    [opened] = slack.of("views.open")
    view = opened["view"]
    assert (opened["trigger_id"], view["callback_id"]) == ("t1", RIGHT_SOURCE)
    assert await send_in(app, RIGHT_SOURCE, view["private_metadata"], right="Parking") == {}
    assert [pair.question_id for pair in list_golden_pairs(engine)] == [answer.question_id]
    assert len(slack.of("chat.postEphemeral")) == 1


async def test_a_document_of_several_by_that_title_is_asked_for_by_its_address(
    engine: sa.Engine, app: SlackApp, answer: Answer
) -> None:
    add_document(engine, "Parking", [("", "Another.")], uri="file:///parking.md")
    errors = await send_in(app, RIGHT_SOURCE, answer.question_id, right="Parking")
    assert "2 documents go by that name" in errors[RIGHT_BLOCK]
    assert list_golden_pairs(engine) == []


async def test_an_outsider_names_no_document(engine: sa.Engine, slack: OwnSlack, app: SlackApp, answer: Answer) -> None:
    private = add_answer(engine, 1, Asked("Where?", TEAM, "D1", "direct", f"{TEAM}:{ANNA}"))
    errors = await send_in(app, RIGHT_SOURCE, private.question_id, right="Parking", user=BERT)
    assert "not shown to you" in errors[RIGHT_BLOCK]
    assert list_golden_pairs(engine) == []


@pytest.mark.parametrize("value", ["nothing", "999"])
async def test_under_an_answer_that_is_gone_no_modal_opens(slack: OwnSlack, app: SlackApp, value: str) -> None:
    await press_right_source(app, slack, value)
    [said] = slack.of("said")
    assert "no longer have that answer" in said["text"] and slack.of("views.open") == []


async def test_where_the_modal_can_not_be_opened_it_says_so(
    engine: sa.Engine, slack: OwnSlack, app: SlackApp, answer: Answer
) -> None:
    slack.answers["views.open"] = [refused("expired_trigger_id")]
    await press_right_source(app, slack, str(answer.question_id))
    [said] = slack.of("said")
    assert (said["text"], said["response_type"]) == (NOT_STORED, "ephemeral")
    assert failure_counts(engine) == {"expired_trigger_id": 1}
