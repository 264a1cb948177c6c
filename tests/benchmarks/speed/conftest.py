"""The real base model: it is only read, for nothing here trains with a learning rate."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.speed import ask, question
from benchmarks.speed.stock import Stock, stocked_store
from db.models import SentenceEncoder, find_base_model, load_encoder
from nightshift.corpus.sample import sample_corpus


@pytest.fixture(scope="session")
def loaded() -> SentenceEncoder:
    directory, sha256 = find_base_model("all-MiniLM-L6-v2")
    return load_encoder(directory, sha256=sha256)


@pytest.fixture
def encoder(loaded: SentenceEncoder) -> SentenceEncoder:
    loaded.dtype = "float32"
    loaded.model.max_seq_length = 256
    return loaded


@pytest.fixture(autouse=True)
def few_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stores that are asked have one folder of the handbook: tests are of what is timed, not of how long it takes."""
    for timed in (question, ask):
        monkeypatch.setattr(timed, "sample_corpus", lambda: sample_corpus() / "people")


@pytest.fixture(scope="session")
def stock() -> Iterator[Stock]:
    with stocked_store(1500) as stocked:
        yield stocked
