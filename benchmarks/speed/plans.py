"""Which indexes serve a statement, as PostgreSQL plans it: what is fast by reading little must be known to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import psycopg

from db.store import reading_connection

if TYPE_CHECKING:
    import sqlalchemy as sa


def indexes_used(engine: sa.Engine, search: Callable[[], object]) -> list[str]:
    """The names of the indexes that are in the plans of the queries that `search` sends, in order."""
    found: set[str] = set()
    for query, parameters in _sent(search):
        with reading_connection(engine) as (raw, _):
            [[plans]] = raw.execute(b"EXPLAIN (FORMAT JSON) " + query, parameters).fetchall()
        found.update(_indexes(plans[0]["Plan"]))
    return sorted(found)


def _sent(search: Callable[[], object]) -> list[tuple[bytes, Any]]:
    sent: list[tuple[bytes, Any]] = []
    execute = psycopg.Cursor.execute

    def listen(cursor: Any, query: Any, params: Any = None, **options: Any) -> Any:  # noqa: ANN401 - as psycopg has it
        text = query if isinstance(query, bytes) else query.encode() if isinstance(query, str) else query.as_bytes()
        if text.split(maxsplit=1)[0].upper() in (b"SELECT", b"WITH"):
            sent.append((text, params))
        return execute(cursor, query, params, **options)

    with patch.object(psycopg.Cursor, "execute", listen):
        search()
    return sent


def _indexes(plan: dict[str, Any]) -> Iterator[str]:
    if name := plan.get("Index Name"):
        yield name
    for part in plan.get("Plans", ()):
        yield from _indexes(part)
