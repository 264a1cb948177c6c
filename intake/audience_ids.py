"""The ids of the audiences that a pass meets by name."""

from __future__ import annotations

import sqlalchemy as sa

from db.corpus import NamedAudience, ensure_audience, find_audience

_NEVER_NAMED = -1
"""No audience's id."""


class AudienceIds:
    """Each is looked up once, and stored where it was never named before; in a dry run it then has an id of none."""

    def __init__(self, engine: sa.Engine, *, dry_run: bool) -> None:
        self._engine = engine
        self._dry_run = dry_run
        self._known: dict[NamedAudience, int] = {}

    def __call__(self, named: NamedAudience) -> int:
        """The audience's id."""
        if named not in self._known:
            if self._dry_run:
                found = find_audience(self._engine, named)
                return _NEVER_NAMED if found is None else found
            self._known[named] = ensure_audience(self._engine, named)
        return self._known[named]
