"""What the documents don't answer: questions met with "I don't know" or with nothing but 👎, those alike together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from db.corpus import asked_in_public
from db.models import measure_scale
from db.schema import question, vote

LATEST = 500
"""Questions that are looked at, at most."""

ALIKE = 0.8
"""From where on two questions ask for the same, as a share of their own `Scale`."""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that got no good answer; `is_public` where its text may be shown to others."""

    id: int
    text: str
    is_public: bool
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions alike: how many, and the newest one that was asked in public, if any was."""

    count: int
    example: str | None
    last_asked_at: datetime


def open_questions(engine: sa.Engine) -> list[OpenQuestion]:
    """The newest `LATEST` of them, newest first.

    Raises:
        DatabaseUnavailableError: they can't be read.
    """
    best_vote = sa.select(sa.func.max(vote.c.value)).where(vote.c.question_id == question.c.id).scalar_subquery()
    wanted = (
        sa.select(
            question.c.id,
            sa.func.coalesce(question.c.rewritten_text, question.c.raw_text),
            asked_in_public(),
            question.c.asked_at,
        )
        .where((question.c.answer_kind == "unknown") | (best_vote == -1))
        .order_by(question.c.id.desc())
        .limit(LATEST)
    )
    with engine.connect() as connection:
        return [OpenQuestion(*row) for row in connection.execute(wanted)]


def find_gaps(questions: Sequence[OpenQuestion], encode: Callable[[Sequence[str]], NDArray[np.float32]]) -> list[Gap]:
    """Gathers questions around the newest one that they are like, the commonest gap first.

    Args:
        questions: newest first.
        encode: texts to unit vectors `(n, dim)`.
    """
    if not questions:
        return []
    vectors = encode([asked.text for asked in questions])
    from_cosine = measure_scale(vectors).at(ALIKE)
    free = np.ones(len(questions), dtype=bool)
    gaps = []
    for row, asked in enumerate(questions):
        if free[row]:
            alike = free & (vectors @ vectors[row] >= from_cosine)
            alike[row] = True  # whatever rounding says of a vector and itself
            free &= ~alike
            members = np.flatnonzero(alike).tolist()
            public = (questions[member].text for member in members if questions[member].is_public)
            gaps.append(Gap(len(members), next(public, None), asked.asked_at))
    return sorted(gaps, key=lambda gap: -gap.count)
