"""What would have decided a night otherwise, in sentences made from what the gate recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any

from retrain.court.evidence import ANSWERS, MEASURES, Limits, how_many
from retrain.measures import RIGHT, WRONGLY_SILENT, WRONGLY_TALKATIVE, p_in_words

SLICES = {"voted": "documents with votes", "never voted": "documents without votes"}
"""Slices of the golden questions, by the gate's names."""

_NOTHING = "Nothing was compared. What the reasons name comes first; the gate then decides on what it measures."

_WORSE_ANSWERS = {
    RIGHT: "a clear fall",
    WRONGLY_SILENT: "a rise that is more than luck",
    WRONGLY_TALKATIVE: "a clear rise",
}


def what_would_decide_otherwise(
    evidence: Mapping[str, Any] | None, reasons: Sequence[str], *, promoted: bool, limits: Limits | None = None
) -> list[str]:
    """A sentence for each thing: what a refused night lacks, or how far a promoted one was from being refused.

    Args:
        evidence: the gate's report; None or without comparisons where it didn't come to any.
        reasons: the decision's.
        promoted: the decision.
        limits: those that it was made by.
    """
    limits = limits or Limits()
    evidence = evidence or {}
    if (pooled := evidence.get("pooled")) is None:
        is_older = any("better" in evidence.get(name, {}) for name in MEASURES)  # nights that tested one by one
        return [] if is_older else [_NOTHING]
    if promoted:
        return [_least_gain(pooled), *_room_left(evidence, limits)]
    if pooled["better"]:
        return ["It was shown to be better: what the reasons name is all that stood in its way."]
    kept = ["The limits that the reasons name have to be kept besides: no gain outweighs them."]
    return [evidence["takes"], *(kept if reasons[-1] != evidence["takes"] else [])]


def _least_gain(pooled: Mapping[str, Any]) -> str:
    """How small the gains could all have been, by the normal approximation."""
    p, alpha = pooled["p"], pooled["alpha"]
    share = NormalDist().inv_cdf(1 - alpha) / NormalDist().inv_cdf(1 - p)
    least = f"gains {share:.0%} as large would just have been enough"
    return f"{p_in_words(p)}, and it had to be at most {alpha:.4f}: {least}."


def _room_left(evidence: Mapping[str, Any], limits: Limits) -> list[str]:
    sentences: list[str] = []
    if slices := evidence.get("slices"):
        name, figures = min(slices.items(), key=lambda item: (item[1]["gain"], item[0]))
        sentences.append(
            f"The slice that did worst, {SLICES.get(name, name)}, went {figures['gain']:+.3f}; a clear fall of more "
            f"than {limits.at_most.slice_fall:.3f} would have refused it."
        )
    for name, figures in evidence.get("answers", {}).items():
        sentences.append(
            f"Of {how_many('golden questions', figures)} {figures['before']:.1%} were {ANSWERS[name][0]}, and "
            f"{figures['after']:.1%} are; {_WORSE_ANSWERS[name]} would have refused it."
        )
    falls = {
        "votes": f"a fall beyond doubt, or of more than {limits.at_most.votes_fall:.3f},",
        "regression": f"a clear fall of more than {limits.at_most.regression_fall:.3f}",
    }
    for name, fall in falls.items():
        if name in evidence:
            questions, measure = MEASURES[name]
            sentences.append(
                f"On {how_many(questions, evidence[name])} {measure} went {evidence[name]['gain']:+.3f}; {fall} would "
                "have refused it."
            )
    if hubs := evidence.get("hubs"):
        most = hubs["incumbent"] + limits.at_most.hub_growth
        sentences.append(
            f"The document that most questions find is found by {hubs['candidate']:.0%} of them; more than {most:.0%} "
            "would have refused it."
        )
    return sentences
