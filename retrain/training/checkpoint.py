"""How far a training is, on disk: one that is killed goes on from there.

On a CPU it ends with the very same model; on a GPU sums come in no fixed order, and no two trainings are bit for bit
the same.
"""

from __future__ import annotations

import json
import logging
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

CHECKPOINT_SUFFIX = ".training"
"""Of a checkpoint's name."""

_log = logging.getLogger(__name__)

_MOMENTS = ("step", "exp_avg", "exp_avg_sq")
"""What AdamW keeps of each weight."""


@dataclass(slots=True)
class Checkpoint:
    """One file; `of` says what is trained, and what was kept of anything else is left alone.

    It holds the weights and the optimizer's two moments of each: three times the model's size, and as much again while
    it is replaced. It is written every `every_s` seconds, or less often: writing takes at most `max_share` of the time.
    """

    path: Path
    of: str
    every_s: float = 60.0
    max_share: float = 0.05
    _due: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._due = time.monotonic() + self.every_s

    def save_if_due(self, model: SentenceTransformer, optimizer: torch.optim.Optimizer, losses: list[float]) -> None:
        """Keeps everything as it is after step `len(losses)`; whole, or as it was before.

        A disk that is full ends no training.
        """
        from safetensors import SafetensorError

        began = time.monotonic()
        if began < self._due:
            return
        part = self.path.with_name(self.path.name + ".part")
        try:
            self._write(part, model, optimizer, losses)
        except (OSError, SafetensorError) as error:
            part.unlink(missing_ok=True)
            _log.warning("How far the training is can't be kept (%s); it goes on.", type(error).__name__)
        ended = time.monotonic()
        self._due = ended + max(self.every_s, (ended - began) / self.max_share)

    def _write(
        self, part: Path, model: SentenceTransformer, optimizer: torch.optim.Optimizer, losses: list[float]
    ) -> None:
        from safetensors.torch import save_file

        tensors = {}
        for name, weight in model.named_parameters():
            tensors[f"weight.{name}"] = weight.detach()
            for moment in _MOMENTS:
                if moment in optimizer.state.get(weight, {}):
                    tensors[f"{moment}.{name}"] = optimizer.state[weight][moment]
        save_file(tensors, part, metadata={"of": self.of, "losses": json.dumps(losses)})
        with part.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(part, self.path)

    def load(self, model: SentenceTransformer, optimizer: torch.optim.Optimizer) -> list[float]:
        """Brings model and optimizer to where they were; returns the losses up to there, none if nothing was kept."""
        import torch
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self.path, framework="pt", device=str(model.device)) as file:
                facts = file.metadata() or {}
                if facts.get("of") != self.of:
                    return []
                kept = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
        except (OSError, SafetensorError):
            return []
        with torch.no_grad():
            for name, weight in model.named_parameters():
                weight.copy_(kept[f"weight.{name}"])
                moments = {moment: kept[key] for moment in _MOMENTS if (key := f"{moment}.{name}") in kept}
                if moments:
                    optimizer.state[weight] = moments
        losses: list[float] = json.loads(facts["losses"])
        return losses


def remove_checkpoints(folder: Path) -> None:
    """What trainings left that are over, or were given up."""
    for left in folder.glob(f"*{CHECKPOINT_SUFFIX}*"):
        left.unlink(missing_ok=True)
