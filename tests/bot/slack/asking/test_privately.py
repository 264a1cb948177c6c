"""What isn't shown in a channel is told to who asked, if they may see it, and answered where they alone read it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from slack_bolt.async_app import AsyncBoltRequest

from bot.answering import Answerer
from bot.slack.app import build_app
from bot.slack.asking import privately
from bot.slack.asking.answering import GUESTS_READ
from bot.slack.asking.private_reply import SHARE
from bot.slack.showing import ANSWER_PRIVATELY
from bot.slack.transport import SlackApp
from db import schema
from db.corpus import ensure_audience, read_audience
from db.errors import AudienceUnknownError
from db.question import Asked
from db.settings import Settings
from tests.corpus import add_base_generation, add_document, embed, encoders
from tests.doubles_slack import (
    ANNA,
    BERT,
    BOT,
    BOT_TOKEN,
    HTTP_CHANNEL,
    TEAM,
    OwnSlack,
    command_request,
    event_request,
    press_request,
    refused,
)

ASKS = "How much is the zebraband of engineers' salaries?"
SECRET = "The zebraband of engineers' salaries is 100,000 quokkas."
OPEN = "Salaries of engineers are paid on the 25th of each month."


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    """In which Anna is in #finance and Bert isn't."""
    slack = OwnSlack()

    def where() -> dict[str, Any]:
        user = slack.of("users.conversations")[-1]["user"]
        return {"channels": [{"id": "C9", "name": "finance"}] if user == ANNA else []}

    slack.answers["users.conversations"] = [where]
    async with slack.running():
        yield slack


@pytest.fixture
def app(slack: OwnSlack, engine: sa.Engine) -> SlackApp:
    """Of a store with a document for all, and one for #finance."""
    add_base_generation(engine)
    finance = ensure_audience(engine, read_audience("#finance"))
    embed(engine, add_document(engine, "Pay day", [("", OPEN)]))
    embed(engine, add_document(engine, "Bands", [("", SECRET)], audience_id=finance), audience_id=finance)
    settings = Settings(
        data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url, encoder_dtype="float32"
    )
    return build_app(settings, engine, Answerer(engine, settings, encoders(), None))


async def dispatch(app: SlackApp, request: tuple[bytes, Mapping[str, str]]) -> None:
    body, headers = request
    taken = await app.async_dispatch(AsyncBoltRequest(body=body.decode(), headers=dict(headers)))
    assert taken.status == 200
    await app.work.finish(60)


async def ask(app: SlackApp, user: str = ANNA, channel: str = HTTP_CHANNEL, text: str = ASKS, ts: str = "1.5") -> None:
    event = {"type": "app_mention", "user": user, "channel": channel, "ts": ts, "text": f"<@{BOT}> {text}"}
    await dispatch(app, event_request(event, f"Ev{user}{channel}{ts}"))


async def press(app: SlackApp, slack: OwnSlack, user: str = ANNA, at: str = "7.25", value: str = "") -> None:
    url = f"{slack.api_url}said"
    value = value or told(slack)[-1]["blocks"][1]["elements"][0]["value"]
    await dispatch(app, press_request(user, value, ANSWER_PRIVATELY, at, user_team=TEAM, response_url=url))


def told(slack: OwnSlack) -> list[dict[str, Any]]:
    return slack.of("chat.postEphemeral")


def shown_to_all(slack: OwnSlack) -> str:
    return str([arguments for method, arguments in slack.calls if method in ("chat.postMessage", "chat.update")])


async def test_who_may_see_it_is_told_and_answered_where_nobody_else_reads(
    app: SlackApp, slack: OwnSlack, engine: sa.Engine
) -> None:
    await ask(app)
    [one] = told(slack)
    assert (one["channel"], one["user"]) == (HTTP_CHANNEL, ANNA)
    assert one["text"] == "Not shown here: 1 document of #finance. Only you see this."
    assert "quokkas" not in shown_to_all(slack) + str(one) and "Bands" not in shown_to_all(slack) + str(one)
    await press(app, slack)
    [said] = slack.of("said")
    assert said["response_type"] == "ephemeral" and "100,000 quokkas" in said["text"]
    assert SHARE not in str(said["blocks"]), "what was made for one isn't offered for all"
    assert "quokkas" not in shown_to_all(slack)
    assert len(told(slack)) == 1, "who is answered alone misses nothing"
    with engine.connect() as connection:
        kinds = list(connection.scalars(sa.select(schema.question.c.channel_kind).order_by(schema.question.c.id)))
    assert kinds == ["public", "direct"]


@pytest.mark.parametrize("response", [None, refused("fatal_error")])
async def test_who_may_not_see_it_is_told_nothing(app: SlackApp, slack: OwnSlack, response: Any) -> None:
    if response is not None:
        slack.answers["users.conversations"] = [response]
    await ask(app, BERT if response is None else ANNA)
    assert told(slack) == []
    assert "quokkas" not in str(slack.calls)


@pytest.mark.parametrize("text", ["When does the ferry to Reykjavik leave?", "Who painted the engineers of Delft?"])
async def test_what_would_not_answer_is_not_told_of(app: SlackApp, slack: OwnSlack, text: str) -> None:
    await ask(app, text=text)
    assert told(slack) == []


async def test_in_the_channel_itself_nothing_is_kept_from_anybody(app: SlackApp, slack: OwnSlack) -> None:
    slack.answers["conversations.info"] = [{"channel": {"id": "C9", "name": "finance", "is_private": True}}]
    await ask(app, channel="C9")
    assert told(slack) == [] and "100,000 quokkas" in shown_to_all(slack) + str(slack.calls)


