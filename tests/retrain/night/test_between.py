"""A ranking run: fitted to lists as they were served, judged by the gate, swapped in on the vectors that serve."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.errors import DatabaseUnavailableError, StaleRunError
from db.generations import (
    SHIPPED,
    Ranking,
    find_candidate,
    get_generation,
    list_generations,
    maintained,
    request_decision,
    roll_back,
    serving,
    undecided_generations,
)
from db.nights import Run, list_runs, read_trained
from db.nights.requests import request_run
from db.nights.taking import take_next_run
from db.privacy import erase_person
from db.schema import learnt_from, retrain_run
from db.settings import Settings
from retrain.court import Verdict
from retrain.night import run as night
from retrain.night.attempt import run_next_night, run_requested_night
from retrain.night.between import why_it_stays
from retrain.night.decisions import carry_out_next
from retrain.night.preview import preview_ranking
from retrain.night.reading import read_side
from retrain.ranking import Fitted
from retrain.report import report_path
from tests.ranked_company import ENOUGH, Company, found_asked_company, found_company, hashing_encoders

pytestmark = pytest.mark.store(of=found_asked_company)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", base_model="none")


@pytest.fixture
def company(engine: sa.Engine) -> Company:
    return Company(engine)


def fit(engine: sa.Engine, settings: Settings) -> Run:
    return run_requested_night(engine, settings, hashing_encoders(), "test", kind="ranking")


def count(engine: sa.Engine, query: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(sa.text(query)) or 0)


def test_what_votes_taught_serves_on_the_same_vectors_and_can_be_rolled_back(
    engine: sa.Engine, settings: Settings, company: Company
) -> None:
    base = serving(engine)

    run = fit(engine, settings)

    assert (run.kind, run.decision) == ("ranking", "promoted"), run.reasons
    assert list(run.phases) and set(run.phases) == {"snapshot", "learn", "fit", "gate", "promote"}
    current, previous = maintained(engine)
    assert (current.run_id, current.artefact_id, previous.id) == (run.id, base.artefact_id, base.id)
    assert current.ranking.words_weight > SHIPPED.words_weight
    assert run.phases["fit"]["ranking"]["served"] == SHIPPED.as_json()["weights"]
    assert run.evidence is not None and run.evidence["golden"]["gain"] > 0.1
    assert count(engine, "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'embedding%'") == 1
    with engine.connect() as connection:
        assert len(read_trained(connection)) == run.phases["learn"]["learnt_from"]
    assert "Ranking run" in report_path(settings, run.id).read_text()

    assert roll_back(engine, "ann").id == base.id
    stays = fit(engine, settings)
    assert stays.decision == "refused" and "was rolled back by ann" in stays.reasons[0]
    company.vote(ENOUGH // 5)
    again = fit(engine, settings)
    assert again.decision == "refused" and "the very same model" in again.reasons[0], again.reasons


def test_what_trained_in_a_ranking_run_never_judges_and_is_known_when_it_is_erased(
    engine: sa.Engine, settings: Settings, company: Company
) -> None:
    run = fit(engine, settings)
    made = find_candidate(engine, run.id)
    assert made is not None
    with engine.connect() as connection:
        noted = read_trained(connection)
        trained = {own.question_id for own in noted} - {None}
        learnt = set(connection.scalars(sa.select(learnt_from.c.question_id).where(learnt_from.c.run_id == run.id)))
    assert len(noted) == run.phases["learn"]["learnt_from"]
    assert set() != trained <= learnt
    assert erase_person(engine, "T1:U1").generations == (made.id,)
    assert get_generation(engine, made.id).learnt_from_erased


def test_a_refused_ranking_leaves_what_serves_and_is_not_judged_again(
    engine: sa.Engine, settings: Settings, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(night, "decide", lambda *_, **__: Verdict(False, ("It wasn't better.",), {}))
    base = serving(engine)
    run = fit(engine, settings)
    assert (run.decision, run.reasons, serving(engine).id) == ("refused", ["It wasn't better."], base.id)
    assert count(engine, f"SELECT count(*) FROM {base.table}") == 200
    assert find_candidate(engine, run.id) is not None
    assert fit(engine, settings).reasons[0].startswith(f"Nothing has changed since night {run.id}, which was refused")
    company.vote(1)
    assert fit(engine, settings).reasons == ["It wasn't better."]


def test_weights_that_serve_already_are_no_candidate(engine: sa.Engine, settings: Settings, company: Company) -> None:
    side = read_side(engine, settings, hashing_encoders(), serving(engine))
    assert why_it_stays(Fitted(SHIPPED, 80), side) == [
        "The weights that fit what people said are those that serve already."
    ]
    assert why_it_stays(Fitted(Ranking(words=0.5), 80), side) == []


@pytest.mark.parametrize("by", ["promotion", "ranking_runs"])
def test_a_person_has_the_last_word_where_either_setting_says_so(
    engine: sa.Engine, settings: Settings, company: Company, by: str
) -> None:
    asking = settings.model_copy(update={by: "ask"})
    base = serving(engine)
    run = fit(engine, asking)
    [waiting] = undecided_generations(engine)
    assert (run.decision, serving(engine).id) == ("pending", base.id)
    later = fit(engine, settings)
    assert later.decision == "refused" and f"Generation {waiting} waits for a person's decision" in later.reasons[0]
    request_decision(engine, waiting, "promote", "T1:UADMIN")
    assert carry_out_next(engine, settings, hashing_encoders())
    assert (serving(engine).id, serving(engine).promoted_by) == (waiting, "T1:UADMIN")
    assert count(engine, "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'embedding%'") == 1


@pytest.mark.store(of=None)
@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"questions": 0}, "too little to learn from"),
        ({"questions": 1}, "too little to learn from"),
        ({"questions": 160, "people": 1}, "all votes that train are one person's"),
        ({"questions": 160, "down": 0}, "all votes that train say up"),
        ({"questions": ENOUGH, "up": 0}, "too little to learn from"),
        ({"questions": ENOUGH, "up": -1}, "too little to learn from"),
    ],
)
def test_votes_that_tell_nothing_change_nothing_and_a_sentence_says_why(
    engine: sa.Engine, settings: Settings, said: dict[str, int], why: str
) -> None:
    """Of the pairs only as many as judge are there, so that votes alone could teach."""
    company = found_company(engine, documents=220, pairs=26 * 2)
    with engine.begin() as connection:  # as if a night had trained it, which learns the pairs
        connection.execute(sa.text("UPDATE artefact SET uri = 'data:run-1'"))
    company.vote(**said)
    base = serving(engine)
    preview = preview_ranking(engine, hashing_encoders(), settings)
    assert any(why in sentence for sentence in preview["missing"]), preview
    run = fit(engine, settings)
    assert run.decision == "refused" and any(why in sentence for sentence in run.reasons), run.reasons
    assert (serving(engine).id, serving(engine).ranking, len(list_generations(engine))) == (base.id, SHIPPED, 1)


def test_a_preview_tells_the_weights_and_changes_nothing(
    engine: sa.Engine, settings: Settings, company: Company
) -> None:
    preview = preview_ranking(engine, hashing_encoders(), settings)
    assert preview["missing"] == []
    assert preview["ranking"]["weights"]["words"] > preview["ranking"]["served"]["words"]
    assert (list_runs(engine), len(list_generations(engine))) == ([], 1)
    assert count(engine, "SELECT count(*) FROM learnt_from") == 0


@pytest.mark.parametrize("phase", ["learn", "fit", "gate", "promote"])
def test_whatever_phase_it_dies_in_the_next_attempt_ends_the_same(
    engine: sa.Engine, settings: Settings, company: Company, phase: str
) -> None:
    base = serving(engine)

    def die(at: str, now: str, *_: int) -> None:
        if now == at:
            raise DatabaseUnavailableError("as if killed")

    run_id = request_run(engine, "cli", "test", "ranking")
    with pytest.raises(DatabaseUnavailableError):
        run_next_night(engine, settings, hashing_encoders(), partial(die, phase))
    assert serving(engine).id == base.id
    run = run_next_night(engine, settings, hashing_encoders())
    assert run is not None and (run.id, run.attempt, run.decision) == (run_id, 2, "promoted")
    assert [item.run_id for item in maintained(engine)] == [run_id, None]
    assert len(list_generations(engine)) == 2
    with engine.begin() as connection:  # killed between the swap and saying so
        connection.execute(retrain_run.update().values(status="running", decision=None, finished_at=None))
    again = run_next_night(engine, settings, hashing_encoders())
    assert again is not None and (again.decision, again.reasons) == ("promoted", run.reasons)
    assert len(list_generations(engine)) == 2


def test_a_candidate_of_other_votes_goes_with_its_row_alone(
    engine: sa.Engine, settings: Settings, company: Company
) -> None:
    """A ranking that was fitted before somebody was erased isn't what the next attempt judges."""
    request_run(engine, "cli", "test", "ranking")

    def erase(now: str, *_: int) -> None:
        if now == "gate" and find_candidate(engine, 1) is not None:
            erase_person(engine, "T1:U1")

    with pytest.raises(StaleRunError):
        run_next_night(engine, settings, hashing_encoders(), erase)
    first = find_candidate(engine, 1)
    assert first is not None and first.learnt_from_erased
    run_next_night(engine, settings, hashing_encoders())
    second = find_candidate(engine, 1)
    assert second is None or (second.id != first.id and not second.learnt_from_erased)
    assert count(engine, f"SELECT count(*) FROM {first.table}") == 200


def test_a_night_that_is_asked_for_comes_first(engine: sa.Engine) -> None:
    ranking = request_run(engine, "cli", "test", "ranking")
    assert request_run(engine, "slack", "T1:U1") == ranking + 1
    assert request_run(engine, "cli", "test", "ranking") == ranking
    with take_next_run(engine) as first:
        assert first is not None and (first.id, first.kind) == (ranking + 1, "night")
