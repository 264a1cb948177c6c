"""What is in a backup, by name, and what it says of itself."""

from __future__ import annotations

from dataclasses import dataclass

ABOUT, DATABASE, MODELS, REPORTS = "about.json", "database.dump", "models", "reports"


@dataclass(frozen=True, slots=True)
class About:
    """What a backup says of itself: who made it and when, of which schema and revision, and what serves in it."""

    nightshift: str
    made_at: str
    schema: str
    revision: str | None
    generation: int | None
    documents: int
    votes: int
