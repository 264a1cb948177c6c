"""How many tokens of a passage an encoder reads: what is longer it cuts off without a word."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.models.encoder import encodable, prompt_in
from db.models.files import find_base_model

if TYPE_CHECKING:
    from tokenizers import Tokenizer


class TokenBudget:
    """The tokens that a model reads of a passage, the model's prompt and marks among them; safe to use from threads.

    Args:
        tokenizer: the model's own; its truncation and padding are taken out.
        most: tokens that are read.
        prompt: what stands before each passage.
    """

    def __init__(self, tokenizer: Tokenizer, most: int, prompt: str = "") -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self.most = most
        self._tokenizer = tokenizer
        self._prompt = prompt

    def shares(self, texts: Sequence[str]) -> list[float]:
        """How much of the budget each text takes, as `passage_text` made it; over 1 its end wouldn't be read."""
        encoded = self._tokenizer.encode_batch_fast([self._prompt + encodable(text) for text in texts])
        return [len(own.ids) / self.most for own in encoded]


@lru_cache(maxsize=4)
def token_budget(base_model: str) -> TokenBudget | None:
    """The budget of a base model, by its name; None where it reads texts of any length, or doesn't tell.

    Raises:
        ModelError: there is no such model, or it can't be used.
    """
    return read_token_budget(find_base_model(base_model)[0])


def read_token_budget(directory: Path) -> TokenBudget | None:
    """The budget of a model's folder, without loading the model; see `token_budget`."""
    from tokenizers import Tokenizer

    modules = json.loads((directory / "modules.json").read_bytes())
    folder = directory / str(modules[0]["path"])
    most = _most_tokens(folder)
    if most is None or not (folder / "tokenizer.json").is_file():
        return None
    prompts = _read(directory / "config_sentence_transformers.json").get("prompts", {})
    return TokenBudget(Tokenizer.from_file(str(folder / "tokenizer.json")), most, prompt_in(prompts, "document"))


def _most_tokens(folder: Path) -> int | None:
    """As sentence-transformers finds it: the module's own setting, else what positions and tokenizer have room for."""
    own = _read(folder / "sentence_bert_config.json").get("max_seq_length")
    if own is not None:
        return int(own)
    positions = _read(folder / "config.json").get("max_position_embeddings")
    longest = _read(folder / "tokenizer_config.json").get("model_max_length")
    return None if positions is None or longest is None else int(min(positions, longest))


def _read(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.read_bytes()) if path.is_file() else {}
    return told
