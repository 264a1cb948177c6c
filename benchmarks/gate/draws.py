"""What the gate sees of real nights: golden questions drawn from the held-out ones of a kept `benchmarks.quality`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.search import CANDIDATES, NOTHING, Ints
from retrain.measures import log_ranks, ndcg_at_k, p_better

DRAWS = 1000
_RANDOMISATIONS = 2000

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rule:
    """A gate's: so many golden questions, by one measure, at one chance of luck."""

    questions: int
    measure: str
    alpha: float


RULES = (
    Rule(50, "ndcg@10", 0.04),
    Rule(50, "log rank", 0.04),
    Rule(75, "log rank", 0.04),
    Rule(75, "log rank", 0.017),
)
"""What golden questions had alone before evidence was pooled; then step by step what they have now."""


def power_of_nights(runs: Path, seeds: list[int]) -> list[dict[str, Any]]:
    """For each seed the gain in truth, and how often each rule sees it: `[{seed, gain, deviation, power: [...]}]`."""
    return [_power_of_night(runs / str(seed)) | {"seed": seed} for seed in seeds]


def _power_of_night(folder: Path) -> dict[str, Any]:
    relevant = _read(folder / "qrels")
    gains = _gains(folder, relevant)
    seen = [
        {**asdict(rule), "power": _power(gains[rule.measure], rule, np.random.default_rng(number))}
        for number, rule in enumerate(RULES)
    ]
    ndcg = gains["ndcg@10"]
    return {"questions": len(ndcg), "gain": float(ndcg.mean()), "deviation": float(ndcg.std()), "rules": seen}


def _gains(folder: Path, relevant: dict[str, dict[str, float]]) -> dict[str, Floats]:
    """Of each held-out question, by measure."""
    before, after = (_read(folder / f"{name}.run") for name in ("ranking", "candidate"))
    number = {document: place for place, document in enumerate(_documents(before, after, relevant))}
    known = [{number[document]: gain for document, gain in own.items()} for own in relevant.values()]
    old, new = (_rows([run.get(question, {}) for question in relevant], number) for run in (before, after))
    return {
        "ndcg@10": ndcg_at_k(new, known) - ndcg_at_k(old, known),
        "log rank": log_ranks(new, known) - log_ranks(old, known),
    }


def _documents(*files: dict[str, dict[str, float]]) -> list[str]:
    return sorted({document for file in files for own in file.values() for document in own})


def _rows(rank_of: list[dict[str, float]], number: dict[str, int]) -> Ints:
    """`(n, CANDIDATES)` documents, best first."""
    rows = np.full((len(rank_of), CANDIDATES), NOTHING, dtype=np.int64)
    for row, ranks in zip(rows, rank_of, strict=True):
        ordered = [number[document] for document in sorted(ranks, key=ranks.__getitem__)][:CANDIDATES]
        row[: len(ordered)] = ordered
    return rows


def _power(gains: Floats, rule: Rule, draw: np.random.Generator) -> float:
    seen = [
        p_better(draw.choice(gains, rule.questions), _RANDOMISATIONS, number) <= rule.alpha for number in range(DRAWS)
    ]
    return float(np.mean(seen))


def _read(path: Path) -> dict[str, dict[str, float]]:
    """Each question's documents with their gain (qrels) or rank (a run): the fourth part of a line in both."""
    read: dict[str, dict[str, float]] = defaultdict(dict)
    for line in path.read_text("utf-8").splitlines():
        question, _, document, figure, *_ = line.split()
        read[question][document] = float(figure)
    return read
