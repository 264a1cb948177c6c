"""What a source remembers from one sync to the next of the things that it lists: validators, links, addresses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db.schema import source_item
from db.sources.storable import storable

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Items:
    """The items of one source, each a JSON object by its key; unless they are kept, nothing is written."""

    engine: sa.Engine
    source_id: int
    is_kept: bool = True

    def read(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """All of them, by key; items may be written meanwhile."""
        last = ""
        query = sa.select(source_item.c.key, source_item.c.state).where(source_item.c.source_id == self.source_id)
        while True:
            page = query.where(source_item.c.key > last).order_by(source_item.c.key).limit(_AT_ONCE)
            with self.engine.connect() as connection:
                rows = connection.execute(page).all()
            if not rows:
                return
            last = rows[-1].key
            yield from ((row.key, row.state) for row in rows)

    def write(self, key: str, state: Mapping[str, Any]) -> None:
        """Remembers an item as it is now."""
        if not self.is_kept:
            return
        row = {"source_id": self.source_id, "key": key, "state": storable(state)}
        new = insert(source_item).values(row)
        with self.engine.begin() as connection:
            connection.execute(
                new.on_conflict_do_update(constraint=source_item.primary_key, set_={"state": row["state"]})
            )

    def forget(self, keys: Sequence[str]) -> None:
        """Forgets items, if there are any by these keys."""
        if not self.is_kept:
            return
        own = source_item.c.source_id == self.source_id
        with self.engine.begin() as connection:
            connection.execute(sa.delete(source_item).where(own, source_item.c.key.in_(keys)))
