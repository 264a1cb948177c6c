"""The night's fit of a ranking as it ships, without one part of it at a time, and what was tried in a part's place."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.quality.fitted import FitParts
from retrain.lesson import LabelRules
from retrain.ranking import FittingRules

SHIPPED = FitParts()

FITS: dict[str, FitParts] = {
    "as it ships": SHIPPED,
    "without the votes": replace(SHIPPED, taught=("pair",)),
    "without the curated pairs": replace(SHIPPED, taught=("question",)),
    "without words": replace(SHIPPED, without=("words", "coverage")),
    "without coverage": replace(SHIPPED, without=("coverage",)),
    "without neighbouring words": replace(SHIPPED, without=("pairs",)),
    "without the title": replace(SHIPPED, without=("in_title",)),
    "without the opening": replace(SHIPPED, without=("in_opening",)),
    "without length": replace(SHIPPED, without=("length",)),
    "without what nobody was shown": replace(SHIPPED, against_unshown=False),
    "without the ridge": replace(SHIPPED, fitting=FittingRules(worth_of=1e-6)),
    "with all 👍 believed alike": replace(SHIPPED, rules=LabelRules(slip_rate=0.0)),
    "with all people believed alike": replace(SHIPPED, rules=LabelRules(min_reliability=0.0)),
    "without caps on people and passages": replace(SHIPPED, rules=LabelRules(person_share=1.0, chunk_share=1.0)),
}
"""What stayed. Each row is the whole fit less one part."""

TRIED_FITS: dict[str, FitParts] = {
    "a ridge worth one question": replace(SHIPPED, fitting=FittingRules(worth_of=1.0)),
    "a ridge worth thirty questions": replace(SHIPPED, fitting=FittingRules(worth_of=30.0)),
    "twice the sharpness": replace(SHIPPED, fitting=FittingRules(sharpness=20.0)),
}
"""What didn't."""
