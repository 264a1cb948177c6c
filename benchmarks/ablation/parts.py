"""The night's training as it ships, without one part of it at a time, and what was tried in a part's place."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.quality.arrays import Parts
from retrain.lesson import LabelRules, MiningRules
from retrain.training import BatchRules, Recipe

SHIPPED = Parts()

PARTS: dict[str, Parts] = {
    "as it ships": SHIPPED,
    "without the votes": replace(SHIPPED, taught=("pair",)),
    "without the curated pairs": replace(SHIPPED, taught=("question",)),
    "with mined negatives instead of 👎": replace(SHIPPED, recipe=Recipe(batch=BatchRules(voted=0, mined=2))),
    "without mined negatives": replace(SHIPPED, mining=MiningRules(per_positive=0)),
    "without trust in pairs": replace(SHIPPED, trusts_pairs=False),
    "with all 👍 believed alike": replace(SHIPPED, rules=LabelRules(slip_rate=0.0)),
    "with all people believed alike": replace(SHIPPED, rules=LabelRules(min_reliability=0.0)),
    "without an end to the second epoch": replace(SHIPPED, recipe=Recipe(enough_steps=1_000_000)),
    "without caps on people and passages": replace(SHIPPED, rules=LabelRules(person_share=1.0, chunk_share=1.0)),
}
"""What stayed. Each row is the whole recipe less one part. A 👎 that is no negative is still known to be wrong: it is
neither mined nor masked."""

TRIED: dict[str, Parts] = {
    "half of the learning rate": replace(SHIPPED, recipe=Recipe(learning_rate=2.5e-5)),
    "twice the learning rate": replace(SHIPPED, recipe=Recipe(learning_rate=1e-4)),
    "three epochs": replace(SHIPPED, recipe=Recipe(epochs=3, enough_steps=1_000_000)),
    "a third negative": replace(SHIPPED, recipe=Recipe(batch=BatchRules(voted=1, mined=2))),
}
"""What didn't."""
