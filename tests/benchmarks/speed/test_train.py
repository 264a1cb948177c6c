"""Who trains beside us computes the same loss on the same rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.speed.handbook import handbook_passages, handbook_questions
from benchmarks.speed.measure import OURS
from benchmarks.speed.train import LIBRARY, TRAINER, make_exercise, trainers
from db.models import SentenceEncoder
from retrain.training import BatchRules, Recipe

RECIPE = Recipe(learning_rate=0.0, epochs=1, min_steps=0, max_tokens=48, batch=BatchRules(size=2))


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-4), ("bfloat16", 0.05)])
def test_everyone_computes_the_same_loss(encoder: SentenceEncoder, dtype: str, tolerance: float) -> None:
    exercise = make_exercise(handbook_questions()[:4], handbook_passages()[:12])
    recipe = replace(RECIPE, dtype=dtype)
    losses = {name: run() for name, run in trainers(encoder.model, exercise, recipe).items()}
    assert len(losses[OURS]) == 2
    assert losses[LIBRARY] == pytest.approx(losses[OURS], abs=tolerance)
    # it draws its own batches, and drops out
    assert losses[TRAINER] == pytest.approx([float(np.mean(losses[OURS]))], abs=1.0)


def test_every_row_needs_passages_of_its_own() -> None:
    with pytest.raises(ValueError, match="three passages"):
        make_exercise(["What?", "Where?"], ["Here.", "There.", "This.", "That.", "Then."])
