"""Training's own attention is the same function, and is gone afterwards."""

from __future__ import annotations

import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from db.models import SentenceEncoder, find_base_model, load_encoder
from retrain.training.attention import _attend, plain_attention

TEXTS = ["What is a quota?", "A quota is what a person may ask within an hour, and there is one for channels as well."]


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    directory, sha256 = find_base_model("all-MiniLM-L6-v2")
    return load_encoder(directory, sha256=sha256)


def vectors_and_gradient(model: SentenceTransformer) -> tuple[torch.Tensor, torch.Tensor]:
    model.zero_grad()
    vectors = model(model.preprocess(TEXTS))["sentence_embedding"]
    (vectors[0] @ vectors[1]).backward()
    weight = next(own for name, own in model.named_parameters() if "attention.self.query.weight" in name)
    assert weight.grad is not None
    return vectors.detach(), weight.grad.clone()


def test_vectors_and_gradients_are_the_same(encoder: SentenceEncoder) -> None:
    fused = vectors_and_gradient(encoder.model)
    with plain_attention(encoder.model):
        assert encoder.model[0].auto_model.config._attn_implementation != "sdpa"
        plain = vectors_and_gradient(encoder.model)
    for one, other in zip(fused, plain, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)


def test_it_is_gone_afterwards_even_after_an_error(encoder: SentenceEncoder) -> None:
    with pytest.raises(FloatingPointError), plain_attention(encoder.model):
        raise FloatingPointError
    assert encoder.model[0].auto_model.config._attn_implementation == "sdpa"


def test_a_model_without_attention_stays_as_it_is() -> None:
    tokenizer = Tokenizer(WordLevel({"a": 0, "[UNK]": 1}, unk_token="[UNK]"))  # noqa: S106
    with plain_attention(SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=4)])) as nothing:
        assert nothing is None


@pytest.mark.parametrize("heads", [4, 2, 1])
def test_queries_may_share_the_heads_of_keys(heads: int) -> None:
    generator = torch.Generator().manual_seed(0)
    query = torch.randn(2, 4, 5, 8, generator=generator)
    key, value = (torch.randn(2, heads, 5, 8, generator=generator) for _ in range(2))
    mask = torch.zeros(2, 1, 5, 5)
    mask[1, :, :, 3:] = torch.finfo(torch.float32).min
    wanted = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, enable_gqa=True)
    given, weights = _attend(torch.nn.Linear(1, 1), query, key, value, mask)
    torch.testing.assert_close(given, wanted.transpose(1, 2))
    assert weights is None


def test_tokens_that_may_look_at_nothing_are_still_numbers_in_bfloat16() -> None:
    query = key = value = torch.ones(1, 1, 2, 4, dtype=torch.bfloat16)
    mask = torch.full((1, 1, 2, 2), torch.finfo(torch.float32).min)
    given, _ = _attend(torch.nn.Linear(1, 1), query, key, value, mask)
    assert given.isfinite().all()
