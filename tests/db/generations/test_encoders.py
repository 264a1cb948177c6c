"""Each generation gets the encoder that made its vectors: the recorded files, from where they may be, loaded once."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from db import models
from db.errors import ModelError, ModelTamperedError
from db.generations.artefacts import artefact_directory
from db.generations.encoders import KEPT, Encoders
from db.generations.generation import Generation
from db.generations.ranking import SHIPPED
from db.models import SentenceEncoder, find_base_model, load_encoder
from db.models import encoder as encoder_module
from db.settings import Settings

BASE = "all-MiniLM-L6-v2"


def generation(generation_id: int, uri: str = "", sha256: str = "0" * 64) -> Generation:
    return Generation(
        id=generation_id,
        parent_id=None,
        run_id=None,
        artefact_id=generation_id,
        base_model=BASE,
        artefact_uri=uri or f"data:run-{generation_id}",
        artefact_sha256=sha256,
        dtype="float32",
        dimension=384,
        status="built",
        ef_search=100,
        unrelated_nearness=0.2,
        unrelated_spread=0.07,
        ranking=SHIPPED,
        languages=("english",),
        metrics={},
        learnt_from_erased=False,
        created_at=datetime.now(UTC),
        promoted_at=None,
        promoted_by=None,
        forced=False,
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


@pytest.fixture(scope="module")
def loaded() -> SentenceEncoder:
    directory, sha256 = find_base_model(BASE)
    return load_encoder(directory, sha256=sha256, dtype="float32")


@pytest.fixture
def loads(loaded: SentenceEncoder, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Where each load would have been from; what it gives was loaded before."""
    seen: list[Path] = []

    def load(directory: Path, **_: Any) -> SentenceEncoder:
        seen.append(directory)
        return SentenceEncoder(loaded.model)

    monkeypatch.setattr("db.models.load_encoder", load)
    return seen


def test_the_base_model_and_a_model_of_a_night_are_loaded_and_encode(
    settings: Settings, loaded: SentenceEncoder
) -> None:
    trained = settings.models_dir / "run-1"
    shutil.copytree(find_base_model(BASE)[0], trained, copy_function=os.link)
    (trained / "config_sentence_transformers.json").unlink()
    (trained / "config_sentence_transformers.json").write_text('{"__version__": {}}')
    sha256 = encoder_module.hash_model(trained)
    encoders = Encoders(settings)
    assert sha256 != find_base_model(BASE)[1]
    question = ["Where is the car park?"]
    expected = loaded.encode_questions(question)
    for made in generation(1, f"base:{BASE}", find_base_model(BASE)[1]), generation(2, "data:run-1", sha256):
        np.testing.assert_allclose(encoders.get(made).encode_questions(question), expected, atol=1e-5)


def test_generations_of_one_artefact_share_one_load(settings: Settings, loads: list[Path]) -> None:
    encoders = Encoders(settings)
    first = generation(1, f"base:{BASE}")
    assert encoders.get(first) is encoders.get(replace(first, id=2))
    assert len(loads) == 1


def test_files_that_are_not_the_recorded_ones_are_refused_each_time(settings: Settings) -> None:
    encoders = Encoders(settings)
    for _ in range(2):
        with pytest.raises(ModelTamperedError):
            encoders.get(generation(1, f"base:{BASE}"))


@pytest.mark.parametrize(
    "uri", ["data:../outside", "data:/etc", "data:", "data:.", "data:a/b", "data:link", "s3://bucket/model", "run-1"]
)
def test_an_address_that_leads_elsewhere_is_refused(settings: Settings, tmp_path: Path, uri: str) -> None:
    (tmp_path / "outside").mkdir()
    settings.models_dir.mkdir()
    (settings.models_dir / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(ModelError, match="Generation 1 names its model"):
        artefact_directory(generation(1, uri), settings)


def test_a_model_that_is_gone_is_said_to_be(settings: Settings) -> None:
    with pytest.raises(ModelError, match="run-1"):
        Encoders(settings).get(generation(1, "data:run-1"))


def test_many_who_ask_at_once_wait_for_one_load(settings: Settings, loads: list[Path]) -> None:
    encoders, together = Encoders(settings), threading.Barrier(8)

    def ask(_: int) -> SentenceEncoder:
        together.wait()
        return encoders.get(generation(1))

    with ThreadPoolExecutor(8) as pool:
        given = set(pool.map(ask, range(8)))
    assert len(given) == len(loads) == 1


def test_who_asks_for_a_loaded_encoder_doesn_t_wait_for_the_load_of_another(
    settings: Settings, loads: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    encoders = Encoders(settings)
    first = encoders.get(generation(1))
    load = models.load_encoder
    begun, may_end = threading.Event(), threading.Event()

    def slow_load(*arguments: Any, **options: Any) -> SentenceEncoder:
        begun.set()
        assert may_end.wait(60)
        return load(*arguments, **options)

    monkeypatch.setattr("db.models.load_encoder", slow_load)
    with ThreadPoolExecutor(2) as pool:
        second = pool.submit(encoders.get, generation(2))
        assert begun.wait(60)
        assert pool.submit(encoders.get, generation(1)).result(timeout=60) is first
        may_end.set()
        assert second.result() is not first


def test_a_load_that_failed_is_tried_again(
    settings: Settings, loads: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    encoders = Encoders(settings)
    with monkeypatch.context() as patch:
        patch.setattr("db.models.load_encoder", failing(ModelError("gone")))
        with pytest.raises(ModelError, match="gone"):
            encoders.get(generation(1))
    assert encoders.get(generation(1)) is encoders.get(generation(1))


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise error

    return fail


def test_the_encoders_used_last_are_kept(settings: Settings, loads: list[Path]) -> None:
    encoders = Encoders(settings)
    assert KEPT == 2
    for generation_id in 1, 2, 1, 3, 1:
        encoders.get(generation(generation_id))
    assert len(loads) == 3
    encoders.get(generation(2))
    assert len(loads) == 4
