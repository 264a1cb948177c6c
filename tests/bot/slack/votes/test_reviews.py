"""Owners hear that a document is outdated, admins that somebody saw what they may not; nobody hears who said so."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from slack_sdk.webhook import WebhookResponse

from bot.slack.incoming import Press
from bot.slack.transport import Admins, Identity, make_client
from bot.slack.votes.reviews import FAILED, NOT_YOURS, Reviews
from db import schema
from db.errors import AudienceUnknownError
from db.question import Answer, Asked
from db.settings import Settings
from tests.corpus import add_answer
from tests.doubles_slack import ANNA, BERT, BOT_TOKEN, HTTP_CHANNEL, TEAM, OwnSlack, refused
from tests.synthetic import add_audience

ASKED = Asked("Whom do we fire next?", TEAM, HTTP_CHANNEL, "public", f"{TEAM}:{ANNA}")
REPORTER = f"{TEAM}:{ANNA}"
ADMIN_CHANNEL = "C0ADMIN"
OWNED = [BERT, f"{TEAM}:{BERT}"]


class Said:
    """Stands for a press's response_url."""

    def __init__(self) -> None:
        self.words: dict[str, Any] = {}

    async def __call__(self, **words: Any) -> WebhookResponse:
        self.words = words
        return WebhookResponse(url="", status_code=200, body="ok", headers={})


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


@pytest.fixture
def answer(engine: sa.Engine) -> Answer:
    return add_answer(engine, 1, ASKED, n_passages=2)


def make_reviews(slack: OwnSlack, engine: sa.Engine, **changes: Any) -> Reviews:
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url, **changes)
    client = make_client(settings)
    return Reviews(client, engine, Admins(settings, Identity(client)), settings.slack_admin_channel)


def own(engine: sa.Engine, owner: str | None) -> None:
    with engine.begin() as connection:
        connection.execute(
            schema.document.update().values(owner=owner, title="Layoffs <!channel>", source_uri="file:///layoffs.md")
        )


def states(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.select(schema.document_review.c.state)))


def press(review: str, user: str, action_id: str = "review_will_fix") -> Press:
    return Press(TEAM, user, action_id, review, Decimal("9.5"))


@pytest.mark.parametrize("owner", OWNED)
async def test_outdated_reaches_the_owner_once_until_it_is_settled(
    engine: sa.Engine, slack: OwnSlack, answer: Answer, owner: str
) -> None:
    own(engine, owner)
    reviews, source = make_reviews(slack, engine, slack_admin_channel=ADMIN_CHANNEL), answer.sources[0]
    for _ in range(3):
        await reviews.report_outdated(source.citation_id, REPORTER)
    [told] = slack.of("chat.postMessage")
    assert told["channel"] == BERT
    everything = json.dumps(told)
    assert "Layoffs &lt;!channel&gt;" in everything and ANNA not in everything and ASKED.text not in everything
    said = Said()
    await reviews.settle(press(button_value(told), BERT), said)  # type: ignore[arg-type]
    assert said.words["replace_original"] is True and f"will be put right, says <@{BERT}>" in said.words["text"]
    await reviews.settle(press(button_value(told), BERT, "review_still_right"), said)  # type: ignore[arg-type]
    assert "will be put right" in said.words["text"] and states(engine) == ["will_fix"]
    await reviews.report_outdated(source.citation_id, REPORTER)
    assert len(slack.of("chat.postMessage")) == 2


@pytest.mark.parametrize("owner", [None, "The people team", "bert@example.com", "U0 BERT"])
async def test_a_document_without_an_owner_in_slack_goes_to_the_admin_channel_or_to_nobody(
    engine: sa.Engine, slack: OwnSlack, answer: Answer, owner: str | None
) -> None:
    own(engine, owner)
    await make_reviews(slack, engine).report_outdated(answer.sources[0].citation_id, REPORTER)
    assert slack.calls == [] and states(engine) == ["open"]
    with engine.begin() as connection:
        connection.execute(schema.document_review.delete())
    reviews = make_reviews(slack, engine, slack_admin_channel=ADMIN_CHANNEL)
    await reviews.report_outdated(answer.sources[0].citation_id, REPORTER)
    assert [told["channel"] for told in slack.of("chat.postMessage")] == [ADMIN_CHANNEL]


async def test_an_owner_who_can_not_be_reached_is_stood_in_for_and_a_report_that_reached_nobody_can_come_again(
    engine: sa.Engine, slack: OwnSlack, answer: Answer
) -> None:
    own(engine, BERT)
    reviews = make_reviews(slack, engine, slack_admin_channel=ADMIN_CHANNEL)
    slack.answers["chat.postMessage"] = [refused("user_not_found"), refused("not_in_channel"), {}]
    await reviews.report_outdated(answer.sources[0].citation_id, REPORTER)
    assert [told["channel"] for told in slack.of("chat.postMessage")] == [BERT, ADMIN_CHANNEL]
    assert states(engine) == []
    await reviews.report_outdated(answer.sources[0].citation_id, REPORTER)
    assert states(engine) == ["open"]


async def test_only_the_owner_or_an_admin_settles(engine: sa.Engine, slack: OwnSlack, answer: Answer) -> None:
    own(engine, f"T0OTHER:{ANNA}")
    reviews, said = make_reviews(slack, engine, slack_admins=f"U0ADMIN, {BERT}"), Said()
    await reviews.report_outdated(answer.sources[0].citation_id, REPORTER)
    review = button_value(slack.of("chat.postMessage")[0])
    await reviews.settle(press(review, ANNA), said)  # type: ignore[arg-type]
    assert said.words["text"] == NOT_YOURS and states(engine) == ["open"]
    await reviews.settle(press(review, BERT, "review_still_right"), said)  # type: ignore[arg-type]
    assert "is still right" in said.words["text"] and states(engine) == ["still_right"]


