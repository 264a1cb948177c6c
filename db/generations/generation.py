"""What a generation is: one encoder, the corpus vectors it made and its ranking, named together."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from db.generations.ranking import Ranking, StoredRanking
from db.schema import artefact, generation, words
from db.words import DEFAULT_LANGUAGES

Role = Literal["serving", "previous", "trial"]
"""What a generation in service is for: it answers; it can be put back; it answers some, to be compared."""


@dataclass(frozen=True, slots=True)
class Generation:
    """A row of the `generation` table, and of the `artefact` it refers to; others may refer to the same.

    `languages` are those that the store's words are made in, and so a question's, whichever generation it searches.
    """

    id: int
    parent_id: int | None
    run_id: int | None
    artefact_id: int
    base_model: str
    artefact_uri: str
    artefact_sha256: str
    dtype: str
    dimension: int
    status: Literal["building", "built", "refused", "pruned"]
    ef_search: int
    unrelated_nearness: float
    unrelated_spread: float
    ranking: Ranking
    languages: tuple[str, ...]
    metrics: dict[str, Any]
    learnt_from_erased: bool
    created_at: datetime
    promoted_at: datetime | None
    promoted_by: str | None
    forced: bool

    @property
    def table(self) -> str:
        """Name of the table that holds its vectors."""
        return f"embedding_{self.artefact_id}"

    @property
    def is_trained(self) -> bool:
        """Whether a night trained its encoder; otherwise that is the base model, whatever ranking was fitted to it."""
        return not self.artefact_uri.startswith("base:")


def select_generations(*more: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """The fields of `Generation`, in their order, of every generation there is; then these columns."""
    columns = [_column(field.name) for field in fields(Generation)]
    return sa.select(*columns, *more).select_from(generation.join(artefact))


def _column(name: str) -> sa.ColumnElement[Any]:
    if name == "languages":
        stored = sa.select(words.c.languages).scalar_subquery()
        usual = sa.literal(list(DEFAULT_LANGUAGES), words.c.languages.type)
        return sa.type_coerce(sa.func.coalesce(stored, usual), ARRAY(sa.Text, as_tuple=True))
    if name == "ranking":
        return sa.type_coerce(generation.c.ranking, StoredRanking())
    return generation.c[name] if name in generation.c else artefact.c[name.removeprefix("artefact_")]
