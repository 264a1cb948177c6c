"""Is a candidate shown to be better? All that the serving generation didn't choose, in one test.

Golden questions, answers that explored, and the order of sources that people voted on each say a little. Tested one by
one they would share the chance of luck among them; added up they help one another: a stratified test, as for a trial at
several places. Each kind is weighed by how clearly a good night moves it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrain.court.evidence import MEASURES, Evidence, Limits, Paired, how_many
from retrain.court.ledger import Ledger
from retrain.lesson import SplitRules
from retrain.measures import Tried, p_better, p_in_words, p_of_first_luck, questions_needed

TRIED = "tried"
"""Where a gate's report keeps the try for later ones: its `alpha`, and the `gains` by the questions' names."""

_LIKELY = {"golden": 0.25, "trial": 0.2, "votes": 0.15}
"""What a night that learnt something moves a question by, in standard deviations of such moves."""

_MOST_OF_VOTES = 1 / 3
"""Of the statistic, beside other evidence: who was fitted to nothing but what was shown does well by votes on that."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Whether it is better, and the sentences that say so or not; one that isn't shown to be better still `may_be`."""

    better: bool
    sentences: tuple[str, ...]
    may_be: bool = False


def show_superiority(evidence: Evidence, limits: Limits, ledger: Ledger, seed: int, report: dict[str, Any]) -> Shown:
    """Tests the candidate once, at the chance of luck that the ledger has for it, and notes that in `report`."""
    strata = _strata(evidence, limits)
    gains = pool(strata, evidence.names)
    is_votes_alone = strata.keys() == {"votes"}
    alpha = min(ledger.alpha, limits.luck.votes_p) if is_votes_alone else ledger.alpha
    p = p_of_first_luck(gains, ledger.earlier, limits.luck.draws, seed)
    for name, paired in _compared(evidence).items():
        own = paired.gains
        report[name] = paired.figures() | {"p": p_better(own, limits.luck.randomisations, seed)}
    better = p <= alpha and not_worse(evidence.golden.gains)
    report["pooled"] = {
        "p": p,
        "alpha": alpha,
        "better": better,
        "tries": len(ledger.earlier),
        "spent": ledger.spent,
        "shares": _shares(strata),
    }
    moved = {name: round(gain, 6) for name, gain in gains.items() if gain}
    report[TRIED] = {"alpha": alpha if moved else 0.0, "gains": moved}  # where nothing moved, luck had no chance
    seen = ", on ".join(_seen(name, report[name]) for name in strata)
    sentence = f"On {seen}: {{}} ({p_in_words(p)}, and {alpha:.4f} was allowed)."
    if better:
        return Shown(True, (sentence.format("better"),))
    report["takes"] = _what_it_takes(evidence.golden.gains, max(alpha, ledger.share * ledger.spending.at_first))
    sentences = (sentence.format("not shown to be better"), *_little_left(ledger, p, alpha), report["takes"])
    return Shown(False, sentences, may_be=not_worse(evidence.golden.gains))


def tried_in(report: Mapping[str, Any]) -> Tried:
    """The try that a gate's report tells of; one of nothing where it came to none."""
    kept = report.get(TRIED, {})
    return Tried(kept.get("gains", {}), kept.get("alpha", 0.0))


def pool(strata: Mapping[str, Paired], names: Mapping[int, str]) -> dict[str, float]:
    """What each cluster of questions adds to the statistic, by its name.

    A stratum counts by its likely gain, in standard deviations, and its number of questions: of all weights of
    independent strata those that tell a candidate with such gains from luck most often. Turning signs changes no
    square, so luck has no part in the weights. A cluster without a name is in one stratum only.
    """
    pooled: dict[str, float] = defaultdict(float)
    for stratum, share in _shares(strata).items():
        gains = strata[stratum].gain_of_cluster
        squares = sum(gain**2 for gain in gains.values())
        for cluster, gain in gains.items():
            pooled[names.get(cluster, f"{stratum} {cluster}")] += gain * np.sqrt(share / squares) if squares else 0.0
    return dict(pooled)


def _shares(strata: Mapping[str, Paired]) -> dict[str, float]:
    """How much of the statistic's variance under random signs each stratum makes up; 1 in all."""
    parts = {name: _LIKELY[name] ** 2 * len(paired.gains) for name, paired in strata.items()}
    others = sum(part for name, part in parts.items() if name != "votes")
    if others and "votes" in parts:
        parts["votes"] = min(parts["votes"], _MOST_OF_VOTES / (1 - _MOST_OF_VOTES) * others)
    return {name: part / sum(parts.values()) for name, part in parts.items()}


def _compared(evidence: Evidence) -> dict[str, Paired]:
    """What there is to show a candidate better by, in the measures that people are told."""
    every = {"golden": evidence.golden, "trial": evidence.trial, "votes": evidence.votes}
    return {name: paired for name, paired in every.items() if paired is not None and len(paired.gains)}


def _strata(evidence: Evidence, limits: Limits) -> dict[str, Paired]:
    """What is tested: kinds of too few questions have no scatter that could be known."""
    finer = {"golden": evidence.golden_ranks or evidence.golden}
    compared = {name: finer.get(name, paired) for name, paired in _compared(evidence).items()}
    return {name: paired for name, paired in compared.items() if len(paired.gains) >= limits.at_least.in_stratum}


def not_worse(golden: NDArray[np.float64]) -> bool:
    """What votes praise and what stands deep mustn't hide that the first ten got worse."""
    return not len(golden) or round(float(golden.mean()), 3) >= 0


def _seen(name: str, figures: Mapping[str, Any]) -> str:
    what, measure = MEASURES[name]
    return f"{how_many(what, figures)} {measure} went {figures['gain']:+.3f}"


def _little_left(ledger: Ledger, p: float, alpha: float) -> list[str]:
    """Where a first try would have held."""
    if not ledger.earlier or p > ledger.share * ledger.spending.at_first or p <= alpha:
        return []
    rule = ledger.spending
    return [
        f"In a year {rule.in_a_year:.0%} of chance is allowed in all, and {len(ledger.earlier)} earlier "
        f"{'try has' if len(ledger.earlier) == 1 else 'tries have'} used {ledger.spent:.1%}; what comes in goes to the "
        "next try."
    ]


def _what_it_takes(golden: NDArray[np.float64], alpha: float) -> str:
    """Golden pairs are what people can add at will, so it is they that are asked for, whatever fell short."""
    seen = float(golden.mean()) if len(golden) else 0.0
    gain = seen if seen > 0.01 else 0.03
    needed = questions_needed(golden, gain, alpha)
    if needed <= len(golden):
        return "More evidence isn't what is missing."
    pairs = SplitRules().pairs_to_add(len(golden), needed)
    return f"A gain of {gain:.2f} in ndcg@10 needs about {pairs} more golden pairs to be seen."
