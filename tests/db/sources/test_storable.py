"""What others wrote can be stored, whatever is in it."""

from __future__ import annotations

import sqlalchemy as sa

from db.sources import Items, add_source, find_source, note_outcome
from db.sources.storable import storable


def test_what_can_be_stored_stays_as_it_is() -> None:
    told = {"failed": [{"path": "Größe \U0001f697", "reason": "a\\u0000\n"}], "seconds": 1.5, "wait": None, "ok": True}
    assert storable(told) == told
    assert storable({"a": ("b",)}) == {"a": ["b"]}


def test_what_can_t_is_another_character_in_outcomes_and_items(engine: sa.Engine) -> None:
    made = add_source(engine, "handbook", "directory", {}, 600)
    note_outcome(engine, made.id, {"failed": [{"path": "caf\udce9", "reason": "no \0 audience"}]})
    outcome = find_source(engine, "handbook").outcome
    assert outcome == {"failed": [{"path": "caf?", "reason": "no \N{REPLACEMENT CHARACTER} audience"}]}
    items = Items(engine, made.id)
    items.write("a", {"etag": "\0"})
    assert list(items.read()) == [("a", {"etag": "\N{REPLACEMENT CHARACTER}"})]
