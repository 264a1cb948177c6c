"""The real base model, fresh for each test that trains it; and a language model for those that write questions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from db.models import SentenceEncoder, find_base_model, load_encoder
from tests.doubles import aimock, aimock_server
from tests.weights import copy_weights

if TYPE_CHECKING:
    import torch

__all__ = ["aimock", "aimock_server"]


@pytest.fixture(scope="session")
def loaded() -> tuple[SentenceEncoder, dict[str, torch.Tensor]]:
    """The base model and its weights, loaded once."""
    directory, sha256 = find_base_model("all-MiniLM-L6-v2")
    encoder = load_encoder(directory, sha256=sha256)
    return encoder, copy_weights(encoder.model)


@pytest.fixture
def encoder(loaded: tuple[SentenceEncoder, dict[str, torch.Tensor]]) -> Iterator[SentenceEncoder]:
    """The base model, untrained, for a test to train as it likes."""
    found, weights = loaded
    found.model.load_state_dict(weights)
    found.dtype = "float32"
    yield found
