"""A generation's ranking: the few weights that order what words and vectors found; pure.

What a passage has of each feature is worked out by `db.search.features`; its score is their weighted sum.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

_log = logging.getLogger(__name__)

VERSION = 1
"""Of what the features mean: weights that were fitted to others say nothing of these."""

LEAST_MEANING = 0.05
"""Whatever was fitted, the cosine counts so much: where no word is found it is all there is."""

MOST_LENGTH = 0.3
"""How far length may count, either way."""

MOST_WEIGHT = 10.0
"""No weight is larger: beside it a cosine would be nothing."""


LEAST_CHANGE = 0.005
"""By less a weight is the same: lists turn on cosines, whose second decimal is a passage's rank or two."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """What each feature of a passage counts; as it ships unless said otherwise.

    Attributes:
        meaning: of the cosine between question and passage.
        words: of BM25 as a share of the question's idf.
        coverage: of the share of the question's idf that the passage has.
        pairs: of the share of the question's neighbouring words that stand side by side in it.
        in_title: of the share of its words that the document's title has.
        in_opening: of the share of its words that the passage's first words have.
        length: of the natural logarithm of how many words it has, and one.
    """

    meaning: float = 1.0
    words: float = 0.35
    coverage: float = 0.0
    pairs: float = 0.1
    in_title: float = 0.0
    in_opening: float = 0.0
    length: float = 0.0

    @property
    def words_weight(self) -> float:
        """What words count beside a cosine: by this the best 50 are found that the rest of the ranking orders."""
        return self.words / self.meaning

    @property
    def weights(self) -> tuple[float, ...]:
        """`(len(FEATURES),)`, in their order."""
        return tuple(getattr(self, name) for name in FEATURES)

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {"version": VERSION, "weights": asdict(self)}


FEATURES = tuple(field.name for field in fields(Ranking))
"""What is known of a passage found for a question, in the order of the weights."""

SHIPPED = Ranking()


def is_alike(one: Ranking, other: Ranking) -> bool:
    """Whether hardly a list would be another: no weight is another beside that of meaning, to the second decimal."""
    return all(
        is_same_weight(own / one.meaning, its / other.meaning)
        for own, its in zip(one.weights, other.weights, strict=True)
    )


def is_same_weight(one: float, other: float) -> bool:
    """Whether a weight is hardly another."""
    return abs(one - other) < LEAST_CHANGE


def read_ranking(stored: object) -> tuple[Ranking, str | None]:
    """The ranking that is stored; where it can't be used, the shipped one and a sentence that says why."""
    if stored == {}:
        return SHIPPED, None
    try:
        return Ranking(**_weights_in(stored)), None
    except ValueError as error:
        return SHIPPED, f"The stored ranking isn't used, but the one that Nightshift ships with: {error}."


def _weights_in(stored: object) -> dict[str, float]:
    if not isinstance(stored, Mapping) or not isinstance(stored.get("weights"), Mapping):
        raise ValueError("it has no weights")
    if stored.get("version") != VERSION:
        raise ValueError(f"it is of version {stored.get('version')}, and this is {VERSION}")
    weights = stored["weights"]
    if set(weights) != set(FEATURES):
        named = ", ".join(map(str, sorted(set(weights) ^ set(FEATURES), key=str)))
        raise ValueError(f"its features aren't these: {named}")
    for name, weight in weights.items():
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not math.isfinite(weight):
            raise ValueError(f"the weight of {name} is no number")
        low = {"meaning": LEAST_MEANING, "length": -MOST_LENGTH}.get(name, 0.0)
        if not low <= weight <= (MOST_LENGTH if name == "length" else MOST_WEIGHT):
            raise ValueError(f"the weight of {name} is out of bounds: {weight:g}")
    return {name: float(weight) for name, weight in weights.items()}


class StoredRanking(sa.TypeDecorator[Ranking]):
    """A ranking as it is read from a column of JSON; one that can't be used is read as the shipped one."""

    impl = JSONB
    cache_ok = True

    def process_result_value(self, value: object, dialect: sa.Dialect) -> Ranking:
        """What is stored there."""
        ranking, why_not = read_ranking(value)
        if why_not:
            _warn(why_not)
        return ranking


@cache
def _warn(why_not: str) -> None:
    """Logs it once: a generation is read with each question."""
    _log.warning("%s", why_not)
