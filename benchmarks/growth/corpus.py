"""A folder of documents of made text, as large as wanted, pairs about it, and a small encoder with random weights."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from benchmarks.speed.prose import PASSAGES_OF_DOCUMENT, ask_about, write_prose
from db.models import find_base_model

DOCUMENTS, PAIRS, MODEL = "documents", "pairs.jsonl", "encoder"

QUESTIONS = 200
"""Curated pairs that a night learns from and is judged by, however many passages there are."""

_TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt")
_IN_FOLDER = 1_000
_SAMPLE = 200


def write_corpus(folder: Path, passages: int) -> None:
    """So many passages, a section each, in documents of ten; a thousand documents a folder."""
    prose = write_prose(passages)
    for number, title in enumerate(prose.titles):
        own = prose.texts[number * PASSAGES_OF_DOCUMENT : (number + 1) * PASSAGES_OF_DOCUMENT]
        path = folder / DOCUMENTS / f"{number // _IN_FOLDER}" / f"{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        sections = (f"## Part {place}\n\n{text}\n" for place, text in enumerate(own, start=1))
        path.write_text(f"# {title}\n\n" + "\n".join(sections))
    asked = ask_about(prose, QUESTIONS)
    lines = (
        json.dumps({"prompt": text, "completion": prose.texts[row]})
        for text, row in zip(asked.texts, asked.about.tolist(), strict=True)
    )
    (folder / PAIRS).write_text("\n".join(lines) + "\n")


def make_encoder(folder: Path) -> Path:
    """One layer of 32 numbers, widened to the base model's 384, always the same: it places texts by chance.

    All about a middle, as encoders that were trained do: else each passage would be a copy of every other.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer
    from transformers import BertConfig, BertModel

    from db.models import save_model

    made = folder / MODEL
    if made.exists():
        return made
    base, _ = find_base_model("all-MiniLM-L6-v2")
    plain = folder / "plain"
    config = BertConfig(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64, max_position_embeddings=256
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertModel(config).save_pretrained(plain)
        for name in _TOKENIZER:
            shutil.copyfile(base / name, plain / name)
        words, pooling, widened = Transformer(str(plain), max_seq_length=256), Pooling(32), Dense(32, 384)
        placed = SentenceTransformer(modules=[words, pooling], device="cpu").encode(list(write_prose(_SAMPLE).texts))
        with torch.no_grad():
            widened.linear.bias.copy_(-widened.linear.weight @ torch.from_numpy(placed.mean(axis=0)))
        save_model(SentenceTransformer(modules=[words, pooling, widened], device="cpu"), made)
    return made
