"""A question as it is searched for: its words, and their vector by the encoder of the generation that is searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from db.models.encoder import Encoder


@dataclass(frozen=True, slots=True, eq=False)
class EncodedQuestion:
    """`vector` is what one encoder made of `text`: (dim,) float32, L2-normalised."""

    text: str
    vector: NDArray[np.float32]


def encode_questions(encoder: Encoder, texts: Sequence[str]) -> list[EncodedQuestion]:
    """Encodes questions, in their order, by one call of the encoder.

    Raises:
        ModelError: the model gives something else than numbers.
    """
    vectors = encoder.encode_questions(texts)
    return [EncodedQuestion(text, vector) for text, vector in zip(texts, vectors, strict=True)]
