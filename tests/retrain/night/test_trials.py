"""A candidate that nobody can show to be better goes on trial; looks at what people say decide it, and carry it out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db.answers import count_drawn
from db.errors import ModelError, NotPromotableError
from db.generations import (
    end_trial,
    find_candidate,
    generations_by_role,
    get_generation,
    get_trial,
    list_trials,
    open_trial,
    roll_back,
    serving,
    settle_late,
    tries_since_promotion,
)
from db.nights import Run, database_time, get_run, pass_time
from db.schema import retrain_run
from db.settings import Settings
from retrain.night import trials as of_trials
from retrain.night.attempt import run_requested_night
from retrain.night.candidate import find_decided
from retrain.night.preview import preview_ranking
from retrain.night.schedule import request_due_ranking_run
from retrain.night.trials import look_at_trial, may_be_tried, read_says, terms_of
from tests.night_rows import make_run
from tests.ranked_company import ENOUGH_WITHOUT_PAIRS, Company, found_without_pairs, hashing_encoders
from tests.trial_voters import QUESTIONS, Voters, found_unasked_company, found_voters, try_again

pytestmark = pytest.mark.store(of=found_unasked_company)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", base_model="none", trials="on", trial_questions=QUESTIONS)


@pytest.fixture
def company(engine: sa.Engine) -> Company:
    """Nobody gave it golden pairs, so nothing but votes can judge."""
    return Company(engine)


def fit(engine: sa.Engine, settings: Settings) -> Run:
    return run_requested_night(engine, settings, hashing_encoders(), "test", kind="ranking")


@pytest.fixture
def voters(engine: sa.Engine) -> Voters:
    return found_voters(engine)


def look(engine: sa.Engine) -> bool:
    return look_at_trial(engine, hashing_encoders())


@pytest.mark.store(of=found_without_pairs)
def test_what_lacks_evidence_alone_goes_on_trial_and_nothing_else_is_made_meanwhile(
    engine: sa.Engine, settings: Settings, company: Company
) -> None:
    base = serving(engine)
    without = fit(engine, settings.model_copy(update={"trials": "off"}))
    assert without.decision == "refused"
    # what luck is left of the year after the night's own try
    fresh, used, little = (terms_of(engine, settings, without, own) for own in (0.0, 0.01, 0.024))
    assert fresh is not None and used is not None and little is None
    assert (fresh.alpha, used.alpha) == (pytest.approx(0.0167), pytest.approx(0.015))

    run = fit(engine, settings)

    assert (run.decision, serving(engine).id) == ("trial", base.id), run.reasons
    assert "too little to judge by" in run.reasons[0]
    candidate, known = find_candidate(engine, run.id), open_trial(engine)
    assert candidate is not None and known is not None
    assert (known.incumbent_id, known.candidate_id, known.status) == (base.id, candidate.id, "running")
    assert (known.most_questions, known.most_days, known.share) == (QUESTIONS, 14, 0.2)
    assert {role: own.id for role, own in generations_by_role(engine).items()} == {
        "serving": base.id,
        "trial": candidate.id,
    }
    waits = f"The trial of generation {candidate.id} goes on, and until it has ended nothing else is made"
    assert fit(engine, settings).reasons[0].startswith(waits)
    assert preview_ranking(engine, hashing_encoders(), settings)["missing"][0].startswith(waits)
    company.vote(ENOUGH_WITHOUT_PAIRS // 5)
    assert not request_due_ranking_run(engine, settings, database_time(engine))
    assert not look(engine)  # nobody said anything yet


@pytest.mark.store(of=found_without_pairs)
def test_an_admin_begins_it_where_that_is_asked_for(engine: sa.Engine, settings: Settings, company: Company) -> None:
    run = fit(engine, settings.model_copy(update={"trials": "ask"}))
    known = open_trial(engine)
    assert run.decision == "trial" and known is not None
    assert known.status == "proposed" and "trial" not in generations_by_role(engine)
    assert not look(engine)


def test_a_ranking_that_the_clock_fits_keeps_no_night_waiting(settings: Settings) -> None:
    assert may_be_tried(settings, make_run(kind="ranking", trigger="cli"))
    assert not may_be_tried(settings, make_run(kind="ranking", trigger="schedule"))
    assert may_be_tried(settings, make_run(kind="night", trigger="schedule"))
    assert not may_be_tried(settings.model_copy(update={"trials": "off"}), make_run(kind="night", trigger="cli"))


def test_votes_promote_it_and_the_run_that_made_it_says_so(engine: sa.Engine, voters: Voters) -> None:
    known = voters.trial
    voters.ask(1, 1)
    assert not look(engine)
    voters.ask(1)
    assert look(engine) and not look(engine)
    assert [own["questions"] for own in get_trial(engine, known.id).looks] == [3]
    while get_trial(engine, known.id).is_open:
        assert voters.asked < QUESTIONS, "it never ends"
        voters.ask(1, 1, 1)
        assert look(engine)

    ended, candidate = get_trial(engine, known.id), get_generation(engine, known.candidate_id)
    assert (ended.status, ended.ended_by, ended.looks[-1]["decision"]) == ("promoted", f"trial {known.id}", "promoted")
    assert (serving(engine).id, candidate.promoted_by) == (candidate.id, f"trial {known.id}")
    assert set(generations_by_role(engine)) == {"serving", "previous"}
    assert candidate.run_id is not None
    run = get_run(engine, candidate.run_id)
    assert run.decision == "promoted" and run.reasons[-1] == ended.reason
    assert run.reasons[-1].startswith(f"Of {voters.asked} questions that people had a say on, the candidate won")
    assert tries_since_promotion(engine) == []
    assert not look(engine)


def test_votes_drop_what_makes_answers_worse_and_its_luck_is_not_used_up(engine: sa.Engine, voters: Voters) -> None:
    base = serving(engine)
    while get_trial(engine, voters.trial.id).is_open:
        assert voters.asked < QUESTIONS, "it never ends"
        voters.ask(-1, -1, -1)
        look(engine)
    ended = get_trial(engine, voters.trial.id)
    assert (ended.status, serving(engine).id) == ("dropped", base.id)
    assert "It would make people's answers worse." in (ended.reason or "")
    candidate = get_generation(engine, ended.candidate_id)
    assert candidate.status == "refused" and candidate.run_id is not None
    run = get_run(engine, candidate.run_id)
    assert run.decision == "refused" and run.reasons[-1] == ended.reason
    assert sum(own.alpha for own in tries_since_promotion(engine)) == pytest.approx(ended.spent)
    assert ended.spent < ended.alpha / 10


def test_what_people_are_of_two_minds_about_ends_with_its_time_and_changes_nothing(
    engine: sa.Engine, voters: Voters
) -> None:
    base = serving(engine)
    voters.ask(1, -1, 1, -1)
    assert look(engine) and get_trial(engine, voters.trial.id).is_open
    pass_time(engine, timedelta(days=voters.trial.most_days))
    assert look(engine)
    ended = get_trial(engine, voters.trial.id)
    assert (ended.status, serving(engine).id) == ("undecided", base.id)
    assert ended.reason is not None and ended.reason.endswith("and the trial's time is up.")


def test_a_look_that_nobody_carried_out_is_carried_out_by_the_next_one(
    engine: sa.Engine, voters: Voters, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(of_trials, "carry_out", killed)
        with pytest.raises(KeyboardInterrupt):
            while voters.asked < QUESTIONS:
                voters.ask(1, 1, 1)
                look(engine)
    seen = get_trial(engine, voters.trial.id)
    assert seen.is_open and seen.looks[-1]["decision"] == "promoted"
    assert look(engine)
    assert get_trial(engine, voters.trial.id).status == "promoted"
    assert len(get_trial(engine, voters.trial.id).looks) == len(seen.looks)


def test_who_says_what_in_a_trial(engine: sa.Engine, voters: Voters) -> None:
    voters.ask(1, -1, 0)
    voters.ask(1, 1, person="T1:UTWICE", text="Where is zz1?")  # one person has one say on one question
    assert read_says(engine, hashing_encoders(), voters.trial) == [1, -1, 1]
    drawn = count_drawn(engine, voters.trial.id)
    assert (drawn.questions, drawn.competitive, drawn.voted) == (5, 5, 4)
    assert (drawn.slots, drawn.contested) == (10, 10)


def test_what_serves_by_another_s_decision_ends_it(engine: sa.Engine, voters: Voters) -> None:
    voters.ask(1, 1, 1)
    end_trial(engine, voters.trial, "stopped", by="ann", reason="A person stopped the trial.")
    assert not look(engine)
    assert [own.status for own in list_trials(engine)] == ["stopped"]
    assert serving(engine).id == voters.trial.incumbent_id


def test_a_run_that_died_after_its_candidate_went_on_trial_says_so_when_taken_up(
    engine: sa.Engine, voters: Voters
) -> None:
    candidate = get_generation(engine, voters.trial.candidate_id)
    assert candidate.run_id is not None
    found = find_decided(engine, replace(get_run(engine, candidate.run_id), decision=None))
    assert found is not None and found[0] == "trial"
    assert find_decided(engine, make_run(id=999)) is None


def test_rolled_back_while_it_goes_on_it_is_stopped(engine: sa.Engine, voters: Voters) -> None:
    while get_trial(engine, voters.trial.id).is_open:
        voters.ask(1, 1, 1)
        look(engine)
    second = try_again(engine)
    roll_back(engine, "ann")
    ended = get_trial(engine, second.id)
    assert (ended.status, ended.ended_by) == ("stopped", "ann")
    assert set(generations_by_role(engine)) == {"serving", "previous"}
    run_id = get_generation(engine, second.candidate_id).run_id
    assert run_id is not None and get_run(engine, run_id).decision == "refused"


def test_a_trial_that_ended_before_its_run_did_is_told_by_the_run(engine: sa.Engine, voters: Voters) -> None:
    run_id = get_generation(engine, voters.trial.candidate_id).run_id
    assert run_id is not None
    settle_late(engine, run_id)
    assert get_run(engine, run_id).decision == "trial"
    end_trial(engine, voters.trial, "stopped", by="ann", reason="A person stopped the trial.")
    with engine.begin() as connection:  # as if it had ended just before
        connection.execute(retrain_run.update().values(decision="trial", reasons=[]))
    settle_late(engine, run_id)
    run = get_run(engine, run_id)
    assert (run.decision, run.reasons) == ("refused", ["A person stopped the trial."])


def test_what_people_said_is_read_again_only_once_another_question_is_voted_on(
    engine: sa.Engine, voters: Voters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of near-duplicates, of which one counts: else everything would be read each half minute."""
    reads: list[int] = []
    real = of_trials.read_says

    def reading(*of: Any) -> list[int]:
        reads.append(1)
        return real(*of)

    monkeypatch.setattr(of_trials, "read_says", reading)
    folded: dict[int, int] = {}
    voters.ask(1, 1, 1, 1, text="Where is zz1?")
    for _ in range(3):
        assert not look_at_trial(engine, hashing_encoders(), folded)
    assert len(reads) == 1
    voters.ask(1, 1)
    assert look_at_trial(engine, hashing_encoders(), folded)
    assert len(reads) == 2


def test_where_it_can_not_be_carried_out_yet_nobody_tries_at_once_again(
    engine: sa.Engine, voters: Voters, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_fast(*_: object, **__: object) -> None:
        raise NotPromotableError("Documents kept arriving.")

    with monkeypatch.context() as patch:
        patch.setattr(of_trials, "catch_up_and_promote", too_fast)
        is_done = True
        while is_done:
            assert voters.asked < QUESTIONS, "it never ends"
            voters.ask(1, 1, 1)
            is_done = look(engine)
        assert get_trial(engine, voters.trial.id).looks[-1]["decision"] == "promoted" and not look(engine)
    assert look(engine) and get_trial(engine, voters.trial.id).status == "promoted"


def test_where_no_model_tells_what_is_alike_it_waits(
    engine: sa.Engine, voters: Voters, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise ModelError("Its files are gone.")

    voters.ask(1, 1, 1)
    with monkeypatch.context() as patch:
        patch.setattr(of_trials, "read_says", gone)
        assert not look(engine)
    assert look(engine)
