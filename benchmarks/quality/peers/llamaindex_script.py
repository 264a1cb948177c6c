"""Runs in LlamaIndex's own environment: fine-tunes with its engine's defaults, then encodes, in the current folder.

Reads `dataset.json` and `texts.json`, as `write_input` in llamaindex.py wrote them; writes `vectors.npz`.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path


def main() -> None:
    """Fine-tunes and encodes, as the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", help="the base model's folder")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32", help="to encode with")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"  # read when huggingface_hub is imported

    import numpy as np
    import torch
    from llama_index.finetuning import EmbeddingQAFinetuneDataset, SentenceTransformersFinetuneEngine
    from transformers import set_seed

    set_seed(arguments.seed)
    dataset = EmbeddingQAFinetuneDataset.from_json("dataset.json")
    engine = SentenceTransformersFinetuneEngine(
        dataset,
        model_id=arguments.model,
        model_output_path="tuned",
        show_progress_bar=False,
        evaluation_steps=0,  # its 50 are without effect where nothing evaluates, but today's library refuses them then
    )
    engine.finetune()
    texts = json.loads(Path("texts.json").read_text(encoding="utf-8"))
    with torch.autocast(engine.model.device.type, dtype=torch.bfloat16, enabled=arguments.dtype == "bfloat16"):
        vectors = {name: engine.model.encode(each, show_progress_bar=False) for name, each in texts.items()}
    units = {
        name: (each / np.linalg.norm(each, axis=1, keepdims=True)).astype(np.float32) for name, each in vectors.items()
    }
    np.savez("vectors.npz", **units)


if __name__ == "__main__":
    main()
