"""The encoder: unit vectors in order, whatever the texts, batches, threads, prompts and arithmetic."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from numpy.typing import NDArray

from db.errors import ModelError
from db.models import encoder
from db.models.encoder import SentenceEncoder, _token_batches, choose_dtype, load_encoder, passage_text
from db.models.files import find_base_model, hash_model
from db.models.scale import Scale
from tests.conftest import ROOT
from tests.db.models.test_files import make_model

TEXTS = [
    "Leave is asked for in the portal, at least two weeks ahead.",
    "The car park is behind the building.",
    "Travel is paid back with the next salary. " * 30,
    "Expenses",
    "A desk is booked by the day. " * 9,
]


@pytest.fixture(scope="module")
def minilm() -> SentenceEncoder:
    directory, sha256 = find_base_model("all-MiniLM-L6-v2")
    return load_encoder(directory, sha256=sha256)


@pytest.fixture(scope="module")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "small")


@pytest.fixture
def small(small_folder: Path) -> SentenceEncoder:
    return load_encoder(small_folder, sha256=hash_model(small_folder))


def cosines(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    result: NDArray[np.float32] = (a * b).sum(axis=1)
    return result


@pytest.mark.parametrize(
    ("title", "section", "expected"),
    [
        ("Handbook", "", "Handbook. Text."),
        ("Handbook", "Benefits > Leave", "Handbook. Benefits > Leave. Text."),
        ("Benefits", "Benefits > Leave", "Benefits. Leave. Text."),
        ("Benefits", "benefits ", "Benefits. Text."),
        ("", "Leave", "Leave. Text."),
        ("", "", "Text."),
        ("Leave", "Benefits > Leave", "Leave. Benefits > Leave. Text."),
    ],
)
def test_passage_text(title: str, section: str, expected: str) -> None:
    assert passage_text(title, section, "Text.") == expected


def test_vectors_are_the_models_own_in_the_order_of_the_texts(minilm: SentenceEncoder) -> None:
    expected = minilm.model.encode(TEXTS, normalize_embeddings=True, show_progress_bar=False)
    vectors = minilm.encode_passages(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), minilm.dimension) == (5, 384)
    np.testing.assert_allclose(vectors, expected, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    question = minilm.encode_questions(["Where can I leave my car?"])
    assert int((vectors @ question[0]).argmax()) == 1


def test_a_vector_does_not_depend_on_the_other_texts(minilm: SentenceEncoder) -> None:
    together = minilm.encode_passages(TEXTS)
    alone = np.concatenate([minilm.encode_passages([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert (minilm.encode_passages(TEXTS) == together).all()


def test_bfloat16_agrees_with_float32(minilm: SentenceEncoder) -> None:
    half = SentenceEncoder(minilm.model, "bfloat16")
    vectors = half.encode_passages(TEXTS)
    agreement = cosines(vectors, minilm.encode_passages(TEXTS))
    assert agreement.min() > 0.999
    assert agreement.min() < 1 - 1e-6, "autocast was not on"
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("text", ["", "   ", "\0", "\ud800", "\u200b\ufeff", "\U0001f600", "x" * 100_000, "\0a\udfffb"])
def test_odd_texts_have_unit_vectors(small: SentenceEncoder, text: str) -> None:
    for vectors in (small.encode_questions([text, "fine"]), small.encode_passages(["fine", text])):
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_no_texts_no_vectors(small: SentenceEncoder) -> None:
    assert small.encode_questions([]).shape == small.encode_passages([]).shape == (0, 8)


def test_a_text_of_unknown_words_only_has_a_unit_vector(small: SentenceEncoder) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    model = SentenceTransformer(modules=[StaticEmbedding(small.model.tokenizer, embedding_dim=16)], device="cpu")
    vectors = SentenceEncoder(model).encode_passages(["\u200b", "car", "the car"])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert (vectors[0] == 0.25).all()


def test_progress_adds_up(small: SentenceEncoder) -> None:
    done: list[int] = []
    texts = [f"Chunk {n}. " * (n % 40) for n in range(600)]
    vectors = small.encode_passages(texts, done.append)
    assert sum(done) == len(texts)
    assert len(done) > 2
    np.testing.assert_allclose(
        vectors[[599, 0, 321]], small.encode_passages([texts[n] for n in (599, 0, 321)]), atol=1e-5
    )


@pytest.mark.parametrize("side", ["left", "right"])
def test_batches_hold_a_budget_of_tokens_and_little_padding(side: str) -> None:
    import torch

    lengths = torch.tensor([3, 64, 7, 7, 30, 1, 64, 12])
    positions = torch.arange(64)
    mask = (positions < lengths[:, None]).long()
    ids = mask * (torch.arange(8)[:, None] + 1)
    if side == "left":
        mask, ids = mask.flip(1), ids.flip(1)
    batches = list(_token_batches({"input_ids": ids, "attention_mask": mask, "modality": "text"}, 8, 64))
    assert sorted(row for rows, _ in batches for row in rows) == list(range(8))
    for rows, batch in batches:
        shape = batch["attention_mask"].shape
        assert shape == (len(rows), int(lengths[rows].max()))
        assert shape.numel() <= 64
        assert (batch["input_ids"].max(dim=1).values.numpy() == rows + 1).all()
        assert batch["modality"] == "text"
    assert [len(rows) for rows, _ in batches] == [1, 1, 2, 4]


def test_memory_is_bounded_by_the_window(small: SentenceEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    preprocess = small.model.preprocess

    def watch(texts: list[str], **more: Any) -> dict[str, Any]:
        sizes.append(len(texts))
        return preprocess(texts, **more)

    monkeypatch.setattr(small.model, "preprocess", watch)
    small.encode_passages(["A chunk."] * 1000)
    assert max(sizes) <= 256
    assert sum(sizes) == 1000


@pytest.mark.parametrize(
    ("prompts", "question", "passage"),
    [
        ({"query": "query: ", "passage": "passage: "}, "query: ", "passage: "),
        ({"query": "Q ", "document": "D "}, "Q ", "D "),
        ({}, "", ""),
    ],
)
def test_the_models_prompts_are_used(tmp_path: Path, prompts: dict[str, str], question: str, passage: str) -> None:
    folder = make_model(tmp_path / "model")
    plain = load_encoder(folder, sha256=hash_model(folder))
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": prompts}))
    encoder = load_encoder(folder, sha256=hash_model(folder))
    text = "how do i ask for leave"
    np.testing.assert_allclose(encoder.encode_questions([text]), plain.encode_questions([question + text]), atol=1e-6)
    np.testing.assert_allclose(encoder.encode_passages([text]), plain.encode_passages([passage + text]), atol=1e-6)


def test_one_thread_at_a_time_is_in_the_tokenizer(small: SentenceEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    preprocess = small.model.preprocess
    meeting = threading.Barrier(2, timeout=1)
    met = []

    def meet(texts: list[str], **more: Any) -> dict[str, Any]:
        with suppress(threading.BrokenBarrierError):
            meeting.wait()
            met.append(texts)
        return preprocess(texts, **more)

    monkeypatch.setattr(small.model, "preprocess", meet)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(small.encode_questions, [["one"], ["two"]]))
    assert met == []


def test_threads_do_not_disturb_each_other(tmp_path: Path) -> None:
    # With lengths of their own for questions and passages, the tokenizer changes its settings at each turn.
    folder = make_model(tmp_path / "model", query_length=8, document_length=32)
    encoder = load_encoder(folder, sha256=hash_model(folder))
    passages = ["leave policy for people " * 40 + str(n) for n in range(64)]
    questions = ["one two three four five six seven eight nine ten " * 4]
    calls = [(encoder.encode_passages, passages), (encoder.encode_questions, questions)]
    expected = [call(texts) for call, texts in calls]
    with ThreadPoolExecutor(4) as pool:
        found = [[pool.submit(call, texts) for call, texts in calls] for _ in range(6)]
        for row in found:
            for future, vectors in zip(row, expected, strict=True):
                np.testing.assert_allclose(future.result(), vectors, atol=1e-5)


def test_a_model_in_training_is_encoded_with_as_if_it_were_not(small: SentenceEncoder) -> None:
    before = small.encode_passages(TEXTS)
    small.model.train()
    assert (small.encode_passages(TEXTS) == before).all()


def test_a_model_that_gives_no_numbers_is_refused(small: SentenceEncoder) -> None:
    next(small.model.parameters()).data.fill_(float("nan"))
    with pytest.raises(ModelError, match="aren't numbers"):
        small.encode_questions(["one"])


def test_a_model_without_a_dimension_is_refused() -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    with pytest.raises(ModelError, match="dimension"):
        SentenceEncoder(SentenceTransformer(modules=[torch.nn.Identity()], device="cpu"))


@pytest.mark.parametrize("dimension", [4001, 4096, 16_384])
def test_a_model_whose_vectors_no_index_takes_is_refused_before_it_is_used(dimension: int) -> None:
    class Wide:
        def get_embedding_dimension(self) -> int:
            return dimension

    with pytest.raises(ModelError, match=f"{dimension:,} numbers.*4,000 at most.*NIGHTSHIFT_BASE_MODEL"):
        SentenceEncoder(Wide())  # type: ignore[arg-type]


def test_an_unknown_dtype_is_refused(small_folder: Path) -> None:
    with pytest.raises(ModelError, match="float16"):
        load_encoder(small_folder, sha256=hash_model(small_folder), dtype="float16")


def test_dtype_is_chosen_once(small_folder: Path) -> None:
    chosen = choose_dtype(small_folder)
    assert chosen in ("float32", "bfloat16")
    assert load_encoder(small_folder, sha256=hash_model(small_folder), dtype="auto").dtype == chosen
    assert choose_dtype.cache_info().hits >= 1


def test_importing_loads_nothing_heavy() -> None:
    code = "import sys, db.models.encoder; sys.exit('torch' in sys.modules or 'huggingface_hub' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=120)


@pytest.mark.parametrize(("unrelated", "chosen"), [(0.0, "bfloat16"), (0.75, "float32")])
def test_fast_arithmetic_must_agree_as_well_on_a_narrow_scale(
    monkeypatch: pytest.MonkeyPatch, unrelated: float, chosen: str
) -> None:
    class Imprecise:
        """Twice as fast in bfloat16, at a cosine of .9993 with itself."""

        dimension = 3
        dtype = "float32"
        now = 0.0

        def encode_passages(self, texts: list[str]) -> NDArray[np.float32]:
            self.now += 2.0 if self.dtype == "float32" else 1.0
            off = 0.0375 if self.dtype == "bfloat16" else 0.0
            return np.tile(np.array([[np.cos(off), np.sin(off), 0]], np.float32), (len(texts), 1))

    imprecise = Imprecise()
    monkeypatch.setattr(encoder, "load_encoder", lambda *_, **__: imprecise)
    monkeypatch.setattr(encoder, "hash_model", lambda _: "")
    monkeypatch.setattr(encoder, "measure_encoder", lambda _: Scale(unrelated))
    monkeypatch.setattr(encoder.time, "perf_counter", lambda: imprecise.now)
    assert choose_dtype.__wrapped__(Path("none")) == chosen


def test_memory_is_given_back_after_many_passages_and_not_after_a_question(
    small: SentenceEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "give_back_holes", given_back := Mock())
    small.encode_passages(["a"] * (encoder.WINDOW - 1))
    small.encode_questions(["a"] * encoder.WINDOW)
    given_back.assert_not_called()
    small.encode_passages(["a"] * encoder.WINDOW)
    given_back.assert_called_once_with()
