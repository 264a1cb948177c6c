"""The admin channel: each night is told of once, by whichever process is first, and what it shows stays true."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.slack.nights import report
from bot.slack.nights.report import NightReports
from bot.slack.transport import make_client
from db.generations import get_generation, roll_back, serving
from db.nights import Run
from db.privacy import erase_person
from db.question import Asked
from db.schema import overdue_notice, posted_report
from db.settings import Settings
from db.slack import NightFacts, read_night
from tests.corpus import add_answer, add_base_generation
from tests.doubles_slack import BOT_TOKEN, OwnSlack, refused
from tests.night_rows import EVIDENCE, make_run, store_run
from tests.synthetic import serve
from tests.waiting_generation import add_waiting_generation

ADMINS = "C0ADMINS"


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


def make_reports(slack: OwnSlack, engine: sa.Engine, **changes: Any) -> NightReports:
    values = {"data_dir": Path("unused"), "slack_api_url": slack.api_url, "slack_admin_channel": ADMINS} | changes
    settings = Settings(slack_bot_token=BOT_TOKEN, **values)
    return NightReports(make_client(settings), engine, settings)


def end_night(engine: sa.Engine, **values: Any) -> Run:
    return store_run(engine, make_run(**({"finished_at": datetime.now(UTC)} | values)))


async def test_each_night_is_told_of_once_whoever_looks_and_after_a_restart(engine: sa.Engine, slack: OwnSlack) -> None:
    add_base_generation(engine)
    end_night(engine)
    end_night(engine, status="failed", decision=None, reasons=["The disk was full."], evidence=None)
    end_night(engine, status="running", decision=None, finished_at=None)
    end_night(engine, finished_at=datetime.now(UTC) - timedelta(days=9))
    await make_reports(slack, engine, slack_admin_channel=None).sweep()
    assert slack.calls == []
    await asyncio.gather(*(make_reports(slack, engine).sweep() for _ in range(4)))
    await make_reports(slack, engine).sweep()
    said = [call["text"] for call in slack.of("chat.postMessage")]
    assert len(said) == 2 and slack.of("chat.update") == []
    assert any("Night 2: failed. The disk was full." in text for text in said)


async def test_a_process_that_died_over_it_is_made_up_for(engine: sa.Engine, slack: OwnSlack) -> None:
    add_base_generation(engine)
    night = end_night(engine)
    with engine.begin() as connection:
        connection.execute(posted_report.insert().values(run_id=night.id, channel=ADMINS))
    await make_reports(slack, engine).sweep()
    assert slack.calls == [], "somebody is at it"
    with engine.begin() as connection:
        connection.execute(posted_report.update().values(claimed_at=datetime.now(UTC) - timedelta(hours=1)))
    await make_reports(slack, engine).sweep()
    assert len(slack.of("chat.postMessage")) == 1


async def test_who_was_held_up_and_taken_over_posts_nothing(
    engine: sa.Engine, slack: OwnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_base_generation(engine)
    end_night(engine)
    successor = make_reports(slack, engine)

    def held_up(engine: sa.Engine, run_id: int) -> NightFacts:
        monkeypatch.setattr(report, "read_night", read_night)
        with engine.begin() as connection:
            connection.execute(posted_report.update().values(claimed_at=datetime.now(UTC) - timedelta(hours=1)))
        asyncio.run_coroutine_threadsafe(successor.sweep(), loop).result(30)
        return read_night(engine, run_id)

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(report, "read_night", held_up)
    await make_reports(slack, engine).sweep()
    await successor.sweep()
    assert len(slack.of("chat.postMessage")) == 1 and slack.of("chat.update") == []


async def test_the_picture_comes_below_it_and_is_done_without_where_refused(
    engine: sa.Engine, slack: OwnSlack, tmp_path: Path
) -> None:
    add_base_generation(engine)
    night = end_night(engine)
    picture = Settings(data_dir=tmp_path).report_picture(night.id)
    picture.parent.mkdir(parents=True)
    picture.write_bytes(b"PNG")
    slack.answers["files.getUploadURLExternal"] = [refused("missing_scope")]
    await make_reports(slack, engine, data_dir=tmp_path).sweep()
    assert len(slack.of("chat.postMessage")) == len(slack.of("files.getUploadURLExternal")) == 1


async def test_what_is_decided_elsewhere_is_shown_and_what_is_so_is_left_alone(
    engine: sa.Engine, slack: OwnSlack
) -> None:
    add_base_generation(engine)
    made = add_waiting_generation(engine, finished_at=datetime.now(UTC), decision="promoted")
    reports = make_reports(slack, engine)
    await reports.sweep()
    assert "decide_roll_back" not in str(slack.of("chat.postMessage"))
    serve(engine, serving(engine), get_generation(engine, made))
    roll_back(engine, "ann (command line)")
    for _ in range(2):
        await reports.sweep()
    [update] = slack.of("chat.update")
    assert "decide_roll_back" in str(update)


async def test_what_was_erased_is_gone_from_the_oldest_report_too(engine: sa.Engine, slack: OwnSlack) -> None:
    secret = "does my parrot need a permit?"
    question_id = add_answer(engine, 1, Asked(secret, "T1", "C1", "public", "T1:U1", "1.5")).question_id
    changed = {"better": [{"kind": "question", "id": question_id, "ndcg": [0, 1], "rank": [4, 1]}], "worse": []}
    end_night(engine, evidence=EVIDENCE | {"changed": changed})
    reports = make_reports(slack, engine)
    await reports.sweep()
    assert secret in str(slack.of("chat.postMessage"))
    for _ in range(11):
        end_night(engine, evidence=None)
    await reports.sweep()
    erase_person(engine, "T1:U1")
    await reports.sweep()
    [update] = slack.of("chat.update")
    assert secret not in str(update) and "1 question" in str(update)


async def test_an_overdue_night_is_told_of_once_whoever_looks(engine: sa.Engine, slack: OwnSlack) -> None:
    add_base_generation(engine)
    silent = datetime.now(UTC) - timedelta(hours=1)
    values = {"status": "running", "decision": None, "finished_at": None, "beat_at": silent, "phase": "embed"}
    night = store_run(engine, make_run(**values, started_at=silent, holder="process 7 on night-1"))
    processes = [make_reports(slack, engine) for _ in range(4)]
    await asyncio.gather(*(process.sweep() for process in processes))
    assert slack.calls == [], "it may be taken up just now"
    for _ in range(3):
        await asyncio.gather(*(process.sweep() for process in processes))
    [said] = [call["text"] for call in slack.of("chat.postMessage")]
    assert f"no sign of life of run {night.id} (embed)" in said and "Process 7 on night-1 is frozen" in said


async def test_an_overdue_night_is_told_of_though_slack_was_away(engine: sa.Engine, slack: OwnSlack) -> None:
    add_base_generation(engine)
    silent = datetime.now(UTC) - timedelta(hours=1)
    store_run(engine, make_run(status="running", decision=None, finished_at=None, started_at=silent))
    reports = make_reports(slack, engine)
    slack.answers["chat.postMessage"] = [refused("channel_not_found")]
    await reports.sweep()
    await reports.sweep()
    del slack.answers["chat.postMessage"]
    with engine.begin() as connection:
        connection.execute(overdue_notice.update().values(claimed_at=silent))
    await reports.sweep()
    assert len(slack.of("chat.postMessage")) == 2
    await reports.sweep()
    assert len(slack.of("chat.postMessage")) == 2


async def test_a_report_that_slack_refuses_is_told_of_later(
    engine: sa.Engine, slack: OwnSlack, caplog: pytest.LogCaptureFixture
) -> None:
    add_base_generation(engine)
    night = end_night(engine)
    slack.answers["chat.postMessage"] = [refused("channel_not_found"), {}]
    await make_reports(slack, engine).sweep()
    assert f"The report of night {night.id} isn't told in Slack: channel_not_found." in caplog.text
    with engine.begin() as connection:
        connection.execute(posted_report.update().values(claimed_at=datetime.now(UTC) - timedelta(hours=1)))
    await make_reports(slack, engine).sweep()
    await make_reports(slack, engine).sweep()
    assert len(slack.of("chat.postMessage")) == 2
