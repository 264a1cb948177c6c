"""A person's word outlives the night: what was rolled back or rejected isn't there again the next morning."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from db.feedback import import_pairs
from db.generations import (
    Encoders,
    list_generations,
    request_decision,
    roll_back,
    serving,
    turned_down_generations,
    undecided_generations,
)
from db.nights import get_run
from db.privacy.erasure import ERASED, erase_person
from db.settings import Settings
from intake.ingest import ingest_paths
from retrain.court import Verdict
from retrain.night import carry_out_next, preview_night, run_requested_night
from retrain.night import run as night
from tests.nicknames import make_matters, write_documents, write_pairs
from tests.retrain.night.test_pending import REASON, keep_the_model

ANN, ANNA = "T1:U0ANN", "T1:U0ANNA"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", encoder_dtype="float32")


@pytest.fixture
def encoders(engine: sa.Engine, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Encoders:
    """With just enough to learn from, for nights that train nothing and that the gate lets through."""
    encoders, matters = Encoders(settings), make_matters(topics=8)
    write_documents(tmp_path / "documents", matters)
    ingest_paths(engine, settings, encoders, [tmp_path / "documents"])
    write_pairs(tmp_path / "pairs.jsonl", matters[:113])
    import_pairs(engine, tmp_path / "pairs.jsonl", added_by="test")
    monkeypatch.setattr(night, "train_generation", keep_the_model)
    monkeypatch.setattr(night, "decide", lambda *_, **__: Verdict(True, (REASON,), {"learnt_from": 63}))
    return encoders


def add_the_rest(engine: sa.Engine, folder: Path) -> None:
    write_pairs(folder / "pairs.jsonl", make_matters(topics=8))
    assert import_pairs(engine, folder / "pairs.jsonl", added_by="test").added == 15


@pytest.mark.long
def test_what_a_person_rolled_back_stays_back(
    engine: sa.Engine, settings: Settings, encoders: Encoders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = serving(engine)
    first = run_requested_night(engine, settings, encoders, "test")
    made = serving(engine)
    assert (first.decision, made.run_id) == ("promoted", first.id)
    roll_back(engine, ANNA)

    second = run_requested_night(engine, settings, encoders, "test")

    assert second.decision == "refused"
    assert f"Generation {made.id} was rolled back by {ANNA} on " in second.reasons[0]
    assert preview_night(engine, encoders, settings)["missing"] == second.reasons
    assert serving(engine).id == base.id
    assert [own.id for own in list_generations(engine)] == [made.id, base.id]

    add_the_rest(engine, tmp_path)
    third = run_requested_night(engine, settings, encoders, "test")
    assert third.decision == "refused"  # enough is new, and still it comes to the very same model
    assert f"Generation {made.id} was rolled back by {ANNA}" in third.reasons[0]
    assert "the very same model" in third.reasons[0]
    assert serving(engine).id == base.id

    monkeypatch.setattr(night, "made_before", lambda *_: [])
    fourth = run_requested_night(engine, settings, encoders, "test")
    assert (fourth.decision, fourth.reasons[0]) == ("promoted", REASON)
    assert f"Generation {made.id} was rolled back by {ANNA} on " in fourth.reasons[1]
    assert serving(engine).run_id == fourth.id

    erase_person(engine, ANN)  # hers is a part of the other one's name
    assert ANNA in get_run(engine, second.id).reasons[0]
    erase_person(engine, ANNA)
    for run in (second, third, fourth):
        assert ANNA not in str(get_run(engine, run.id).reasons)
    assert f"was rolled back by {ERASED} on" in get_run(engine, second.id).reasons[0]
    assert ANNA not in str([own.metrics for own in list_generations(engine)])
    assert [own.by for own in turned_down_generations(engine, settings.base_model)] == [ERASED]


def test_what_a_person_rejected_is_not_offered_again(engine: sa.Engine, settings: Settings, encoders: Encoders) -> None:
    asking = settings.model_copy(update={"promotion": "ask"})
    run_requested_night(engine, asking, encoders, "test")
    [waiting] = undecided_generations(engine)
    request_decision(engine, waiting, "reject", ANN)
    assert carry_out_next(engine, asking, encoders)

    again = run_requested_night(engine, settings, encoders, "test")

    assert again.decision == "refused"
    assert f"Generation {waiting} was rejected by {ANN} on " in again.reasons[0]
    assert f"`nightshift generations promote {waiting} --force`" in again.reasons[0]
    assert undecided_generations(engine) == []
