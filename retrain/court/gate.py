"""May a candidate serve? Only if it is shown to be better on evidence that the serving generation didn't choose.

Up-votes exist only where the serving generation put a chunk before people, so no candidate can win on them as they
are. Superiority is therefore shown (`superiority`) on golden questions, whose right passages somebody gave, and on
answers in which chance brought up a source; other votes count through the order in which a candidate puts judged
chunks. The checks here see that nothing else got worse; each gives one plain sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrain.court.changes import most_changed
from retrain.court.evidence import ANSWERS, Evidence, Limits, Paired, how_many
from retrain.court.ledger import Ledger
from retrain.court.superiority import Shown, not_worse, show_superiority
from retrain.lesson import SplitRules
from retrain.measures import WRONGLY_SILENT, WRONGLY_TALKATIVE, holm, p_better


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reasons` are sentences for people; `report` has every figure, as JSON can hold it.

    One that `may_be_tried` isn't promoted for want of evidence alone: nothing got worse, and people's votes may decide.
    """

    promote: bool
    reasons: tuple[str, ...]
    report: dict[str, Any]
    may_be_tried: bool = False


def decide(
    evidence: Evidence, ledger: Ledger, limits: Limits | None = None, *, seed: int = 0, trials: bool = False
) -> Verdict:
    """Promote the candidate or refuse it, and say why.

    Broken vectors and missing evidence end it at once, and are no try; otherwise every check is made, so that a refusal
    names all that stands in the way. Where there may be `trials`, too little to judge by is no reason to go no further.
    """
    limits = limits or Limits()
    report: dict[str, Any] = {"learnt_from": evidence.learnt_from}
    if found := _broken_vectors(evidence, limits):
        return Verdict(False, tuple(found), report)
    too_little = _too_little_to_judge_by(evidence, limits)
    lacking = too_little_to_learn_from(evidence.learnt_from, limits)
    if lacking or (too_little and not trials):
        return Verdict(False, (*lacking, *too_little), report)
    if too_little:
        shown = Shown(False, tuple(too_little), may_be=not_worse(evidence.golden.gains))
    else:
        shown = show_superiority(evidence, limits, ledger, seed, report)
    against: list[str] = []
    checks: tuple[Callable[[Evidence, Limits, int, dict[str, Any]], list[str]], ...] = (
        _worse_answers,
        _worse_on_votes,
        _worse_slices,
        _regressed,
        _hubs,
    )
    for check in checks:
        against += check(evidence, limits, seed, report)
    report["changed"] = most_changed(evidence.changes)
    reasons = (*([] if shown.better and against else shown.sentences), *against)
    return Verdict(shown.better and not against, reasons, report, may_be_tried=shown.may_be and not against)


def _broken_vectors(evidence: Evidence, limits: Limits) -> list[str]:
    sample, dimension = evidence.vectors.sample, evidence.vectors.dimension
    if sample.ndim != 2 or sample.shape[1] != dimension or not len(sample):
        return [f"The candidate's vectors have the shape {sample.shape}, not (n, {dimension})."]
    if not np.isfinite(sample).all():
        return ["The candidate's vectors hold values that aren't numbers."]
    norms = np.linalg.norm(sample, axis=1)
    if np.abs(norms - 1).max() > 0.01:
        return [f"The candidate's vectors aren't of length 1 (from {norms.min():.3f} to {norms.max():.3f})."]
    n = len(sample)
    cosine = float((np.square(sample.sum(axis=0, dtype=np.float64)).sum() - n) / (n * (n - 1))) if n > 1 else 0.0
    if cosine > evidence.vectors.scale.at(limits.at_most.mean_cosine):
        return [f"The candidate's vectors have collapsed: two passages' mean cosine is {cosine:.3f}."]
    return []


def too_little_to_learn_from(learnt_from: int, limits: Limits | None = None) -> list[str]:
    """A sentence where too few questions with a right passage train; a night can ask before it trains."""
    lacking = (limits or Limits()).at_least.learnt_from - learnt_from
    if lacking <= 0:
        return []
    return [
        f"There was too little to learn from: {learnt_from} questions with a right passage, and at least "
        f"{learnt_from + lacking} are needed; {lacking} more questions with an up-vote, or as many curated pairs that "
        "train, would do."
    ]


def too_little_to_judge_by(
    n_golden: int, n_votes: int, n_explored: int = 0, limits: Limits | None = None, *, spent: int = 0
) -> list[str]:
    """A sentence where too few questions judge, near-duplicates counted once; a night can ask before it trains.

    `spent` golden questions can't judge any more.
    """
    at_least = (limits or Limits()).at_least
    if n_golden >= at_least.golden or n_votes >= at_least.votes or n_explored >= at_least.golden:
        return []
    pairs = SplitRules().pairs_to_add(n_golden, at_least.golden)
    missing = (
        f"There was too little to judge by: {n_golden} golden questions and {n_votes} held-out questions with both "
        f"an up- and a down-vote, near-duplicates counted once; at least {at_least.golden} of the first or "
        f"{at_least.votes} of the second are needed, so about {pairs} more golden pairs would do."
    )
    if spent:
        missing += f" Another {spent} golden questions trained in earlier nights, and what trained never judges."
    return [missing]


def _too_little_to_judge_by(evidence: Evidence, limits: Limits) -> list[str]:
    n_explored = len(evidence.trial.gains) if evidence.trial else 0
    return too_little_to_judge_by(len(evidence.golden.gains), len(evidence.votes.gains), n_explored, limits)


