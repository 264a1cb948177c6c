"""Attention that trains faster on a CPU: torch's fused one spends a third of a bfloat16 step on its way back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

_NAME = "nightshift_plain"


@contextmanager
def plain_attention(model: SentenceTransformer) -> Iterator[None]:
    """Lets a transformer on a CPU attend by plain matrix products, which CPUs with bfloat16 are fast at.

    The weights of all heads are kept for the backward pass, at two bytes each: 0.5 GB for the default model's batch.
    Nothing changes for models on a GPU, or of an architecture that doesn't let its attention be chosen.
    """
    transformer = getattr(model[0], "auto_model", None) if len(model) else None
    before = getattr(getattr(transformer, "config", None), "_attn_implementation", None)
    if transformer is None or before != "sdpa" or model.device.type != "cpu":
        yield
        return
    _register()
    transformer.set_attn_implementation(_NAME)
    try:
        yield
    finally:
        transformer.set_attn_implementation(before)


def _register() -> None:
    from transformers import AttentionInterface
    from transformers.masking_utils import AttentionMaskInterface, eager_mask

    AttentionInterface.register(_NAME, _attend)
    AttentionMaskInterface.register(_NAME, eager_mask)


def _attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **kwargs: Any,  # noqa: ANN401 - what other attentions want
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """As transformers' `eager_attention_forward`, but in the arithmetic of what comes in.

    Queries are `(batch, heads, tokens, dim)`; keys and values may have fewer heads, which queries then share.
    """
    import torch

    shared = query.shape[1] // key.shape[1]
    if shared > 1:
        key, value = (heads.repeat_interleave(shared, dim=1) for heads in (key, value))
    weights = torch.matmul(query * (query.shape[-1] ** -0.5 if scaling is None else scaling), key.transpose(2, 3))
    if attention_mask is not None:
        # float32's least number is no number in bfloat16, and a row of those would become NaN
        mask = attention_mask[..., : key.shape[-2]].clamp(min=torch.finfo(weights.dtype).min)
        weights = weights + mask.to(weights.dtype)
    weights = torch.nn.functional.dropout(torch.softmax(weights, dim=-1), p=dropout, training=module.training)
    return torch.matmul(weights, value).transpose(1, 2).contiguous(), None
