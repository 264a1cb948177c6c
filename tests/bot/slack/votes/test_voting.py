"""Votes from Slack that can't count, or come twice: said kindly, to the person alone, and once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from slack_bolt.async_app import AsyncBoltRequest, AsyncRespond
from slack_sdk.webhook import WebhookResponse

from bot.answering import Answerer
from bot.pools import ANSWERS, ASIDE, ENCODING
from bot.slack.app import build_app
from bot.slack.incoming import Press, Reaction
from bot.slack.showing import VOTE_REASON, render_answer, render_rows
from bot.slack.transport import SlackApp, make_client, work
from bot.slack.votes import voting
from bot.slack.votes.voting import FAILED, GONE, SHARED, SLOW, Voting
from db import schema
from db.answers import remember_message
from db.errors import DatabaseUnavailableError
from db.feedback import live_votes, pressed_buttons, record_vote
from db.question import Answer, Asked
from db.settings import Settings
from db.store import create_engine
from tests.corpus import add_answer, encoders
from tests.doubles_slack import (
    ANNA,
    BERT,
    BOT_TOKEN,
    HTTP_CHANNEL,
    TEAM,
    OwnSlack,
    event_request,
    press_request,
    refused,
    wait_until,
)

DIRECT = Asked("Where?", TEAM, "D1", "direct", f"{TEAM}:{ANNA}")
PUBLIC = Asked("Where?", TEAM, HTTP_CHANNEL, "public", f"{TEAM}:{ANNA}", "1.5")


class Whispers:
    """Stands for a press's response_url."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []

    async def __call__(self, **words: Any) -> WebhookResponse:
        self.said.append(words)
        return WebhookResponse(url="", status_code=200, body="ok", headers={})


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


def make_voting(slack: OwnSlack, engine: sa.Engine) -> Voting:
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url)
    return Voting(make_client(settings), engine)


def press_on(answer: Answer, user: str = ANNA, team: str = TEAM, ts: str = "9.5", action_id: str = "vote_up") -> Press:
    return Press(
        team=team,
        user=user,
        action_id=action_id,
        value=answer.sources[1].citation_id,
        occurred_ts=Decimal(ts),
        channel=HTTP_CHANNEL,
        thread_ts="1.5",
        trigger_id="t1",
    )


def react_to(user: str = ANNA, channel: str = HTTP_CHANNEL) -> Reaction:
    return Reaction("Ev1", TEAM, user, channel, "2.5", 1, added=True, occurred_ts=Decimal("9.5"))


async def line_of(voting: Voting, press: Press) -> str:
    whispers = Whispers()
    await voting.press(press, whispers)  # type: ignore[arg-type]
    [words] = whispers.said
    assert words["response_type"] == "ephemeral" and words["replace_original"] is False
    assert words["thread_ts"] == "1.5"
    return str(words["text"])


def pressed(said: dict[str, Any]) -> dict[str, str]:
    """The buttons of a ballot that show as pressed."""
    rows = [block.to_dict() for block in said["blocks"]]
    buttons = [button for row in rows if row["type"] == "actions" for button in row["elements"]]
    return {button["text"]["text"]: button["style"] for button in buttons if "style" in button}


def count(engine: sa.Engine, table: sa.Table) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


