"""Who encodes beside us makes the same vectors."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.speed.encode import encoders
from benchmarks.speed.handbook import handbook_passages
from db.models import SentenceEncoder


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-5), ("bfloat16", 0.02)])
def test_everyone_makes_the_same_vectors(encoder: SentenceEncoder, dtype: str, tolerance: float) -> None:
    encoder.dtype = dtype
    texts = [*handbook_passages()[:5], "Short."]
    ours, *others = (encode() for encode in encoders(encoder, texts).values())
    assert ours.shape == (6, encoder.dimension)
    for vectors in others:
        assert np.allclose(vectors, ours, atol=tolerance)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
