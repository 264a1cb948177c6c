"""What a generation is: one encoder and the corpus vectors it made, named together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Role = Literal["serving", "previous", "trial"]
"""What a generation in service is for: it answers; it can be put back; it answers some, to be compared."""


@dataclass(frozen=True, slots=True)
class Generation:
    """A row of the `generation` table."""

    id: int
    parent_id: int | None
    run_id: int | None
    base_model: str
    artefact_uri: str
    artefact_sha256: str
    dtype: str
    dimension: int
    status: Literal["building", "built", "refused", "pruned"]
    ef_search: int
    min_similarity: float
    metrics: dict[str, Any]
    learnt_from_erased: bool
    created_at: datetime
    promoted_at: datetime | None
    promoted_by: str | None
    forced: bool

    @property
    def table(self) -> str:
        """Name of the table that holds its vectors."""
        return f"embedding_{self.id}"
