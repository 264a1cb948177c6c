"""What a person says of documents beside who may see them: whose they are, and that their source is to say again."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from db.schema import document


def set_owner(engine: sa.Engine, uris: Sequence[str], owner: str | None) -> int:
    """Says whose these documents are, whatever they say; None: what they say from their next change on."""
    said: dict[str, object] = {"owner_is_set": owner is not None}
    return _update(engine, uris, said if owner is None else said | {"owner": owner})


def forget_said_audience(engine: sa.Engine, uris: Sequence[str]) -> int:
    """Lets the next pass say who may see these documents; until it does they are for whom they are for now."""
    return _update(engine, uris, {"audience_from": "", "content_hash": b"to be read anew"})


def _update(engine: sa.Engine, uris: Sequence[str], said: dict[str, object]) -> int:
    stored = document.c.source_uri.in_(uris) & document.c.deleted_at.is_(None)
    with engine.begin() as connection:
        return connection.execute(sa.update(document).where(stored).values(said)).rowcount
