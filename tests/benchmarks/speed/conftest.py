"""The real base model: it is only read, for nothing here trains with a learning rate."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.speed.stock import Stock, stocked_store
from db.models import SentenceEncoder, find_base_model, load_encoder


@pytest.fixture(scope="session")
def loaded() -> SentenceEncoder:
    directory, sha256 = find_base_model("all-MiniLM-L6-v2")
    return load_encoder(directory, sha256=sha256)


@pytest.fixture
def encoder(loaded: SentenceEncoder) -> SentenceEncoder:
    loaded.dtype = "float32"
    loaded.model.max_seq_length = 256
    return loaded


@pytest.fixture(scope="session")
def stock() -> Iterator[Stock]:
    with stocked_store(1500) as stocked:
        yield stocked
