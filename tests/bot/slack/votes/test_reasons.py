"""Modals go through the whole app, as Slack sends them: stored, refused with a sentence, and passed on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from slack_bolt.async_app import AsyncBoltRequest

from bot.answer import Answerer
from bot.slack.app import build_app
from bot.slack.bolt_app import SlackApp
from bot.slack.text.render import render_rows
from bot.slack.votes.buttons import RIGHT_SOURCE
from bot.slack.votes.forms import REASON_BLOCK, RIGHT_BLOCK, VOTE_REASON, reason_modal
from db import schema
from db.golden import list_golden_pairs
from db.question import Answer, Asked
from db.settings import Settings
from db.votes import REASONS, VoteEvent, record_vote, set_reason
from tests.corpus import add_answer, add_base_generation, add_document, embed, encoders
from tests.doubles_slack import ANNA, BERT, BOT_TOKEN, HTTP_CHANNEL, TEAM, OwnSlack

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


def vote_down(engine: sa.Engine, answer: Answer) -> str:
    citation_id = answer.sources[0].citation_id
    event = VoteEvent("1", TEAM, f"{TEAM}:{ANNA}", answer.question_id, citation_id, "press", -1, Decimal(1))
    record_vote(engine, event)
    return citation_id


async def deliver(app: SlackApp, payload: dict[str, Any]) -> dict[str, Any]:
    """What the bot answers Slack, once all that it does then is done."""
    who = {"team": {"id": TEAM}, "user": {"id": ANNA, "team_id": TEAM}, "trigger_id": "t1"}
    body = urlencode({"payload": json.dumps(who | payload)})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answered = await app.async_dispatch(AsyncBoltRequest(body=body, headers=headers))
    await app.finish(10)
    assert answered.status == 200
    return dict(json.loads(answered.body)) if answered.body else {}


async def send_in(
    app: SlackApp, modal: str, subject: object, reason: str | None = None, right: str | None = None, user: str = ANNA
) -> dict[str, str]:
    """Sends a modal in; the errors it then shows."""
    values = {
        REASON_BLOCK: {REASON_BLOCK: {"selected_option": {"value": reason} if reason else None}},
        RIGHT_BLOCK: {RIGHT_BLOCK: {"value": right}},
    }
    view = {"type": "modal", "callback_id": modal, "private_metadata": str(subject), "state": {"values": values}}
    payload = {"type": "view_submission", "view": view, "user": {"id": user, "team_id": TEAM}}
    answered = await deliver(app, payload)
    assert answered.get("response_action", "errors") == "errors"
    return dict(answered.get("errors", {}))


def reasons(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.select(schema.vote_reason.c.reason)))


def test_the_modal_offers_every_reason() -> None:
    view = reason_modal("cite1", 10).to_dict()
    [asked, right] = view["blocks"]
    assert [option["value"] for option in asked["element"]["options"]] == list(REASONS)
    assert right["optional"] is True and view["private_metadata"] == "cite1"


@pytest.mark.parametrize("reason", REASONS)
async def test_a_reason_is_stored_and_reaches_whom_it_concerns(
    engine: sa.Engine, slack: OwnSlack, app: SlackApp, answer: Answer, reason: str
) -> None:
    assert await send_in(app, VOTE_REASON, vote_down(engine, answer), reason) == {}
    assert reasons(engine) == [reason]
    told = [(post["channel"], post["text"].split()[1:3]) for post in slack.of("chat.postMessage")]
    concerned = {"outdated": [(ADMIN_CHANNEL, ["says", "that"])], "not_allowed": [(ADMIN_CHANNEL, ["was", "shown"])]}
    assert told == concerned.get(reason, [])


@pytest.mark.parametrize("reason", REASONS)
async def test_a_reason_whose_process_died_is_passed_on_once_by_another(
    engine: sa.Engine, slack: OwnSlack, app: SlackApp, answer: Answer, reason: str
) -> None:
    set_reason(engine, f"{TEAM}:{ANNA}", vote_down(engine, answer), reason)
    await app.services.pass_on_reasons()
    assert slack.calls == []  # somebody may be at it
    with engine.begin() as connection:
        minutes_ago = sa.func.now() - sa.text("interval '5 minutes'")
        connection.execute(sa.update(schema.vote_reason).values(given_at=minutes_ago))
    await app.services.pass_on_reasons()
    await app.services.pass_on_reasons()
    assert len(slack.of("chat.postMessage")) == (reason in ("outdated", "not_allowed"))


async def test_a_reason_that_was_passed_on_is_not_left(
    engine: sa.Engine, slack: OwnSlack, app: SlackApp, answer: Answer
) -> None:
    await send_in(app, VOTE_REASON, vote_down(engine, answer), "outdated")
    with engine.begin() as connection:
        minutes_ago = sa.func.now() - sa.text("interval '5 minutes'")
        connection.execute(sa.update(schema.vote_reason).values(given_at=minutes_ago))
        connection.execute(sa.update(schema.document_review).values(state="still_right"))
    await app.services.pass_on_reasons()
    assert len(slack.of("chat.postMessage")) == 1


async def test_a_reason_without_its_vote_is_refused_in_the_modal(
    engine: sa.Engine, app: SlackApp, answer: Answer
) -> None:
    [(block_id, sentence)] = (await send_in(app, VOTE_REASON, answer.sources[0].citation_id, "outdated")).items()
    assert block_id == REASON_BLOCK and "belongs to a 👎" in sentence
    for reason in (None, "because"):
        assert REASON_BLOCK in await send_in(app, VOTE_REASON, vote_down(engine, answer), reason)
    assert reasons(engine) == []


async def test_the_right_document_may_be_named_with_the_reason(
    engine: sa.Engine, slack: OwnSlack, app: SlackApp, answer: Answer
) -> None:
    citation_id = vote_down(engine, answer)
    unknown = await send_in(app, VOTE_REASON, citation_id, "wrong_source", "Parking cars")
    assert unknown == {RIGHT_BLOCK: "There is no document by that address or title. Did you mean “Parking”?"}
    assert reasons(engine) == []
    assert await send_in(app, VOTE_REASON, citation_id, "wrong_source", "Parking") == {}
    assert reasons(engine) == ["wrong_source"]
    [pair] = list_golden_pairs(engine)
    assert (pair.prompt, pair.question_id, pair.added_by) == (ASKED.text, answer.question_id, f"{TEAM}:{ANNA}")
    [told] = slack.of("chat.postEphemeral")
    assert (told["channel"], told["user"], told["thread_ts"]) == (HTTP_CHANNEL, ANNA, "1.5")
    assert "Parking" in told["text"]


async def test_a_reason_that_can_not_be_stored_says_so_in_the_modal(
    engine: sa.Engine, app: SlackApp, answer: Answer
) -> None:
    citation_id = vote_down(engine, answer)
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE vote_reason RENAME TO lost"))
    errors = await send_in(app, VOTE_REASON, citation_id, "other")
    assert "went wrong on my side" in errors[REASON_BLOCK]


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
