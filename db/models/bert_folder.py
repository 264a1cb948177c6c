"""Whether a model's folder holds a plain BERT, and what its files say of it; reads JSON only.

Most small embedding models are one, and need nothing of sentence-transformers to encode. What is said here of a folder
is all that sentence-transformers would act on: whatever isn't known makes it another kind of model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Facts = Mapping[str, Any]

SPECIAL_TOKENS = {"pad": "[PAD]", "unk": "[UNK]", "cls": "[CLS]", "sep": "[SEP]", "mask": "[MASK]"}

_TEXT_ONLY = {"text": {"method": "forward", "method_output_name": "last_hidden_state"}}
_POOLING_MODES = ("cls_token", "max_tokens", "mean_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken")
# Of what these say nothing depends, or it is looked at.
_TOKENIZER_SETTINGS = frozenset(
    "added_tokens_decoder additional_special_tokens backend clean_up_tokenization_spaces do_basic_tokenize "
    "do_lower_case extra_special_tokens is_local local_files_only max_length model_max_length name_or_path never_split "
    "pad_to_multiple_of pad_token_type_id padding_side special_tokens_map_file stride strip_accents "
    "tokenize_chinese_chars tokenizer_class tokenizer_file truncation_side truncation_strategy".split()
) | {f"{name}_token" for name in SPECIAL_TOKENS}


@dataclass(frozen=True, slots=True)
class BertFolder:
    """A plain BERT: what is needed to encode with it beside its weights and its vocabulary."""

    layers: int
    heads: int
    epsilon: float
    pad_id: int
    max_tokens: int
    pooling: Literal["mean", "cls"]
    prompts: Mapping[str, str]


class _OtherModelError(Exception):
    """The folder's model isn't a plain BERT."""


def read_bert_folder(directory: Path) -> BertFolder | None:
    """What the files of a plain BERT say; None for every other model, and for whatever can't be read."""
    try:
        _check_modules(_read(directory, "modules.json"))
        transformer = _read(directory, "sentence_bert_config.json")
        _check_transformer(transformer)
        config = _read(directory, "config.json")
        _check_config(config)
        tokenizer = _read(directory, "tokenizer.json")
        settings = _read(directory, "tokenizer_config.json")
        _check_tokenizer(directory, tokenizer, settings)
        about = _read(directory, "config_sentence_transformers.json")
        known = {"__version__", "prompts", "default_prompt_name", "similarity_fn_name", "model_type"}
        _require(about.keys() <= known, about.get("model_type", "SentenceTransformer") == "SentenceTransformer")
        positions = int(config["max_position_embeddings"])
        max_tokens = transformer.get("max_seq_length") or min(
            positions, int(settings.get("model_max_length", positions))
        )
        _require(2 < max_tokens <= positions, (directory / "model.safetensors").is_file())
        return BertFolder(
            layers=int(config["num_hidden_layers"]),
            heads=int(config["num_attention_heads"]),
            epsilon=float(config.get("layer_norm_eps", 1e-12)),
            pad_id=int(tokenizer["model"]["vocab"][SPECIAL_TOKENS["pad"]]),
            max_tokens=int(max_tokens),
            pooling=_pooling(_read(directory, "1_Pooling/config.json"), int(config["hidden_size"])),
            prompts={str(name): str(prompt) for name, prompt in about.get("prompts", {}).items()},
        )
    except (_OtherModelError, OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _require(*facts: bool) -> None:
    if not all(facts):
        raise _OtherModelError


def _read(directory: Path, name: str) -> Any:  # noqa: ANN401 - whatever somebody wrote
    return json.loads((directory / name).read_bytes())


def _check_modules(modules: Any) -> None:  # noqa: ANN401
    kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
    paths = [str(module["path"]) for module in modules]
    _require(kinds in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]))
    _require(paths[:2] == ["", "1_Pooling"])


