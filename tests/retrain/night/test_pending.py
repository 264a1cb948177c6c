"""A night that leaves the last word to a person: built, not swapped in, and superseded by the next one."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db.generations import (
    Encoders,
    Generation,
    artefact_directory,
    get_generation,
    list_generations,
    promote_by_hand,
    serving,
    undecided_generations,
)
from db.nights import Lease, Run, get_run, read_trained
from db.privacy import erase_person
from db.settings import Settings
from retrain.court import Verdict
from retrain.night import run as night
from retrain.night.attempt import run_requested_night
from retrain.night.candidate import keep_built
from retrain.night.phases import Facts
from retrain.night.unchanged import training_of
from retrain.report import report_path, rewrite_outdated_report
from tests.nicknames import read_in_with_pairs
from tests.synthetic import insert_generation

REASON = "On all that was measured it was better."


def keep_the_model(engine: sa.Engine, settings: Settings, run: Run, incumbent: Any, lesson: Any, *_: Any) -> Any:
    """Instead of training: the candidate is a copy of the incumbent's model, for what is discarded is deleted."""
    known: Generation = incumbent.generation
    copy = settings.models_dir / f"run-{run.id}"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(artefact_directory(known, settings), copy)
    facts: Facts = {"losses": []}
    with engine.begin() as connection:
        made = insert_generation(
            connection,
            known,
            parent_id=known.id,
            run_id=run.id,
            artefact_uri=f"data:{copy.name}",
            metrics={"training": training_of(lesson, settings)},
        )
    return made, facts


pytestmark = pytest.mark.store(of=read_in_with_pairs)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", encoder_dtype="float32", promotion="ask")


@pytest.fixture
def encoders(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Encoders:
    """With enough to learn from for nights that train nothing, and that the gate lets through."""
    encoders = Encoders(settings)
    monkeypatch.setattr(night, "train_generation", keep_the_model)
    monkeypatch.setattr(night, "decide", lambda *_, **__: Verdict(True, (REASON,), {"learnt_from": 240}))
    return encoders


def test_a_person_has_the_last_word(engine: sa.Engine, settings: Settings, encoders: Encoders) -> None:
    base = serving(engine)

    first = run_requested_night(engine, settings, encoders, "test")

    assert (first.status, first.decision, first.reasons) == ("done", "pending", [REASON])
    [waiting] = undecided_generations(engine)
    assert serving(engine).id == base.id
    assert get_generation(engine, waiting).status == "built"
    with engine.connect() as connection:
        assert len(read_trained(connection)) == first.phases["learn"]["learnt_from"] > 0
    assert "a person is to decide" in report_path(settings, first.id).read_text()

    second = run_requested_night(engine, settings, encoders, "test")

    assert get_run(engine, first.id).decision == "refused"
    assert get_run(engine, first.id).reasons == [REASON, f"Nobody had decided by the end of night {second.id}."]
    assert rewrite_outdated_report(engine, settings)
    assert "Night 1: refused" in report_path(settings, first.id).read_text()
    [now] = undecided_generations(engine)
    promote_by_hand(engine, settings, encoders, get_generation(engine, now), by="ann (command line)", force=False)
    assert (serving(engine).id, serving(engine).promoted_by, serving(engine).forced) == (
        now,
        "ann (command line)",
        False,
    )
    assert get_run(engine, second.id).decision == "promoted"
    while rewrite_outdated_report(engine, settings):
        pass
    assert "and took its place" in report_path(settings, second.id).read_text()


def test_what_waits_goes_on_waiting_where_the_next_night_has_nothing_better(
    engine: sa.Engine, settings: Settings, encoders: Encoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_requested_night(engine, settings, encoders, "test")
    waiting = undecided_generations(engine)
    monkeypatch.setattr(night, "decide", lambda *_, **__: Verdict(False, ("It was worse.",), {"learnt_from": 240}))

    assert run_requested_night(engine, settings, encoders, "test").decision == "refused"
    assert undecided_generations(engine) == waiting != []


def test_whoever_is_quicker_than_the_night_that_built_it_has_decided(
    engine: sa.Engine, settings: Settings, encoders: Encoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    def promote_at_once(engine: sa.Engine, candidate: Generation, report: Facts, lease: Lease) -> Generation:
        built = keep_built(engine, candidate, report, lease)
        promote_by_hand(engine, settings, encoders, built, by="ann (command line)", force=False)
        return built

    with monkeypatch.context() as patch:
        patch.setattr(night, "keep_built", promote_at_once)
        run = run_requested_night(engine, settings, encoders, "test")

    assert (run.decision, run.reasons, run.attempt) == ("promoted", [REASON], 2)
    assert serving(engine).run_id == run.id
    assert undecided_generations(engine) == []  # or the next night would drop what serves


def test_a_night_under_way_that_somebody_is_erased_from_starts_over(
    engine: sa.Engine, settings: Settings, encoders: Encoders
) -> None:
    def erase(phase: str, *_: int) -> None:
        if phase == "embed" and erase_person(engine, "test").pairs:
            erased.append(phase)

    erased: list[str] = []
    run = run_requested_night(engine, settings, encoders, "test", erase)
    assert (erased, run.status, run.attempt, run.decision) == (["embed"], "done", 2, "refused")
    assert "too little to learn from" in run.reasons[0]
    assert list_generations(engine) == [serving(engine)]
