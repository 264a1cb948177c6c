"""Modals go through the whole app, as Slack sends them: stored, refused with a sentence, and passed on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.answering import Answerer
from bot.slack.app import build_app
from bot.slack.showing import REASON_BLOCK, RIGHT_BLOCK, VOTE_REASON
from bot.slack.transport import SlackApp
from db import schema
from db.feedback import list_golden_pairs
from db.feedback.fold import VoteEvent
from db.feedback.votes import REASONS, record_vote, set_reason
from db.question import Answer, Asked
from db.settings import Settings
from db.store import failure_counts
from tests.bot.slack.votes.modals_sent import send_in
from tests.corpus import add_answer, add_base_generation, add_document, embed, encoders
from tests.doubles_slack import ANNA, BOT_TOKEN, HTTP_CHANNEL, TEAM, OwnSlack

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


def reasons(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.select(schema.vote_reason.c.reason)))


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


async def test_a_reason_that_reaches_nobody_is_counted_and_passed_on_later(
    engine: sa.Engine, slack: OwnSlack, app: SlackApp, answer: Answer
) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE document_review RENAME TO away"))
    assert await send_in(app, VOTE_REASON, vote_down(engine, answer), "outdated") == {}
    assert reasons(engine) == ["outdated"] and slack.of("chat.postMessage") == []
    assert sum(failure_counts(engine).values()) == 1
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE away RENAME TO document_review"))
        minutes_ago = sa.func.now() - sa.text("interval '5 minutes'")
        connection.execute(sa.update(schema.vote_reason).values(given_at=minutes_ago))
    await app.services.pass_on_reasons()
    assert len(slack.of("chat.postMessage")) == 1
