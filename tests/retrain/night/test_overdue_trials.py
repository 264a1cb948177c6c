"""Of a trial that goes on it is told what nobody does; what is due only just now isn't."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from db.errors import ModelError
from db.generations import get_trial
from db.nights import database_time, pass_time
from db.schema import trial, vote_event
from retrain.night import trials as of_trials
from retrain.night.overdue_trials import LATE_AFTER, why_trial_is_overdue
from retrain.night.trials import look_at_trial
from tests.ranked_company import hashing_encoders
from tests.trial_rows import LOOK
from tests.trial_voters import Voters, found_unasked_company, found_voters

LATE = LATE_AFTER + timedelta(minutes=1)

pytestmark = pytest.mark.store(of=found_unasked_company)


@pytest.fixture
def voters(engine: sa.Engine) -> Voters:
    return found_voters(engine)


def why(voters: Voters) -> str | None:
    return why_trial_is_overdue(voters.engine, hashing_encoders(), get_trial(voters.engine, voters.trial.id))


def let_votes_age(engine: sa.Engine, by: timedelta) -> None:
    with engine.begin() as connection:
        connection.execute(vote_event.update().values(received_at=vote_event.c.received_at - by))


def test_votes_that_nobody_looks_at(engine: sa.Engine, voters: Voters) -> None:
    voters.ask(1, 1, 0)
    let_votes_age(engine, LATE)
    assert why(voters) is None  # of three that it takes
    voters.ask(1)
    assert why(voters) is None  # it came just now
    let_votes_age(engine, LATE)
    said = f"Nobody looks at trial {voters.trial.id}: people voted on 3 more questions since the last look"
    assert str(why(voters)).startswith(said)
    assert look_at_trial(engine, hashing_encoders())
    assert why(voters) is None


def test_near_duplicates_are_not_waited_for(engine: sa.Engine, voters: Voters) -> None:
    voters.ask(1, 1, 1, 1, text="Where is zz1?")
    let_votes_age(engine, LATE)
    assert why(voters) is None


def test_one_whose_time_is_up(engine: sa.Engine, voters: Voters) -> None:
    pass_time(engine, timedelta(days=voters.trial.most_days) + LATE_AFTER / 2)
    assert why(voters) is None
    pass_time(engine, LATE)
    assert str(why(voters)).startswith(f"The time of trial {voters.trial.id} was up at ")


@pytest.mark.parametrize(("ago", "is_told"), [(LATE, True), (LATE_AFTER / 2, False)])
def test_a_decision_that_nobody_carries_out(engine: sa.Engine, voters: Voters, ago: timedelta, is_told: bool) -> None:
    at = database_time(engine) - ago
    looks = [LOOK | {"decision": "promoted", "at": at.isoformat()}]
    with engine.begin() as connection:
        connection.execute(trial.update().values(looks=looks))
    told = f"were counted at {at:%Y-%m-%d %H:%M} UTC (promoted), and nobody has carried that out."
    assert (told in (why(voters) or "")) == is_told


def test_one_that_waits_to_be_begun_is_nobodys_to_look_at(engine: sa.Engine, voters: Voters) -> None:
    with engine.begin() as connection:
        connection.execute(trial.update().values(status="proposed", started_at=None))
    pass_time(engine, timedelta(days=99))
    assert why(voters) is None


def test_an_encoder_that_can_not_be_used_is_said(
    engine: sa.Engine, voters: Voters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps everybody from looking, and a look says so in the log alone."""
    voters.ask(1, 1, 1)
    let_votes_age(engine, LATE)

    def fail(*_: object) -> None:
        raise ModelError("Its files are gone.")

    monkeypatch.setattr(of_trials, "cluster_questions", fail)
    with pytest.raises(ModelError, match="gone"):
        why(voters)