async def test_many_people_vote_on_one_message_at_once(
    engine: sa.Engine, slack: OwnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(voting, "ACK_WITHIN_S", 60)  # who waits longer is told so, whatever else runs here
    answer = add_answer(engine, 2, PUBLIC)
    remember_message(engine, TEAM, HTTP_CHANNEL, "2.5", answer.question_id)
    box, whispers = make_voting(slack, engine), Whispers()
    people = [f"U{number}" for number in range(30)]
    pressing = [box.press(press_on(answer, user), whispers) for user in people]  # type: ignore[arg-type]
    reacting = [box.react(replace(react_to(user), event_id=f"Ev{user}")) for user in people]
    await asyncio.gather(*pressing, *reacting)
    first, second = (source.citation_id for source in answer.sources)
    for user in people:
        assert live_votes(engine, answer.question_id, f"{TEAM}:{user}") == {first: 1, second: 1}
        assert pressed_buttons(engine, answer.question_id, f"{TEAM}:{user}") == {second: 1}
    assert len(whispers.said) == len(people)


async def test_in_a_channel_a_person_alone_sees_all_their_votes_and_changes_them(
    engine: sa.Engine, slack: OwnSlack
) -> None:
    answer, voting, whispers = add_answer(engine, 2, PUBLIC), make_voting(slack, engine), Whispers()
    await voting.press(press_on(answer), whispers)  # type: ignore[arg-type]
    again = press_on(answer, ts="9.6", action_id="ballot_answer_down/0")
    await voting.press(again, whispers)  # type: ignore[arg-type]
    shown, changed = whispers.said
    assert pressed(shown) == {"[2] 👍": "primary"} and shown["response_type"] == "ephemeral"
    assert pressed(changed) == {"[2] 👍": "primary", "answer 👎": "danger"} and changed["replace_original"] is True
    assert changed["text"] == "Your vote on the answer: 👎 (press again to take it back)"


async def test_a_direct_messages_own_buttons_show_the_vote(engine: sa.Engine, slack: OwnSlack) -> None:
    answer, whispers = add_answer(engine, 2, DIRECT), Whispers()
    blocks = tuple(block.to_dict() for block in render_answer(answer).blocks)
    press = replace(press_on(answer), channel="D1", text="Park there.", blocks=blocks)
    await make_voting(slack, engine).press(press, whispers)  # type: ignore[arg-type]
    [shown] = whispers.said
    assert (shown["text"], shown["replace_original"]) == ("Park there.", True)
    buttons = [button for block in shown["blocks"] if block["type"] == "actions" for button in block["elements"]]
    assert [button["value"] for button in buttons if button.get("style")] == [press.value]
    assert [button["style"] for button in buttons if button.get("style")] == ["primary"]


async def test_a_streamed_text_that_slack_keeps_apart_from_the_blocks_stays(engine: sa.Engine, slack: OwnSlack) -> None:
    answer, whispers = add_answer(engine, 2, DIRECT), Whispers()
    rows = tuple(block.to_dict() for block in render_rows(answer))
    whole = tuple(block.to_dict() for block in render_answer(answer).blocks)
    for blocks in (rows, whole):
        press = replace(press_on(answer), channel="D1", text="Streamed.", blocks=blocks)
        await make_voting(slack, engine).press(press, whispers)  # type: ignore[arg-type]
    for shown in whispers.said:
        assert [block["type"] for block in shown["blocks"]] == [block["type"] for block in whole]
        assert shown["blocks"][0]["text"]["text"] == "An answer."


async def test_a_down_vote_on_a_source_is_stored_and_then_asked_about(engine: sa.Engine, slack: OwnSlack) -> None:
    answer, voting = add_answer(engine, 2, PUBLIC), make_voting(slack, engine)
    person, source_id = f"{TEAM}:{ANNA}", answer.sources[1].citation_id
    stored: list[object] = []
    slack.answers["views.open"] = [lambda: stored.append(live_votes(engine, answer.question_id, person)) or {}]
    for ts, action_id in enumerate(("vote_down", "vote_down", "vote_up", "answer_down")):
        await line_of(voting, press_on(answer, ts=f"{ts + 1}", action_id=action_id))
    # Neither taking it back, nor 👍, nor the answer as a whole is asked about.
    [opened] = slack.of("views.open")
    assert stored == [{source_id: -1}]
    view = opened["view"]
    assert (opened["trigger_id"], view["callback_id"], view["private_metadata"]) == ("t1", VOTE_REASON, source_id)


async def test_where_the_modal_can_not_be_opened_the_vote_stands(
    engine: sa.Engine, slack: OwnSlack, caplog: pytest.LogCaptureFixture
) -> None:
    answer = add_answer(engine, 2, PUBLIC)
    slack.answers["views.open"] = [refused("expired_trigger_id")]
    assert "👎" in await line_of(make_voting(slack, engine), press_on(answer, action_id="vote_down"))
    assert count(engine, schema.vote) == 1 and "expired_trigger_id" in caplog.text


async def test_the_same_press_delivered_twice_is_one_press(engine: sa.Engine, slack: OwnSlack) -> None:
    voting, press = make_voting(slack, engine), press_on(add_answer(engine, 2, PUBLIC))
    assert await line_of(voting, press) == await line_of(voting, press)
    assert count(engine, schema.vote_event) == 1
    assert "taken back" in await line_of(voting, replace(press, occurred_ts=Decimal("9.6")))


async def test_a_press_from_another_workspace_is_refused(engine: sa.Engine, slack: OwnSlack) -> None:
    press = press_on(add_answer(engine, 2, PUBLIC), team="T0OTHER")
    assert "your vote can't count" in await line_of(make_voting(slack, engine), press)
    assert count(engine, schema.vote_event) == 0


async def test_a_press_on_anothers_direct_answer_is_refused(engine: sa.Engine, slack: OwnSlack) -> None:
    press = press_on(add_answer(engine, 2, DIRECT), user=BERT)
    assert "your vote can't count" in await line_of(make_voting(slack, engine), press)


async def test_a_press_on_an_answer_that_is_gone(engine: sa.Engine, slack: OwnSlack) -> None:
    press = replace(press_on(add_answer(engine, 2, PUBLIC)), value="nothing")
    assert await line_of(make_voting(slack, engine), press) == GONE


async def test_a_press_without_a_database_says_that_it_was_not_stored(slack: OwnSlack) -> None:
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere", connect_timeout_s=2)
    press = Press(TEAM, ANNA, "vote_up", "cite1", Decimal("9.5"), thread_ts="1.5")
    assert await line_of(make_voting(slack, away), press) == FAILED


async def test_a_reaction_by_an_outsider_is_refused_once(engine: sa.Engine, slack: OwnSlack) -> None:
    answer = add_answer(engine, 2, DIRECT)
    remember_message(engine, TEAM, "D1", "2.5", answer.question_id)
    voting = make_voting(slack, engine)
    await asyncio.gather(*(voting.react(react_to(BERT, "D1")) for _ in range(4)))
    [told] = slack.of("chat.postEphemeral")
    assert (told["channel"], told["user"]) == ("D1", BERT) and "your vote can't count" in told["text"]
    assert count(engine, schema.vote_event) == 0


async def test_a_reaction_where_other_organisations_read_is_refused(engine: sa.Engine, slack: OwnSlack) -> None:
    answer = add_answer(engine, 2, PUBLIC)
    remember_message(engine, TEAM, HTTP_CHANNEL, "2.5", answer.question_id)
    await make_voting(slack, engine).react(replace(react_to(BERT), shared=True))
    [told] = slack.of("chat.postEphemeral")
    assert told["text"] == SHARED and count(engine, schema.vote_event) == 0


async def test_the_same_reaction_delivered_four_times_is_one(engine: sa.Engine, slack: OwnSlack) -> None:
    answer = add_answer(engine, 1, PUBLIC)
    remember_message(engine, TEAM, HTTP_CHANNEL, "2.5", answer.question_id)
    voting = make_voting(slack, engine)
    await asyncio.gather(*(voting.react(react_to()) for _ in range(4)))
    assert count(engine, schema.vote_event) == count(engine, schema.vote) == 1
    assert slack.calls == []


async def test_a_reaction_without_a_database_says_that_it_was_not_stored(slack: OwnSlack) -> None:
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere", connect_timeout_s=2)
    await make_voting(slack, away).react(react_to())
    assert [told["text"] for told in slack.of("chat.postEphemeral")] == [FAILED]


async def test_a_press_that_can_not_be_answered_is_logged(
    engine: sa.Engine, slack: OwnSlack, caplog: pytest.LogCaptureFixture
) -> None:
    gone = f"{slack.api_url}../hooks/gone"
    await make_voting(slack, engine).press(press_on(add_answer(engine, 2, PUBLIC)), AsyncRespond(response_url=gone))
    assert "Couldn't show" in caplog.text and "404" in caplog.text
    assert count(engine, schema.vote) == 1


async def test_a_reaction_to_any_other_message_is_nothing(engine: sa.Engine, slack: OwnSlack) -> None:
    await make_voting(slack, engine).react(react_to())
    assert slack.calls == []
    assert count(engine, schema.vote_event) == count(engine, schema.slack_event) == 0


REACTED = {
    "type": "reaction_added",
    "reaction": "+1",
    "user": ANNA,
    "event_ts": "9.5",
    "item": {"type": "message", "channel": HTTP_CHANNEL, "ts": "2.5"},
}


def make_app(slack: OwnSlack, engine: sa.Engine) -> SlackApp:
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url)
    return build_app(settings, engine, Answerer(engine, settings, encoders(), None))


