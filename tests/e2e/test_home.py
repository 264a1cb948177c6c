"""App Home and the night's report in a Slack that nobody here wrote: what people see, press, and what comes of it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.slack.home import home
from db import schema
from db.answers import count_drawn
from db.generations import get_trial, propose_trial
from db.generations.catalogue import get_generation
from db.generations.roles import serving
from db.generations.swap import promote
from db.nights import get_run
from db.settings import Settings
from retrain.night import carry_out_next
from retrain.report.plot import plot_night
from tests.corpus import encoders
from tests.doubles_slack import (
    ANNA,
    BERT,
    BOT_TOKEN,
    HTTP_CHANNEL,
    PRIVATE_CHANNEL,
    SECRET,
    LocalSlack,
    Message,
    People,
    buttons,
    wait_until,
)
from tests.e2e.slack_bot import QUESTION, Bot, ask, run_bot
from tests.trial_rows import TERMS
from tests.waiting_generation import add_waiting_generation


@pytest.fixture
async def bot(local_slack: LocalSlack, engine: sa.Engine, corpus: None) -> AsyncIterator[Bot]:
    """The bot behind signed HTTP requests, with Bert for an admin."""
    async for running in run_bot(
        engine,
        slack_api_url=local_slack.api_url,
        slack_bot_token=BOT_TOKEN,
        slack_signing_secret=SECRET,
        slack_admins=BERT,
        slack_admin_channel=PRIVATE_CHANNEL,
        http_port=local_slack.http_port,
    ):
        yield running


def button(view: Message, action_id: str) -> dict[str, Any]:
    """The first button whose action begins so, wherever it stands."""
    accessories = [block["accessory"] for block in view["blocks"] if "accessory" in block]
    return next(one for one in [*accessories, *buttons(view)] if one["action_id"].startswith(action_id))


async def test_votes_are_shown_changed_and_taken_back_at_home(bot: Bot, people: People) -> None:
    await ask(people)
    await people.open_home(ANNA)
    view = await people.sees_home(ANNA, lambda text: QUESTION in text)
    assert "Health" not in str(view), "that is for admins"
    await people.press_home(ANNA, button(view, "home_vote_1_down"))
    view = await people.sees_home(ANNA, lambda text: "your vote: 👎" in text)
    assert bot.votes() == {1: (-1, 1.0)}
    await people.press_home(ANNA, button(view, "home_vote_1_up"))
    view = await people.sees_home(ANNA, lambda text: "your vote: 👍" in text)
    assert bot.votes() == {1: (1, 1.0)}
    await people.press_home(ANNA, button(view, "home_vote_1_up"))
    await people.sees_home(ANNA, lambda text: "your vote: " not in text)
    assert bot.votes() == {}


async def test_one_question_and_then_everything_is_exported_and_erased(bot: Bot, people: People) -> None:
    _, answer = await ask(people)
    await ask(people, PRIVATE_CHANNEL)
    await people.press(ANNA, answer, buttons(answer)[0])
    await bot.has_votes({1: (1, 1.0)})
    await people.open_home(ANNA)
    view = await people.sees_home(ANNA, lambda text: text.count(QUESTION) == 2)

    await people.press_home(ANNA, button(view, "home_export"))
    await people.sees_home(ANNA, lambda text: "on its way" in text)
    [sent] = [call for call in await people.calls("chat.postMessage") if call["channel"] == ANNA]
    assert QUESTION in str(sent["blocks"]) and "rich_text_preformatted" in str(sent["blocks"])

    await people.press_home(ANNA, button(view, "home_erase_question"))
    view = await people.sees_home(ANNA, lambda text: text.count(QUESTION) == 1)
    assert bot.count(schema.question) == 1
    await people.press_home(ANNA, button(view, "home_erase_all"))
    await people.sees_home(ANNA, lambda text: "Nothing here yet" in text)
    assert bot.count(schema.question) == bot.count(schema.vote_event) == bot.count(schema.vote) == 0


async def test_an_admin_sees_health_gaps_and_only_texts_asked_in_public(bot: Bot, people: People) -> None:
    for channel, text in ((HTTP_CHANNEL, "boiling point of tungsten?"), (PRIVATE_CHANNEL, "melting point of iron?")):
        asked = await people.write(ANNA, channel, f"<@U0NIGHT> {text}")
        await people.sees(channel, lambda m, ts=asked["ts"]: m.get("thread_ts") == ts and "don't know" in m["text"], "")
    await people.open_home(BERT)
    view = str(await people.sees_home(BERT, lambda text: "Gaps" in text))
    assert "boiling point of tungsten?" in view and "melting point of iron?" not in view
    assert "_a question that was not asked in public_ · once" in view
    assert "2 questions, 2 of them without an answer" in view


async def test_what_a_night_changed_is_told_to_who_asked(
    bot: Bot, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "CHANGES_WITHIN_S", 30.0)
    _, answer = await ask(people)
    await people.press(ANNA, answer, buttons(answer)[2])
    await bot.has_votes({2: (1, 1.0)})
    made = get_generation(bot.engine, add_waiting_generation(bot.engine))
    promote(bot.engine, made, expected_current_id=serving(bot.engine).id, by="ann")
    with bot.engine.begin() as connection:  # to this one the second source is nothing like the question
        nearest = sa.select(sa.func.max(schema.impression.c.similarity) - 0.001).scalar_subquery()
        connection.execute(sa.update(schema.generation).values(unrelated_nearness=nearest))
        connection.execute(sa.text("DELETE FROM posting"))
    await people.open_home(ANNA)
    view = str(await people.sees_home(ANNA, lambda text: "What the last nights changed for you" in text))
    assert "Bicycles, which you voted up, no longer comes up" in view


async def decide(bot: Bot, people: People, user: str, action_id: str) -> None:
    """Presses the button under the night's report, and lets the night process see to it."""
    await bot.app.services.tell_of_nights()
    report = await people.sees(
        PRIVATE_CHANNEL, lambda said: any(b["action_id"] == action_id for b in buttons(said)), ""
    )
    await people.press(user, report, next(b for b in buttons(report) if b["action_id"] == action_id))
    settings = Settings(data_dir=Path("unused"))
    await wait_until(lambda: carry_out_next(bot.engine, settings, encoders()), "no request")


