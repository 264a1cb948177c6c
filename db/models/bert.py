"""BERT, to encode with and nothing else: it needs torch and a tokenizer only.

After torch's own second, importing sentence-transformers takes 4 s, transformers' BERT 2.4 s, and encoding a question
milliseconds. The vectors are those of sentence-transformers up to rounding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from db.models.bert_folder import BertFolder, read_bert_folder

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

_OUTPUTS = ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense")
_LAYER = (*_OUTPUTS, "attention.output.LayerNorm", "intermediate.dense", "output.dense", "output.LayerNorm")
_EMBEDDINGS = ("word_embeddings", "position_embeddings", "token_type_embeddings")


class Bert:
    """A BERT with pooling, to be encoded with as with a `SentenceTransformer`; it can't be trained.

    Args:
        folder: what its files say.
        weights: by their names in the published checkpoints, without "bert." before them.
        tokenizer: its vocabulary.
    """

    training = False

    def __init__(self, folder: BertFolder, weights: Mapping[str, Tensor], tokenizer: Tokenizer) -> None:
        import torch

        device = torch.accelerator.current_accelerator(check_available=True)
        self.device = device or torch.device("cpu")
        self.prompts = folder.prompts
        self.max_seq_length = folder.max_tokens
        self._folder = folder
        # copied, since a change to a file that is mapped would change the model that is serving
        self._weights = {
            name: value.to(self.device, torch.float32, copy=True)
            for name, value in weights.items()
            if name.startswith(("embeddings.", "encoder."))
        }
        tokenizer.enable_truncation(folder.max_tokens)
        tokenizer.enable_padding(pad_id=folder.pad_id)
        self._tokenizer = tokenizer

    def eval(self) -> Bert:
        """Itself: there is no other mode."""
        return self

    def get_embedding_dimension(self) -> int:
        """Length of a vector."""
        return self.word_embeddings.shape[1]

    @property
    def word_embeddings(self) -> Tensor:
        """Of each token of its vocabulary, (tokens, dimension)."""
        return self._weights["embeddings.word_embeddings.weight"]

    def preprocess(self, texts: Sequence[str], prompt: str = "", task: str | None = None) -> dict[str, Tensor]:
        """Tokens of the texts with the prompt before each, and a mask of what isn't padding; both (n, tokens) int64."""
        import torch

        encoded = self._tokenizer.encode_batch([prompt + text for text in texts])
        return {
            "input_ids": torch.tensor([each.ids for each in encoded]),
            "attention_mask": torch.tensor([each.attention_mask for each in encoded]),
        }

    def __call__(self, features: Mapping[str, Tensor], task: str | None = None) -> dict[str, Tensor]:
        """Adds "sentence_embedding", (n, dimension), to tokens on the model's device."""
        mask = features["attention_mask"]
        hidden = self._embed(features["input_ids"])
        attended = None if bool(mask.all()) else mask.bool()[:, None, None, :]
        for number in range(self._folder.layers):
            hidden = self._layer(f"encoder.layer.{number}.", hidden, attended)
        if self._folder.pooling == "cls":
            pooled = hidden[:, 0]
        else:
            kept = mask.unsqueeze(-1).to(hidden.dtype)
            pooled = (hidden * kept).sum(dim=1) / kept.sum(dim=1).clamp(min=1e-9)
        return {**features, "sentence_embedding": pooled}

    def _embed(self, tokens: Tensor) -> Tensor:
        words, positions, kinds = (self._weights[f"embeddings.{name}.weight"] for name in _EMBEDDINGS)
        return self._norm("embeddings.LayerNorm", words[tokens] + kinds[0] + positions[: tokens.shape[1]])

    def _layer(self, at: str, hidden: Tensor, attended: Tensor | None) -> Tensor:
        from torch.nn.functional import gelu, scaled_dot_product_attention

        texts, tokens, width = hidden.shape
        split = (texts, tokens, self._folder.heads, width // self._folder.heads)
        query, key, value = (self._linear(at + name, hidden).view(split).transpose(1, 2) for name in _OUTPUTS[:3])
        mixed = scaled_dot_product_attention(query, key, value, attn_mask=attended)
        mixed = self._linear(at + _OUTPUTS[3], mixed.transpose(1, 2).reshape(texts, tokens, width))
        hidden = self._norm(at + "attention.output.LayerNorm", mixed + hidden)
        inner = gelu(self._linear(at + "intermediate.dense", hidden))
        return self._norm(at + "output.LayerNorm", self._linear(at + "output.dense", inner) + hidden)

    def _linear(self, name: str, values: Tensor) -> Tensor:
        from torch.nn.functional import linear

        return linear(values, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"])

    def _norm(self, name: str, values: Tensor) -> Tensor:
        from torch.nn.functional import layer_norm

        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return layer_norm(values, weight.shape, weight, bias, self._folder.epsilon)


def load_bert(directory: Path) -> Bert | None:
    """The folder's model if it is a plain BERT whose weights are all there; None for any other.

    Raises:
        Exception: of torch, safetensors or tokenizers, if a file isn't what it says.
    """
    from safetensors.torch import load
    from tokenizers import Tokenizer

    folder = read_bert_folder(directory)
    if folder is None:
        return None
    stored = load((directory / "model.safetensors").read_bytes())
    weights = {name.removeprefix("bert."): value for name, value in stored.items()}
    layers = [f"encoder.layer.{number}.{part}" for number in range(folder.layers) for part in _LAYER]
    needed = {f"{name}.{of}" for name in ("embeddings.LayerNorm", *layers) for of in ("weight", "bias")}
    words, positions, kinds = (f"embeddings.{name}.weight" for name in _EMBEDDINGS)
    tokenizer = Tokenizer.from_file(str(directory / "tokenizer.json"))
    if not needed | {words, positions, kinds} <= weights.keys():
        return None
    if len(weights[words]) < tokenizer.get_vocab_size() or len(weights[positions]) < folder.max_tokens:
        return None
    bert = Bert(folder, weights, tokenizer)
    bert(bert.preprocess(["Does it run?"]))
    return bert
