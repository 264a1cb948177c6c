"""How near a generation's sources come to questions that no document answers: what nearness is measured from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa

from db.generations import Generation, update_generation
from db.models import encode_questions
from db.schema import audience
from db.search.gathering import gather
from db.search.relevance import Unrelated, nearness
from db.search.searching import search

if TYPE_CHECKING:
    from db.models import Encoder

_CANDIDATES = 20
_LEAST_SPREAD = 0.02
"""Of fewer documents than there are sources, all questions have the same ones."""

_TRAINED = 0.8
"""Spreads that sources gain by a trained encoder, which tells them apart: the right one comes nearer, its rivals don't,
so that all together they stand out less. By a short night on the sample handbook's pairs, with .4, .6, .8 and 1 of them
10%, 9%, 7% and 6% were refused whose right document was found (6% before it), and of those that no document answers
80%, 78%, 74% and 73% (81% before it). By a whole night, with .8 of them: 4% and 69%."""


@cache
def unanswerable_questions() -> tuple[str, ...]:
    """Small talk, general knowledge, other companies' matters and fragments, as people type them; none judges."""
    return tuple((files("db.search") / "unanswerable.txt").read_text("utf-8").splitlines())


def unrelated_of(nearnesses: Sequence[float], *, trained: bool) -> Unrelated:
    """From the nearness of the sources of each such question, at least one; was the encoder `trained` on votes?"""
    spread = max(_LEAST_SPREAD, float(np.std(nearnesses)))
    return Unrelated(float(np.mean(nearnesses)) - _TRAINED * trained * spread, spread)


def measure_unrelated(engine: sa.Engine, generation: Generation, encoder: Encoder, sources: int) -> Unrelated | None:
    """What it is in this corpus by this generation, which so many sources are shown from; None without documents.

    The questions are of no use to who learns, and none of them judges.
    """
    with engine.connect() as connection:
        audience_ids = list(connection.scalars(sa.select(audience.c.id)))
    nearnesses = []
    for question in encode_questions(encoder, list(unanswerable_questions())):
        found = gather(search(engine, generation, question, audience_ids, _CANDIDATES))
        if found:
            nearnesses.append(nearness(found[:sources]))
    return unrelated_of(nearnesses, trained=generation.is_trained) if nearnesses else None


def keep_unrelated(connection: sa.Connection, generation: Generation, unrelated: Unrelated) -> Generation:
    """Notes what was measured; returns the generation as it is now."""
    return update_generation(
        connection, generation.id, unrelated_nearness=unrelated.nearness, unrelated_spread=unrelated.spread
    )
