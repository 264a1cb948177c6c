"""A night that would only repeat a refusal says so at once; whatever is new lets it train."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from db.feedback import import_pairs
from db.generations import Encoders
from db.nights.requests import request_run
from db.nights.taking import finish_run, record_phase, take_next_run
from db.settings import Settings
from intake.ingest import ingest_paths
from retrain.court import decide
from retrain.night import unchanged
from retrain.night.preview import lesson_of_now, preview_night
from retrain.night.provenance import hash_code
from retrain.night.unchanged import FINGERPRINT, fingerprint_of
from retrain.night.weighing import weigh_features
from retrain.training import fit
from tests.nicknames import make_matters, read_in_with_pairs, write_pairs

pytestmark = pytest.mark.store(of=read_in_with_pairs)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", encoder_dtype="float32")


@pytest.fixture
def refused(engine: sa.Engine, settings: Settings) -> Encoders:
    """A store that a night has refused to learn from; returns its encoders."""
    encoders = Encoders(settings)
    incumbent, lesson = lesson_of_now(engine, encoders, settings)
    request_run(engine, "cli", "test")
    with take_next_run(engine) as run:
        assert run is not None
        record_phase(engine, run, "gate", **{FINGERPRINT: fingerprint_of(lesson, incumbent, settings)})
        finish_run(engine, run, "refused", ["It wasn't better."])
    return encoders


def test_only_whatever_is_new_lets_it_train(
    engine: sa.Engine, settings: Settings, refused: Encoders, tmp_path: Path
) -> None:
    def fingerprint() -> str:
        incumbent, lesson = lesson_of_now(engine, refused, settings)
        return fingerprint_of(lesson, incumbent, settings)

    assert preview_night(engine, refused, settings)["missing"] == [
        "Nothing has changed since night 1, which was refused: votes, pairs and passages are the same. What it said "
        "still holds, and the next night trains as soon as there is more to learn from.",
        "It wasn't better.",
    ]
    assert preview_night(engine, refused, settings.model_copy(update={"night_seed": 1}))["missing"] == []
    writing = {"llm_api_key": SecretStr("x"), "synthetic_questions": 1}
    assert preview_night(engine, refused, settings.model_copy(update=writing))["missing"] == []
    known = {fingerprint()}
    (tmp_path / "new.md").write_text("# A new page\n\nNobody has asked about it yet.\n")
    ingest_paths(engine, settings, refused, [tmp_path / "new.md"])
    assert preview_night(engine, refused, settings)["missing"] == []
    known.add(fingerprint())
    write_pairs(tmp_path / "more.jsonl", make_matters(topics=20)[-1:])
    assert import_pairs(engine, tmp_path / "more.jsonl", added_by="test").added == 1
    assert len(known | {fingerprint()}) == 3


@pytest.mark.parametrize("better", [fit.__module__, decide.__module__, weigh_features.__module__])
def test_a_better_learner_or_gate_has_another_try(
    engine: sa.Engine, settings: Settings, refused: Encoders, monkeypatch: pytest.MonkeyPatch, better: str
) -> None:
    assert preview_night(engine, refused, settings)["missing"]
    monkeypatch.setattr(unchanged, "hash_code", lambda *of: "new" if better in of else hash_code(*of))
    assert preview_night(engine, refused, settings)["missing"] == []
