"""Sources that are synced: where each is, when it is due, how far it is read, and what it remembers."""

from db.sources.holding import hold_source
from db.sources.items import Items
from db.sources.rows import (
    StoredSource,
    add_source,
    begin_removal,
    delete_source,
    find_source,
    list_sources,
    next_due,
    note_cursor,
    note_outcome,
    postpone,
)

__all__ = [
    "Items",
    "StoredSource",
    "add_source",
    "begin_removal",
    "delete_source",
    "find_source",
    "hold_source",
    "list_sources",
    "next_due",
    "note_cursor",
    "note_outcome",
    "postpone",
]
