"""A snapshot's questions as vectors, each text encoded once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from db.models import WINDOW, Encoder
from retrain.lesson.labels import Anchor
from retrain.lesson.snapshot import Snapshot


def encode_anchors(
    encoder: Encoder,
    snapshot: Snapshot,
    known: Mapping[Anchor, NDArray[np.float32]] = MappingProxyType({}),
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> dict[Anchor, NDArray[np.float32]]:
    """Each question's vector `(dim,)`, L2-normalised; only those that aren't `known` are encoded.

    `on_progress` gets texts encoded and to be encoded.
    """
    lacking = {anchor: text for anchor, text in snapshot.texts().items() if anchor not in known}
    # those of a length are encoded together, as the encoder itself would have it
    texts = sorted(dict.fromkeys(lacking.values()), key=len, reverse=True)
    vector_of: dict[str, NDArray[np.float32]] = {}
    for start in range(0, len(texts), WINDOW):
        own = texts[start : start + WINDOW]
        vector_of |= dict(zip(own, encoder.encode_questions(own), strict=True))
        on_progress(len(vector_of), len(texts))
    return {**known, **{anchor: vector_of[text] for anchor, text in lacking.items()}}