async def test_a_night_is_told_of_once_decided_on_and_taken_back(bot: Bot, people: People) -> None:
    base = serving(bot.engine)
    made = add_waiting_generation(bot.engine, finished_at=datetime.now(UTC))
    run_id = get_generation(bot.engine, made).run_id
    await decide(bot, people, BERT, "decide_promote")
    await people.sees(PRIVATE_CHANNEL, lambda said: f"Night {run_id}: promoted" in said["text"], "no outcome")
    assert get_generation(bot.engine, made).promoted_by == f"T0CHIMERA:{BERT}"
    await decide(bot, people, BERT, "decide_roll_back")
    report = await people.sees(PRIVATE_CHANNEL, lambda said: "Rolled back" in str(said.get("blocks")), "no outcome")
    assert serving(bot.engine) == base
    assert buttons(report) == []
    await bot.app.services.tell_of_nights()
    assert len(await people.messages(PRIVATE_CHANNEL)) == 1


async def test_a_trial_that_waits_for_an_admin_is_begun_under_the_report(bot: Bot, people: People) -> None:
    made = get_generation(
        bot.engine, add_waiting_generation(bot.engine, decision="trial", finished_at=datetime.now(UTC))
    )
    waits = propose_trial(bot.engine, made, TERMS, incumbent_id=serving(bot.engine).id)
    await decide(bot, people, BERT, "decide_begin_trial")
    await people.sees(PRIVATE_CHANNEL, lambda said: "goes on" in str(said.get("blocks")), "no outcome")
    began = get_trial(bot.engine, waits.id)
    assert (began.status, began.started_by) == ("running", f"T0CHIMERA:{BERT}")
    await ask(people)
    assert count_drawn(bot.engine, waits.id).questions == 1


async def test_the_plot_stands_below_the_report(bot: Bot, people: People) -> None:
    run_id = get_generation(bot.engine, add_waiting_generation(bot.engine, finished_at=datetime.now(UTC))).run_id
    assert run_id is not None
    picture = bot.settings.report_picture(run_id)
    picture.parent.mkdir(parents=True)
    picture.write_bytes(plot_night(get_run(bot.engine, run_id)))
    try:
        await bot.app.services.tell_of_nights()
        report = await people.sees(PRIVATE_CHANNEL, buttons, "no report")
        below = await people.sees(PRIVATE_CHANNEL, lambda said: said.get("files"), "no plot")
    finally:
        shutil.rmtree(bot.settings.home)
    assert below["thread_ts"] == report["ts"]


async def test_only_an_admin_decides(bot: Bot, people: People) -> None:
    add_waiting_generation(bot.engine, finished_at=datetime.now(UTC))
    await bot.app.services.tell_of_nights()
    report = await people.sees(PRIVATE_CHANNEL, buttons, "no report")
    await people.press(ANNA, report, buttons(report)[0])
    await people.sees_whisper(ANNA, PRIVATE_CHANNEL, "Only an admin can decide on that.")
    assert bot.count(schema.decision_request) == 0