async def test_only_who_asked_is_answered(app: SlackApp, slack: OwnSlack) -> None:
    await ask(app)
    await press(app, slack, BERT)
    assert [said["text"] for said in slack.of("said")] == [privately.NOT_THEIRS]
    await press(app, slack, value="999999")
    assert slack.of("said")[-1]["text"] == privately.GONE


@pytest.mark.parametrize(("thread_ts", "asked_in"), [("0.5", "0.5"), (None, None)], ids=["follow-up", "first"])
async def test_a_follow_up_is_answered_alone_as_one(
    app: SlackApp, slack: OwnSlack, monkeypatch: pytest.MonkeyPatch, thread_ts: str | None, asked_in: str | None
) -> None:
    asked, answer = list[Asked](), Answerer.answer

    async def note(self: Answerer, question: Asked, *others: Any) -> Any:
        asked.append(question)
        return await answer(self, question, *others)

    monkeypatch.setattr(Answerer, "answer", note)
    event = {"type": "app_mention", "user": ANNA, "channel": HTTP_CHANNEL, "ts": "1.5", "text": f"<@{BOT}> {ASKS}"}
    await dispatch(app, event_request(event | ({"thread_ts": thread_ts} if thread_ts else {}), "EvFollowUp"))
    await press(app, slack)
    assert [question.channel_kind for question in asked] == ["public", "direct"]
    assert [question.thread_ts for question in asked] == [thread_ts or "1.5", asked_in]
    assert "quokkas" in slack.of("said")[0]["text"] and "quokkas" not in shown_to_all(slack)


async def test_a_command_tells_it_too(app: SlackApp, slack: OwnSlack) -> None:
    await dispatch(app, command_request(ANNA, "/ask", ASKS, response_url=f"{slack.api_url}said"))
    answer, withheld = slack.of("said")
    assert "quokkas" not in str(answer) + str(withheld)
    assert withheld["text"].startswith("Not shown here: 1 document of #finance.")
    assert ANSWER_PRIVATELY in str(withheld["blocks"]) and told(slack) == []


@pytest.mark.parametrize("is_guest", [False, True])
async def test_where_guests_read_along_members_are_told_what_is_for_the_workspace_and_guests_are_not(
    app: SlackApp, slack: OwnSlack, is_guest: bool
) -> None:
    flag = {"is_restricted": True}
    slack.answers["users.list"] = [{"members": [{"id": ANNA} | (flag if is_guest else {}), {"id": BERT} | flag]}]
    slack.answers["conversations.members"] = [{"members": [ANNA, BERT]}]
    slack.answers["users.info"] = [{"user": {"id": ANNA} | (flag if is_guest else {})}]
    slack.answers["users.conversations"] = [{"channels": []}]
    await ask(app)
    assert "25th" not in shown_to_all(slack) and "Pay day" not in shown_to_all(slack)
    [one] = told(slack)
    assert "quokkas" not in str(one) and "25th" not in str(one)
    expected = GUESTS_READ if is_guest else "Not shown here: 1 document of the workspace. Only you see this."
    assert one["text"] == expected


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    """The questions of which is looked up what isn't shown to all."""
    questions, count = list[Asked](), Answerer.count_withheld

    async def note(self: Answerer, asked: Asked) -> dict[str, int]:
        questions.append(asked)
        return await count(self, asked)

    monkeypatch.setattr(Answerer, "count_withheld", note)
    return questions


async def test_that_it_can_not_be_looked_up_does_no_harm(
    app: SlackApp, slack: OwnSlack, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object) -> dict[str, int]:
        raise AudienceUnknownError

    monkeypatch.setattr(Answerer, "count_withheld", fail)
    await ask(app)
    assert "25th" in shown_to_all(slack) and told(slack) == []
    assert str(AudienceUnknownError()) not in str(slack.calls)
    assert "What isn't shown to all isn't told: AudienceUnknownError." in caplog.text


async def test_where_no_document_is_for_some_alone_nothing_is_looked_up(
    app: SlackApp, slack: OwnSlack, engine: sa.Engine, looked: list[Asked]
) -> None:
    await ask(app)
    assert len(looked) == 1
    with engine.begin() as connection:
        for_some = schema.document.c.audience_id != schema.PUBLIC_AUDIENCE_ID
        connection.execute(sa.update(schema.document).where(for_some).values(deleted_at=sa.func.now()))
    await ask(app, ts="2.5")
    assert len(looked) == 1 and "25th" in str(slack.calls[-1])


async def test_who_is_answered_in_a_direct_message_is_told_of_nothing_else(
    app: SlackApp, slack: OwnSlack, looked: list[Asked]
) -> None:
    event = {"type": "message", "channel_type": "im", "user": ANNA, "channel": "D1", "ts": "1.5", "text": ASKS}
    await dispatch(app, event_request(event, "EvDirect"))
    assert "quokkas" in str(slack.calls) and looked == []


async def test_a_guest_who_is_answered_is_not_told_that_guests_read(app: SlackApp, slack: OwnSlack) -> None:
    slack.answers["conversations.info"] = [{"channel": {"id": "C9", "name": "finance", "is_private": True}}]
    slack.answers["users.list"] = [{"members": [{"id": ANNA, "is_restricted": True}]}]
    slack.answers["conversations.members"] = [{"members": [ANNA]}]
    slack.answers["users.info"] = [{"user": {"id": ANNA, "is_restricted": True}}]
    await ask(app, channel="C9")
    assert "quokkas" in shown_to_all(slack) and told(slack) == []
