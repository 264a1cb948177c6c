"""A trial that nobody begins, looks at or ends is found, with what to do; one that gets on is none of a fault's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

import db.generations
from db.nights import database_time, pass_time
from db.schema import trial, vote_event
from db.settings import Settings
from nightshift.doctor.examination import CHECKS, examine
from nightshift.doctor.finding import Finding
from tests.ranked_company import HashingEncoders
from tests.trial_rows import LOOK
from tests.trial_voters import Voters, found_unasked_company, found_voters

Look = Callable[[], Finding]

pytestmark = pytest.mark.store(of=found_unasked_company)


@pytest.fixture
def voters(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> Voters:
    monkeypatch.setattr(db.generations, "Encoders", lambda *_: HashingEncoders())
    return found_voters(engine)


@pytest.fixture
def looked(database_url: str, tmp_path: Path) -> Look:
    settings = Settings(data_dir=tmp_path / "data", database_url=SecretStr(database_url), connect_timeout_s=2)
    [check] = [check for check in CHECKS if check.name == "trials"]
    return lambda: examine(settings, checks=[check])["trials"]


def test_without_one_nothing_is_wrong(engine: sa.Engine, looked: Look) -> None:
    assert (looked().level, looked().sentence) == ("ok", "No trial is open.")


def test_one_that_gets_on_is_told_of(voters: Voters, looked: Look) -> None:
    voters.ask(1, 1, 1)
    found = looked()
    assert found.level == "ok" and found.sentence.startswith(f"Trial {voters.trial.id} goes on, until ")
    assert found.figures == {"trial": voters.trial.id, "status": "running", "looks": 0}


def test_votes_that_nobody_looks_at_are_found(engine: sa.Engine, voters: Voters, looked: Look) -> None:
    voters.ask(1, 1, 1)
    with engine.begin() as connection:
        connection.execute(vote_event.update().values(received_at=vote_event.c.received_at - timedelta(hours=2)))
    found = looked()
    assert found.level == "fault" and "Nobody looks at trial" in found.sentence
    assert "nightshift nights" in str(found.remedy) and f"nightshift trials stop {voters.trial.id}" in str(found.remedy)


def test_one_whose_time_is_up_is_found(engine: sa.Engine, voters: Voters, looked: Look) -> None:
    pass_time(engine, timedelta(days=voters.trial.most_days, hours=2))
    found = looked()
    assert found.level == "fault" and "and nobody has ended it. No night trains" in found.sentence
    assert "nightshift nights" in str(found.remedy)


def test_a_decision_that_nobody_carries_out_is_found(engine: sa.Engine, voters: Voters, looked: Look) -> None:
    at = (database_time(engine) - timedelta(hours=2)).isoformat()
    with engine.begin() as connection:
        connection.execute(trial.update().values(looks=[LOOK | {"decision": "dropped", "at": at}]))
    found = looked()
    assert found.level == "fault" and "nobody has carried that out" in found.sentence


def test_one_that_waits_for_an_admin_for_days_is_found(engine: sa.Engine, voters: Voters, looked: Look) -> None:
    with engine.begin() as connection:
        connection.execute(trial.update().values(status="proposed", started_at=None))
    assert looked().level == "ok" and "waits for an admin" in looked().sentence
    pass_time(engine, timedelta(days=4))
    found = looked()
    assert found.level == "warning" and "No night trains until it has ended." in found.sentence
    assert f"nightshift trials start {voters.trial.id}" in str(found.remedy)
