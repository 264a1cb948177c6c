"""Fine-tuning an encoder on training rows."""

from retrain.training.batches import BatchRules, group_rows
from retrain.training.checkpoint import CHECKPOINT_SUFFIX, Checkpoint, remove_checkpoints
from retrain.training.memory import give_back_memory
from retrain.training.train import Recipe, fit

__all__ = [
    "BatchRules",
    "Checkpoint",
    "Recipe",
    "CHECKPOINT_SUFFIX",
    "fit",
    "give_back_memory",
    "group_rows",
    "remove_checkpoints",
]
