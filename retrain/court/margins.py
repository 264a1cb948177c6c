"""What would have decided a night otherwise, in sentences made from what the gate recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any

from retrain.court.evidence import ANSWERS, MEASURES, Limits, how_many
from retrain.measures import RIGHT, WRONGLY_SILENT, WRONGLY_TALKATIVE

SLICES = {"voted": "documents with votes", "never voted": "documents without votes"}
"""Slices of the golden questions, by the gate's names."""

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
    compared = _compared_in(evidence or {})
    if not evidence or not compared:
        return ["Nothing was compared. What the reasons name comes first; the gate then decides on what it measures."]
    if promoted:
        return [_least_gain(compared, limits), *_room_left(evidence, limits)]
    if any(figures["better"] for figures in compared.values()):
        return ["It was shown to be better: what the reasons name is all that stood in its way."]
    beyond_limits = len(reasons) > len(compared) + 1  # each comparison's reason, then what it takes
    kept = ["The limits that the reasons name have to be kept besides: no gain outweighs them."]
    return [evidence["takes"], *(kept if beyond_limits else [])]


def _compared_in(evidence: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The comparisons that could show a candidate to be better, by name."""
    return {name: evidence[name] for name in MEASURES if {"better", "error"} <= evidence.get(name, {}).keys()}


def _least_gain(compared: Mapping[str, Mapping[str, Any]], limits: Limits) -> str:
    """How small the gain could have been where it was shown best: its share of 5% by weighted Holm's first step."""
    name = min(compared, key=lambda name: (compared[name]["p"] / limits.luck.alphas[name], name))
    alpha = 0.05 * limits.luck.alphas[name] / sum(limits.luck.alphas[other] for other in compared)
    if name == "votes":
        alpha = min(alpha, limits.luck.votes_p)
    figures, (questions, measure) = compared[name], MEASURES[name]
    least = NormalDist().inv_cdf(1 - alpha) * figures["error"]
    return (
        f"p was {figures['p']:.4f}, and had to be under {alpha:.3g}. On the same {how_many(questions, figures)}, "
        f"{measure} going {least:+.3f} or less would not have been enough; it went {figures['gain']:+.3f}."
    )


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
        "regression": f"a fall of more than {limits.at_most.regression_fall:.3f}",
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
