"""BERT without sentence-transformers gives sentence-transformers' vectors, or leaves the model to it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import ModelError
from db.models.bert import Bert, load_bert
from db.models.encoder import SentenceEncoder, load_encoder
from db.models.files import find_base_model, hash_model, save_model
from tests.conftest import ROOT
from tests.db.models.test_files import make_model

TEXTS = [
    "Leave is asked for in the portal, at least two weeks ahead.",
    "A desk is booked by the day. " * 90,
    "",
    "[CLS] what does [MASK] mean, [SEP] and [PAD]?",
    "İstanbul, naïve café, ÆØÅ",
    "漢字かな交じり文",
    "x" * 150,
    "\u200b \x07 \ud800",
]
WORDS = st.sampled_from(["leave", "Zürich", "[MASK]", "##ing", "漢", "\u0130", "ß", "…", "\t", "123-4", "x" * 101])
ANY_TEXT = st.text(max_size=60) | st.lists(WORDS, max_size=80).map(" ".join)


@pytest.fixture(scope="module")
def both() -> tuple[SentenceEncoder, SentenceEncoder]:
    """The default model as it serves, and as it is trained."""
    directory, sha256 = find_base_model("all-MiniLM-L6-v2")
    return load_encoder(directory, sha256=sha256, frozen=True), load_encoder(directory, sha256=sha256)


def assert_same(frozen: SentenceEncoder, library: SentenceEncoder, texts: list[str]) -> None:
    for ask in ("encode_questions", "encode_passages"):
        np.testing.assert_allclose(getattr(frozen, ask)(texts), getattr(library, ask)(texts), atol=2e-6)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_default_model_is_one_and_agrees(both: tuple[SentenceEncoder, SentenceEncoder], dtype: str) -> None:
    for encoder in both:
        encoder.dtype = dtype
    assert isinstance(both[0].model, Bert)
    assert both[0].max_seq_length == both[1].max_seq_length == 256
    tolerance = 2e-6 if dtype == "float32" else 2e-3
    np.testing.assert_allclose(both[0].encode_passages(TEXTS), both[1].encode_passages(TEXTS), atol=tolerance)
    for encoder in both:
        encoder.dtype = "float32"


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_any_text_gets_the_librarys_vector(both: tuple[SentenceEncoder, SentenceEncoder], texts: list[str]) -> None:
    assert_same(*both, texts)


def test_what_a_night_saves_is_one_too(both: tuple[SentenceEncoder, SentenceEncoder], tmp_path: Path) -> None:
    folder = tmp_path / "run-1"
    sha256 = save_model(both[1].model, folder)
    saved = load_encoder(folder, sha256=sha256, frozen=True)
    assert isinstance(saved.model, Bert)
    assert_same(saved, both[1], TEXTS)


def edit(name: str, **facts: Any) -> Callable[[Path], None]:
    """Changes entries of a JSON file; None takes one out."""

    def change(folder: Path) -> None:
        path = folder / name
        content = json.loads(path.read_text()) | facts if path.exists() else facts
        path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))

    return change


def rewrite_weights(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Path], None]:
    def rewrite(folder: Path) -> None:
        from safetensors.torch import load, save_file

        path = folder / "model.safetensors"
        save_file(change(load(path.read_bytes())), path, {"format": "pt"})

    return rewrite


def edit_tokenizer(part: str, **facts: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "tokenizer.json"
        content = json.loads(path.read_text())
        content[part] |= facts
        path.write_text(json.dumps(content))

    return change


def together(*changes: Callable[[Path], None]) -> Callable[[Path], None]:
    return lambda folder: [change(folder) for change in changes] and None


ABOUT = "config_sentence_transformers.json"
POOLING = "1_Pooling/config.json"

PLAIN = {
    "as it is": edit(ABOUT),
    "prompts": edit(ABOUT, prompts={"query": "query: ", "passage": "passage: "}),
    "first token": edit(POOLING, pooling_mode_mean_tokens=False, pooling_mode_cls_token=True),
    "first token, as written today": edit(POOLING, pooling_mode="cls", pooling_mode_mean_tokens=None),
    "a shorter limit": edit("sentence_bert_config.json", max_seq_length=7),
    "the tokenizer's limit": together(
        edit("sentence_bert_config.json", max_seq_length=None), edit("tokenizer_config.json", model_max_length=9)
    ),
    "the model's limit": together(
        edit("sentence_bert_config.json", max_seq_length=None),
        edit("tokenizer_config.json", model_max_length=int(1e30)),
    ),
    "another epsilon": edit("config.json", layer_norm_eps=0.5),
    "with capitals": together(
        edit("tokenizer_config.json", do_lower_case=False), edit_tokenizer("normalizer", lowercase=False)
    ),
    "a prefix": rewrite_weights(lambda weights: {f"bert.{name}": value for name, value in weights.items()}),
    "half as long numbers": rewrite_weights(lambda weights: {name: value.half() for name, value in weights.items()}),
    "without Normalize": lambda folder: (
        (folder / "modules.json").write_text(json.dumps(json.loads((folder / "modules.json").read_text())[:2])) and None
    ),
}
OTHER = {
    "activation": edit("config.json", hidden_act="relu"),
    "another pooling": edit(POOLING, pooling_mode_mean_tokens=False, pooling_mode_max_tokens=True),
    "two poolings": edit(POOLING, pooling_mode=["mean"], include_prompt=False),
    "padding before": edit("tokenizer_config.json", padding_side="left"),
    "cut at the start": edit("tokenizer_config.json", truncation_side="left"),
    "files that differ": edit("tokenizer_config.json", do_lower_case=False),
    "words cut otherwise": edit_tokenizer("normalizer", strip_accents=False),
    "lower case first": edit("sentence_bert_config.json", do_lower_case=True),
    "lengths by task": edit("sentence_bert_config.json", query_length=5, document_length=9),
    "a token more": edit("tokenizer_config.json", additional_special_tokens=["leave"]),
}


@pytest.mark.parametrize("change", PLAIN.values(), ids=PLAIN.keys())
def test_what_a_folder_says_is_done(tmp_path: Path, change: Callable[[Path], None]) -> None:
    folder = make_model(tmp_path / "model")
    change(folder)
    sha256 = hash_model(folder)
    frozen, library = (load_encoder(folder, sha256=sha256, frozen=frozen) for frozen in (True, False))
    assert isinstance(frozen.model, Bert)
    assert frozen.max_seq_length == library.max_seq_length
    assert frozen.dimension == library.dimension
    assert_same(frozen, library, TEXTS)


@pytest.mark.parametrize("change", OTHER.values(), ids=OTHER.keys())
def test_another_model_is_left_to_the_library(tmp_path: Path, change: Callable[[Path], None]) -> None:
    folder = make_model(tmp_path / "model")
    change(folder)
    assert load_bert(folder) is None
    sha256 = hash_model(folder)
    frozen, library = (load_encoder(folder, sha256=sha256, frozen=frozen) for frozen in (True, False))
    assert not isinstance(frozen.model, Bert)
    assert_same(frozen, library, TEXTS)


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "model.safetensors").write_bytes(b"nothing"),
        lambda folder: (folder / "tokenizer.json").write_text("{}"),
        rewrite_weights(lambda weights: {name: value[:4].clone() for name, value in weights.items()}),
    ],
    ids=["no weights", "no tokenizer", "too few numbers"],
)
def test_what_is_broken_is_one_plain_sentence(tmp_path: Path, change: Callable[[Path], None]) -> None:
    folder = make_model(tmp_path / "model")
    change(folder)
    with pytest.raises(ModelError, match="can't be loaded"):
        load_encoder(folder, sha256=hash_model(folder), frozen=True)


def test_a_model_that_serves_does_not_change_with_its_file(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model")
    frozen = load_encoder(folder, sha256=hash_model(folder), frozen=True)
    before = frozen.encode_questions(["one"])
    with (folder / "model.safetensors").open("r+b") as file:
        file.seek(-1024, 2)
        file.write(b"\xff" * 1024)
    np.testing.assert_array_equal(frozen.encode_questions(["one"]), before)


def test_the_library_is_not_imported_for_the_default_model() -> None:
    code = (
        "import sys\n"
        "from db.models import find_base_model, load_encoder\n"
        "directory, sha256 = find_base_model('all-MiniLM-L6-v2')\n"
        "assert load_encoder(directory, sha256=sha256, frozen=True).encode_questions(['one']).shape == (1, 384)\n"
        "assert not {'sentence_transformers', 'transformers', 'sklearn', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=120)
