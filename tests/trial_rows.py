"""A trial that goes on, made without any night."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from db.generations import Generation, Terms, Trial, begin_trial, serving
from db.models import Encoder
from db.nights import Run
from tests.night_rows import make_run, store_run

TERMS = Terms(alpha=0.02, share=1.0, most_questions=100, most_days=14)

LOOK: dict[str, Any] = {
    "questions": 40,
    "won": 20,
    "lost": 5,
    "least_won": 20,
    "p": 0.002,
    "allowed": 0.002,
    "spent": 0.002,
    "wealth": 0.1,
    "decision": "go on",
    "at": "2026-03-05T02:00:00+00:00",
}
"""As a look is kept, but for what is said otherwise."""


def night_with_trial(engine: sa.Engine, **values: Any) -> Run:
    """One whose candidate is on trial."""
    return store_run(engine, make_run(**({"decision": "trial", "parent_id": serving(engine).id} | values)))


def begin(engine: sa.Engine, candidate: Generation, encoder: Encoder, terms: Terms = TERMS) -> Trial:
    """Begins a trial against what serves."""
    return begin_trial(engine, candidate, encoder, terms, incumbent_id=serving(engine).id, by="run 1")