def _worse_answers(evidence: Evidence, limits: Limits, seed: int, report: dict[str, Any]) -> list[str]:
    """What people get is answers: by none of their shares may it be worse, however well it ranks."""
    compared = {name: paired for name, paired in evidence.answers.items() if len(paired.gains)}
    if not compared:
        return []
    worse = {name: -ANSWERS[name][1] * paired.gains for name, paired in compared.items()}
    p_worse = {name: p_better(own, limits.luck.randomisations, seed) for name, own in worse.items()}
    report["answers"] = {name: compared[name].figures() | {"p_worse": p} for name, p in p_worse.items()}
    beyond_doubt, likely = holm(p_worse, alpha=0.05), holm(p_worse, alpha=limits.luck.fall_p)
    reasons = []
    for name, p in p_worse.items():
        is_allowed = name not in likely or worse[name].mean() <= limits.at_most.answers_worse
        if name == WRONGLY_SILENT:
            is_allowed &= p >= limits.luck.silence_p
        if name not in beyond_doubt and is_allowed:
            continue
        figures = report["answers"][name]
        reasons.append(
            f"Of {how_many('golden questions', figures)} the share that is {ANSWERS[name][0]} went from "
            f"{figures['before']:.1%} to {figures['after']:.1%} (p = {p:.4f}): people's answers would be worse."
        )
    return reasons


def _worse_on_votes(evidence: Evidence, limits: Limits, seed: int, report: dict[str, Any]) -> list[str]:
    gains = evidence.votes.gains
    if not len(gains):
        return []
    report.setdefault("votes", evidence.votes.figures())
    worse = p_better(-gains, limits.luck.randomisations, seed)
    report["votes"]["p_worse"] = worse
    is_allowed = gains.mean() >= -limits.at_most.votes_fall or worse >= limits.luck.fall_p
    if gains.mean() >= 0 or (worse >= 0.05 and is_allowed):
        return []
    asked = how_many("held-out voted questions", report["votes"])
    return [
        f"On {asked} the share of up- over down-voted sources put in the right order fell by {-gains.mean():.3f} (p = "
        f"{worse:.4f}); at most {limits.at_most.votes_fall:.3f} is allowed, and none that is beyond doubt."
    ]


def _worse_slices(evidence: Evidence, limits: Limits, seed: int, report: dict[str, Any]) -> list[str]:
    reasons = []
    figures = report["slices"] = {}
    for name in sorted(evidence.golden.slices):
        gains = evidence.golden.gains_in(name)
        if not len(gains):
            continue
        worse = p_better(-gains, limits.luck.randomisations, seed)
        figures[name] = evidence.golden.figures(name) | {"p_worse": worse}
        fell = gains.mean() < -limits.at_most.slice_fall and worse < limits.luck.fall_p
        if fell and len(gains) >= limits.at_least.in_slice:
            reasons.append(
                f"On the {how_many('golden questions', figures[name])} of the slice {name!r} ndcg@10 fell by "
                f"{-gains.mean():.3f}; at most {limits.at_most.slice_fall:.3f} is allowed."
            )
    return reasons


def _regressed(evidence: Evidence, limits: Limits, seed: int, report: dict[str, Any]) -> list[str]:
    """What the company never asks may get a little worse, but not break: nobody is served by it as it is."""
    if evidence.regression is None or not len(gains := evidence.regression.gains):
        return []

    def p_worse(worse: NDArray[np.float64]) -> float:
        return p_better(worse, limits.luck.randomisations, seed)

    def fell(worse: NDArray[np.float64], figures: dict[str, Any], most: float) -> bool:
        figures["p_worse"] = p_worse(worse)
        return bool(worse.mean() > most) and figures["p_worse"] < limits.luck.fall_p

    reasons = []
    figures = report["regression"] = evidence.regression.figures()
    if fell(-gains, figures, limits.at_most.regression_fall):
        reasons.append(
            f"On the regression set of {how_many('questions', figures)} ndcg@10 fell by {-gains.mean():.3f}; at most "
            f"{limits.at_most.regression_fall:.3f} is allowed."
        )
    answers = evidence.regression_answers
    report["regression_answers"] = {
        name: paired.figures() | {"p_worse": p_worse(-ANSWERS[name][1] * paired.gains)}
        for name, paired in answers.items()
    }
    if not answers:
        return reasons
    wrong = _wrong(answers)
    figures = report["regression_wrong"] = wrong.figures()
    if fell(wrong.gains, figures, limits.at_most.regression_wrong):
        reasons.append(
            f"Of {how_many('questions of the regression set', figures)} the share that is answered wrongly, or refused "
            f"wrongly, went from {figures['before']:.1%} to {figures['after']:.1%}; a rise by at most "
            f"{limits.at_most.regression_wrong:.1%} is allowed."
        )
    return reasons


def _wrong(answers: Mapping[str, Paired]) -> Paired:
    """Whether each question is answered without a right document, or refused though one was found: never both."""
    silent, talkative = answers[WRONGLY_SILENT], answers[WRONGLY_TALKATIVE]
    before, after = (
        np.nan_to_num(one) + np.nan_to_num(other)
        for one, other in ((silent.incumbent, talkative.incumbent), (silent.candidate, talkative.candidate))
    )
    return Paired(before, after, clusters=talkative.clusters)


def _hubs(evidence: Evidence, limits: Limits, seed: int, report: dict[str, Any]) -> list[str]:
    before, after = evidence.hubs
    report["hubs"] = {"incumbent": before, "candidate": after}
    if after <= before + limits.at_most.hub_growth:
        return []
    return [
        f"One document is among the first 10 for {after:.0%} of the questions, and was for {before:.0%} at most; "
        f"growth by {limits.at_most.hub_growth:.0%} is allowed."
    ]