@pytest.mark.parametrize(("value", "sentence"), [("999999", "gone"), ("no number", FAILED)])
async def test_a_review_that_is_not_there(engine: sa.Engine, slack: OwnSlack, value: str, sentence: str) -> None:
    said = Said()
    await make_reviews(slack, engine).settle(press(value, BERT), said)  # type: ignore[arg-type]
    assert sentence in said.words["text"]


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"slack_admin_channel": ADMIN_CHANNEL, "slack_admins": BERT}, [ADMIN_CHANNEL]),
        ({"slack_admins": f"U0ADMIN,{BERT}"}, [BERT, "U0ADMIN"]),
        ({}, []),
    ],
)
async def test_what_somebody_may_not_see_alerts_the_admins_once(
    engine: sa.Engine, slack: OwnSlack, answer: Answer, changes: dict[str, Any], places: list[str]
) -> None:
    own(engine, BERT)
    reviews, citation_id = make_reviews(slack, engine, **changes), answer.sources[0].citation_id
    for _ in range(3):
        await reviews.report_not_allowed(citation_id, REPORTER)
    alerts = slack.of("chat.postMessage")
    assert sorted(alert["channel"] for alert in alerts) == sorted(places)
    for alert in alerts:
        assert f"question {answer.question_id}" in alert["text"] and "Layoffs &lt;!channel&gt;" in alert["text"]
        assert ASKED.text not in json.dumps(alert) and ANNA not in json.dumps(alert)
    await reviews.report_not_allowed(citation_id, f"{TEAM}:{BERT}")
    assert len(slack.of("chat.postMessage")) == 2 * len(places)


async def test_an_alert_that_reached_nobody_can_come_again_and_keeps_no_name(
    engine: sa.Engine, slack: OwnSlack, answer: Answer
) -> None:
    reviews, citation_id = make_reviews(slack, engine, slack_admins=BERT), answer.sources[0].citation_id
    slack.answers["chat.postMessage"] = [refused("user_not_found"), {}]
    for _ in range(3):
        await reviews.report_not_allowed(citation_id, REPORTER)
    assert len(slack.of("chat.postMessage")) == 2
    with engine.connect() as connection:
        [(claimed, lasting)] = connection.execute(
            sa.select(schema.slack_event.c.event_id, schema.slack_event.c.lasting)
        )
    assert ANNA not in claimed and citation_id not in claimed and lasting


@pytest.mark.parametrize("changes", [{"slack_admin_channel": ADMIN_CHANNEL}, {"slack_admins": BERT}], ids=str)
async def test_a_title_is_told_where_all_may_see_the_document_and_to_its_owner_alone(
    engine: sa.Engine, slack: OwnSlack, answer: Answer, changes: dict[str, str]
) -> None:
    own(engine, None)
    restricted = add_audience(engine, "C0BOARD")
    with engine.begin() as connection:
        connection.execute(schema.document.update().values(audience_id=restricted))
    reviews, source = make_reviews(slack, engine, **changes), answer.sources[0]
    await reviews.report_not_allowed(source.citation_id, REPORTER)
    await reviews.report_outdated(source.citation_id, REPORTER)
    told = slack.of("chat.postMessage")
    assert len(told) == 2 if "slack_admin_channel" in changes else 1
    assert "a restricted document" in told[0]["text"] and "Layoffs" not in json.dumps(told)
    if "slack_admin_channel" in changes:
        said, pressed = Said(), press(button_value(told[1]), BERT)
        await make_reviews(slack, engine, slack_admins=BERT).settle(replace(pressed, channel=ADMIN_CHANNEL), said)  # type: ignore[arg-type]
        assert "a restricted document" in said.words["text"] and "Layoffs" not in str(said.words)
    with engine.begin() as connection:
        connection.execute(schema.document_review.delete())
    own(engine, BERT)
    await reviews.report_outdated(source.citation_id, REPORTER)
    assert "Layoffs" in slack.of("chat.postMessage")[-1]["text"]
    assert slack.of("chat.postMessage")[-1]["channel"] == BERT


async def test_an_owner_is_somebody_of_one_workspace(engine: sa.Engine, slack: OwnSlack, answer: Answer) -> None:
    own(engine, f"{TEAM}:{BERT}")
    reviews, said = make_reviews(slack, engine), Said()
    await reviews.report_outdated(answer.sources[0].citation_id, REPORTER)
    pressed = press(button_value(slack.of("chat.postMessage")[0]), BERT)
    await reviews.settle(replace(pressed, team="T0OTHER"), said)  # type: ignore[arg-type]
    assert said.words["text"] == NOT_YOURS and states(engine) == ["open"]


def button_value(message: dict[str, Any]) -> str:
    [actions] = [block for block in message["blocks"] if block["type"] == "actions"]
    still, fix = actions["elements"]
    assert (still["text"]["text"], fix["text"]["text"]) == ("Still right", "Will fix")
    return str(fix["value"])


async def test_where_nobody_knows_who_reads_there_no_title_is_told(
    engine: sa.Engine, slack: OwnSlack, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> tuple[int, ...]:
        raise AudienceUnknownError

    own(engine, None)
    monkeypatch.setattr("bot.slack.votes.reviews.reply_audiences", unknown)
    reviews = make_reviews(slack, engine, slack_admin_channel=ADMIN_CHANNEL)
    await reviews.report_outdated(answer.sources[0].citation_id, REPORTER)
    [told] = slack.of("chat.postMessage")
    assert "a restricted document" in told["text"] and "Layoffs" not in json.dumps(told)