async def dispatch(app: SlackApp, request: tuple[bytes, dict[str, str]]) -> int:
    """The status that Slack gets."""
    body, headers = request
    return (await app.async_dispatch(AsyncBoltRequest(body=body.decode(), headers=dict(headers)))).status


def press_of(slack: OwnSlack, answer: Answer) -> tuple[bytes, dict[str, str]]:
    return press_request(ANNA, answer.sources[0].citation_id, "vote_up", "9.5", response_url=f"{slack.api_url}said")


class Gate:
    """Stands before or behind a function, and lets nobody through before it is opened."""

    def __init__(self, function: Callable[..., Any], *, before: bool) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        self._function, self._before = function, before

    def __call__(self, *args: Any) -> Any:
        if not self._before:
            self._function(*args)
        self.reached.set()
        assert self.opened.wait(60)
        return self._function(*args) if self._before else None


@pytest.mark.parametrize("kind", ["press", "reaction"])
async def test_a_vote_is_stored_before_it_is_acknowledged(
    engine: sa.Engine, slack: OwnSlack, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    answer = add_answer(engine, 2, PUBLIC)
    remember_message(engine, TEAM, HTTP_CHANNEL, "2.5", answer.question_id)
    gate, app = Gate(record_vote, before=True), make_app(slack, engine)
    monkeypatch.setattr(voting, "record_vote", gate)
    request = press_of(slack, answer) if kind == "press" else event_request(REACTED, "Ev1")
    answered = asyncio.create_task(dispatch(app, request))
    await asyncio.to_thread(gate.reached.wait)
    await asyncio.sleep(0)
    assert not answered.done() and count(engine, schema.vote_event) == 0
    gate.opened.set()
    assert await answered == 200
    assert count(engine, schema.vote_event) == 1
    await app.finish(10)


async def test_a_press_that_is_not_stored_is_not_acknowledged_and_said(
    engine: sa.Engine, slack: OwnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> None:
        raise DatabaseUnavailableError

    app, answer = make_app(slack, engine), add_answer(engine, 2, PUBLIC)
    monkeypatch.setattr(voting, "record_vote", lost)
    assert await dispatch(app, press_of(slack, answer)) >= 500
    await app.finish(10)
    assert [said["text"] for said in slack.of("said")] == [FAILED]


async def test_a_press_that_takes_long_is_not_acknowledged_and_its_end_is_said(
    engine: sa.Engine, slack: OwnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, app, answer = Gate(record_vote, before=True), make_app(slack, engine), add_answer(engine, 2, PUBLIC)
    monkeypatch.setattr(voting, "record_vote", gate)
    for module in (work, voting):
        monkeypatch.setattr(module, "ACK_WITHIN_S", 0.05)
    assert await dispatch(app, press_of(slack, answer)) >= 500
    await wait_until(lambda: slack.of("said"), "not told that it takes long")
    gate.opened.set()
    await app.finish(10)
    slow, voted = slack.of("said")
    assert slow["text"] == SLOW and voted["text"].startswith("Your vote on [1]: 👍")


async def test_a_reaction_that_is_not_stored_comes_again_and_is_told_of_once(
    engine: sa.Engine, slack: OwnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, app = add_answer(engine, 2, PUBLIC), make_app(slack, engine)
    remember_message(engine, TEAM, HTTP_CHANNEL, "2.5", answer.question_id)

    def lost(*_: object) -> None:
        raise DatabaseUnavailableError

    with monkeypatch.context() as patch:
        patch.setattr(voting, "record_vote", lost)
        for _ in range(3):
            assert await dispatch(app, event_request(REACTED, "Ev1")) >= 500
    assert await dispatch(app, event_request(REACTED, "Ev1")) == 200
    assert count(engine, schema.vote_event) == 1
    assert [told["text"] for told in slack.of("chat.postEphemeral")] == [FAILED]
    await app.finish(10)


async def test_however_many_answers_are_slow_a_vote_is_stored_and_acknowledged(
    engine: sa.Engine, slack: OwnSlack
) -> None:
    answer, app, release = add_answer(engine, 2, PUBLIC), make_app(slack, engine), threading.Event()
    slow = [asyncio.create_task(pool.run(release.wait)) for pool in (ANSWERS, ENCODING, ASIDE) for _ in range(50)]
    try:
        assert await dispatch(app, press_of(slack, answer)) == 200
        assert live_votes(engine, answer.question_id, f"{TEAM}:{ANNA}") == {answer.sources[0].citation_id: 1}
        await wait_until(lambda: slack.of("said"), "not shown")
        assert not any(task.done() for task in slow)
    finally:
        release.set()
    await asyncio.gather(*slow)
    await app.finish(10)
