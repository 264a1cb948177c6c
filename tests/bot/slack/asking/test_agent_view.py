"""Suggested prompts are set when the bot's own view is opened; nothing is lost where that fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from slack_bolt.async_app import AsyncBoltRequest

from bot.answering import Answerer
from bot.slack.app import build_app
from bot.slack.asking.agent_view import MAX_PROMPTS, TITLE_CHARS
from db.answers import store_answer
from db.question import Draft
from db.settings import Settings
from db.store import create_engine
from tests.corpus import ASKED, add_base_generation, add_document, encoders
from tests.doubles_slack import ANNA, BOT_TOKEN, TEAM, OwnSlack, event_request, refused

METHOD = "assistant.threads.setSuggestedPrompts"
LONG = "Where " + "or when " * 12 + "do I park?"


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


async def open_view(slack: OwnSlack, engine: sa.Engine, tab: str = "messages") -> None:
    settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url)
    app = build_app(settings, engine, Answerer(engine, settings, encoders(), None))
    body, headers = event_request({"type": "app_home_opened", "user": ANNA, "channel": "D1", "tab": tab}, "Ev1")
    opened = await app.async_dispatch(AsyncBoltRequest(body=body.decode(), headers=dict(headers)))
    assert opened.status in (200, 404)
    await app.work.finish(20)


async def test_questions_of_colleagues_come_first_then_documents(slack: OwnSlack, engine: sa.Engine) -> None:
    draft = Draft(LONG, (1,), add_base_generation(engine).id, "quoted", "There.", [], [], {})
    for person in ("T1:U1", "T1:U2"):
        store_answer(engine, replace(ASKED, workspace=TEAM, text=LONG, person=person), draft)
    for title in ("Parking", "Leave", "Salaries", "Travel"):
        add_document(engine, title, [])
    await open_view(slack, engine)
    [call] = slack.of(METHOD)
    assert call["channel_id"] == "D1" and "thread_ts" not in call
    first, *others = call["prompts"]
    assert first["message"] == LONG and len(first["title"]) <= TITLE_CHARS
    assert len(others) == MAX_PROMPTS - 1
    assert {"title": "What does “Travel” say?", "message": "What does “Travel” say?"} in others


async def test_where_there_is_nothing_to_suggest_nothing_is(slack: OwnSlack, engine: sa.Engine) -> None:
    await open_view(slack, engine)
    assert slack.of(METHOD) == []


async def test_the_home_tab_gets_no_prompts(slack: OwnSlack, engine: sa.Engine) -> None:
    add_document(engine, "Parking", [])
    await open_view(slack, engine, tab="home")
    assert slack.of(METHOD) == []


async def test_a_failure_is_only_logged(slack: OwnSlack, engine: sa.Engine, caplog: pytest.LogCaptureFixture) -> None:
    add_document(engine, "Parking", [])
    slack.answers[METHOD] = [refused("unknown_method")]
    await open_view(slack, engine)
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere", connect_timeout_s=2)
    await open_view(slack, away)
    assert "unknown_method" in caplog.text and "DatabaseUnavailableError" in caplog.text
    assert slack.of("chat.postMessage") == []


async def test_a_guest_is_told_no_titles_and_no_questions_of_others(slack: OwnSlack, engine: sa.Engine) -> None:
    add_document(engine, "Parking", [])
    for answer in ({"user": {"id": ANNA, "is_restricted": True}}, refused("fatal_error")):
        slack.answers["users.info"] = [answer]
        await open_view(slack, engine)
    assert slack.of(METHOD) == []
