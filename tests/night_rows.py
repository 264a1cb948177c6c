"""Nights that never ran, as the rows they would have left: for tests of what is told of a night."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from db.generations import FEATURES, SHIPPED
from db.nights import Run, get_run
from db.schema import retrain_run

INSTANT = _BEGAN = datetime(2026, 3, 5, 2, tzinfo=UTC)

EVIDENCE: dict[str, Any] = {
    "learnt_from": 248,
    "golden": {"n": 258, "before": 0.597, "after": 0.652, "gain": 0.055, "error": 0.018, "p": 0.0013},
    "pooled": {"p": 0.0009, "alpha": 0.02, "better": True, "tries": 0, "spent": 0.0},
    "votes": {"n": 21, "before": 0.61, "after": 0.64, "gain": 0.03, "error": 0.05, "p_worse": 0.8},
    "slices": {
        "never voted": {"n": 138, "before": 0.56, "after": 0.6, "gain": 0.04, "error": 0.027, "p_worse": 0.95},
        "voted": {"n": 120, "before": 0.64, "after": 0.71, "gain": 0.07, "error": 0.024, "p_worse": 0.99},
    },
    "answers": {
        "right": {"n": 258, "before": 0.68, "after": 0.74, "gain": 0.06, "error": 0.02, "p_worse": 0.99},
        "wrongly_silent": {"n": 258, "before": 0.05, "after": 0.04, "gain": -0.01, "error": 0.01, "p_worse": 0.8},
        "wrongly_talkative": {"n": 258, "before": 0.2, "after": 0.18, "gain": -0.02, "error": 0.01, "p_worse": 0.9},
    },
    "regression": {"n": 100, "before": 0.71, "after": 0.7, "gain": -0.01, "error": 0.012},
    "hubs": {"incumbent": 0.08, "candidate": 0.094},
    "changed": {
        "better": [
            {"kind": "pair", "id": 1, "ndcg": [0.0, 1.0], "rank": [0, 1]},
            {"kind": "question", "id": 1, "ndcg": [0.3, 0.6309], "rank": [9, 2]},
        ],
        "worse": [{"kind": "pair", "id": 2, "ndcg": [1.0, 0.5], "rank": [1, 3]}],
    },
}


WEIGHTS = dict(zip(FEATURES, SHIPPED.weights, strict=True))


def make_run(**values: Any) -> Run:
    """A promoted night with everything there is to report, but for what is said otherwise."""
    row: dict[str, Any] = {
        "id": 1,
        "trigger": "cli",
        "requested_by": "alma (command line)",
        "requested_at": _BEGAN,
        "due_at": None,
        "started_at": _BEGAN,
        "finished_at": _BEGAN + timedelta(minutes=3),
        "status": "done",
        "attempt": 1,
        "phase": None,
        "phases": {
            "snapshot": {"seconds": 0.1, "votes": 348, "pairs": 515},
            "learn": {"seconds": 12.7, "labels": 810, "learnt_from": 248, "gate_pairs": 258},
            "train": {
                "seconds": 145.0,
                "learning_rate": 5e-5,
                "steps": 160,
                "loss": 0.48,
                "losses": [2.4 / (1 + step / 40) for step in range(160)],
            },
        },
        "snapshot": {"vote_event_id": 411, "pair_id": 515},
        "parent_id": 1,
        "decision": "promoted",
        "reasons": ["On 258 golden questions ndcg@10 went +0.055 (p = 0.0013): better."],
        "evidence": EVIDENCE,
    }
    return Run(**(row | values))


def store_run(engine: sa.Engine, run: Run) -> Run:
    """Puts the night in the database, under a number of its own."""
    row = {name: value for name, value in asdict(run).items() if name != "id"}
    with engine.begin() as connection:
        made = connection.execute(retrain_run.insert().values(row).returning(retrain_run.c.id)).scalar_one()
    return get_run(engine, made)


def make_ranking_run(**values: Any) -> Run:
    """A promoted ranking run, by which words came to count more and titles something."""
    fitted = {"questions": 84, "before": 0.31, "after": 0.4, "served": WEIGHTS}
    fit = {"seconds": 0.4, "ranking": fitted | {"weights": WEIGHTS | {"words": 0.82, "in_title": 0.1}}}
    phases = {name: facts for name, facts in make_run().phases.items() if name != "train"} | {"fit": fit}
    return make_run(**({"kind": "ranking", "phases": phases} | values))
