"""What a model knows of words by themselves: its input embeddings, which no text has to be encoded for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from db.models.bert import Bert


@dataclass(frozen=True, slots=True, eq=False)
class WordTable:
    """Vectors of a model's tokens, (tokens, width) float32, as they differ from the average one.

    `beside` are the tokens that stand in every text, as its beginning and end do.
    """

    vectors: NDArray[np.float32]
    beside: frozenset[int]

    def look_up(self, tokens: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """The mean of each text's tokens, (n, width) float32, of unit length; zeros for one that has none."""
        found = np.zeros((len(tokens), self.vectors.shape[1]), dtype=np.float32)
        for row, own in enumerate(tokens):
            kept = [token for token in own if token not in self.beside]
            if kept:
                found[row] = self.vectors[kept].mean(axis=0)
        norms = np.linalg.norm(found, axis=1, keepdims=True)
        np.divide(found, norms, where=norms > 0, out=found)
        return found


def read_word_table(model: SentenceTransformer | Bert) -> WordTable | None:
    """The model's table; None of one that has none, or that isn't laid out as transformers' are."""
    weights = _input_embeddings(model)
    if weights is None:
        return None
    one, other = token_rows(model, ["a", "the"])
    return WordTable(weights - weights.mean(axis=0), frozenset(one) & frozenset(other))


def token_rows(model: SentenceTransformer | Bert, texts: Sequence[str]) -> list[list[int]]:
    """The tokens of each text, without padding."""
    features = model.preprocess(list(texts))
    rows = zip(features["input_ids"].tolist(), features["attention_mask"].tolist(), strict=True)
    return [[token for token, counts in zip(ids, mask, strict=True) if counts] for ids, mask in rows]


def _input_embeddings(model: SentenceTransformer | Bert) -> NDArray[np.float32] | None:
    from db.models.bert import Bert

    if isinstance(model, Bert):
        return model.word_embeddings.cpu().numpy()
    transformer = getattr(model[0], "auto_model", None)
    if transformer is None:
        return None
    table: NDArray[np.float32] = transformer.get_input_embeddings().weight.detach().float().cpu().numpy()
    return table