def _check_transformer(facts: Facts) -> None:
    known = {"max_seq_length", "do_lower_case", "transformer_task", "modality_config", "module_output_name"}
    _require(
        facts.keys() <= known,
        not facts.get("do_lower_case"),
        facts.get("transformer_task", "feature-extraction") == "feature-extraction",
        facts.get("modality_config", _TEXT_ONLY) == _TEXT_ONLY,
        facts.get("module_output_name", "token_embeddings") == "token_embeddings",
    )


def _check_config(facts: Facts) -> None:
    _require(
        facts["model_type"] == "bert",
        facts.get("hidden_act", "gelu") == "gelu",
        facts.get("position_embedding_type", "absolute") == "absolute",
        not facts.get("is_decoder"),
        not facts.get("add_cross_attention"),
        not facts.keys() & {"auto_map", "quantization_config"},
    )


def _check_tokenizer(directory: Path, tokenizer: Facts, settings: Facts) -> None:
    """Only BERT's own way of cutting texts, of which the two files say the same."""
    _require(
        settings.keys() <= _TOKENIZER_SETTINGS,
        settings.get("tokenizer_class") in ("BertTokenizer", "BertTokenizerFast"),
        settings.get("padding_side", "right") == settings.get("truncation_side", "right") == "right",
        not settings.get("additional_special_tokens"),
        not settings.get("extra_special_tokens"),
        not (directory / "added_tokens.json").exists(),
    )
    for name, token in SPECIAL_TOKENS.items():
        _require(_content(settings.get(f"{name}_token", token)) == token)
    _require(
        tokenizer["normalizer"]
        == {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": settings.get("tokenize_chinese_chars", True),
            "strip_accents": settings.get("strip_accents"),
            "lowercase": settings.get("do_lower_case", True),
        },
        tokenizer["pre_tokenizer"] == {"type": "BertPreTokenizer"},
    )
    model = tokenizer["model"]
    _require(
        model.get("type", "WordPiece") == "WordPiece",
        (model["unk_token"], model["continuing_subword_prefix"]) == (SPECIAL_TOKENS["unk"], "##"),
        model["max_input_chars_per_word"] == 100,
    )
    _check_special_tokens(tokenizer, settings, model["vocab"])


def _check_special_tokens(tokenizer: Facts, settings: Facts, vocabulary: Mapping[str, int]) -> None:
    ids = {token: vocabulary[token] for token in SPECIAL_TOKENS.values()}
    for added in (
        tokenizer["added_tokens"],
        [{"id": int(key), **token} for key, token in settings.get("added_tokens_decoder", {}).items()],
    ):
        for token in added:
            _require(ids.get(token["content"]) == token["id"], bool(token["special"]))
            _require(not any(token[flag] for flag in ("single_word", "lstrip", "rstrip", "normalized")))
    _require({token["content"] for token in tokenizer["added_tokens"]} == ids.keys())
    processor = tokenizer["post_processor"]
    first, last = SPECIAL_TOKENS["cls"], SPECIAL_TOKENS["sep"]
    _require(
        processor["type"] == "TemplateProcessing",
        processor["single"]
        == [
            {"SpecialToken": {"id": first, "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}},
            {"SpecialToken": {"id": last, "type_id": 0}},
        ],
        all(processor["special_tokens"][token]["ids"] == [ids[token]] for token in (first, last)),
    )


def _content(token: Any) -> Any:  # noqa: ANN401
    return token["content"] if isinstance(token, dict) else token


def _pooling(facts: Facts, width: int) -> Literal["mean", "cls"]:
    dimension = facts.get("embedding_dimension", facts.get("word_embedding_dimension"))
    _require(dimension == width, bool(facts.get("include_prompt", True)))
    modes = facts.get("pooling_mode") or [name for name in _POOLING_MODES if facts.get(f"pooling_mode_{name}")]
    modes = [modes] if isinstance(modes, str) else list(modes)
    if modes in (["mean"], ["mean_tokens"], []):
        return "mean"
    _require(modes in (["cls"], ["cls_token"]))
    return "cls"
