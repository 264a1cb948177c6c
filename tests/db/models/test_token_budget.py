"""What an encoder reads of a text, counted as it counts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from db.models import find_base_model, token_budget
from db.models.token_budget import read_token_budget

MINILM = find_base_model("all-MiniLM-L6-v2")[0]


def test_a_text_takes_its_tokens_and_two_marks() -> None:
    budget = token_budget("all-MiniLM-L6-v2")
    assert budget is not None and budget.most == 256
    assert budget.shares(["one two three", "", "年假" * 200]) == [5 / 256, 3 / 256, 402 / 256]
    assert budget.shares([]) == []


def test_half_a_surrogate_is_counted_as_it_is_encoded() -> None:
    budget = read_token_budget(MINILM)
    assert budget is not None
    assert budget.shares(["a \ud800 b"]) == budget.shares(["a ? b"])


def copy_of(tmp_path: Path, **changed: dict[str, object] | None) -> Path:
    """The model without its weights, files of these names changed, or taken out."""
    folder = tmp_path / "model"
    shutil.copytree(MINILM, folder, ignore=shutil.ignore_patterns("*.safetensors", "vocab.txt"))
    for name, content in changed.items():
        path = folder / f"{name}.json"
        path.unlink()
        if content is not None:
            path.write_text(json.dumps(content))
    return folder


def test_a_prompt_counts(tmp_path: Path) -> None:
    budget = read_token_budget(copy_of(tmp_path, config_sentence_transformers={"prompts": {"passage": "passage: "}}))
    assert budget is not None
    assert budget.shares(["one two three"]) == [7 / 256]


@pytest.mark.parametrize(
    ("changed", "most"),
    [
        ({"sentence_bert_config": {"max_seq_length": 128}}, 128),
        ({"sentence_bert_config": None, "tokenizer_config": {"model_max_length": 300}}, 300),
        ({"sentence_bert_config": {}, "tokenizer_config": {"model_max_length": 10**30}}, 512),
        ({"sentence_bert_config": {}, "tokenizer_config": {}}, None),
        ({"sentence_bert_config": {}, "config": None}, None),
        ({"tokenizer": None}, None),
    ],
)
def test_how_much_is_read_is_told_as_sentence_transformers_finds_it(
    tmp_path: Path, changed: dict[str, dict[str, object] | None], most: int | None
) -> None:
    budget = read_token_budget(copy_of(tmp_path, **changed))
    assert (None if budget is None else budget.most) == most
