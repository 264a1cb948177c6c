"""Encoding passages: `db.models.encoder` beside sentence-transformers' own `encode`, same weights, same arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle, islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.speed.measure import LIMIT, OURS, Comparison, Show, take_turns

if TYPE_CHECKING:
    from db.models import TrainableEncoder

LIBRARY = "SentenceTransformer.encode"


def compare_encoding(
    encoder: TrainableEncoder, dtypes: Sequence[str], passages: Sequence[str], n: int, rounds: int, show: Show
) -> Iterator[Comparison]:
    """One for each dtype, over `n` texts: the passages, and again from the first."""
    texts = list(islice(cycle(passages), n))
    for dtype in dtypes:
        encoder.dtype = dtype
        seconds = take_turns(encoders(encoder, texts), rounds, units=n, show=show)
        yield Comparison(f"encode {n:,} passages, {dtype}", "passage", LIMIT, seconds)


def encoders(encoder: TrainableEncoder, texts: Sequence[str]) -> Mapping[str, Callable[[], NDArray[np.float32]]]:
    """Each gives `(len(texts), dimension)` float32, L2-normalised; the library with its own batch size, 32."""

    def library() -> NDArray[np.float32]:
        import torch

        half = encoder.dtype == "bfloat16"
        with torch.autocast(encoder.model.device.type, dtype=torch.bfloat16, enabled=half):
            return encoder.model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)

    return {OURS: lambda: encoder.encode_passages(texts), LIBRARY: library}
