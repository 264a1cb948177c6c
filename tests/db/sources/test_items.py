"""What a source remembers is its own, and each item the latest that was written."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.sources import Items, add_source, items


def test_items_are_read_in_the_order_of_their_keys_and_forgotten_by_them(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "_AT_ONCE", 2)
    own, other = (Items(engine, add_source(engine, name, "website", {}, None).id) for name in ("own", "other"))
    for key in ("c", "a", "b"):
        own.write(key, {"etag": key})
    other.write("a", {"etag": "other"})
    own.write("a", {"etag": "later"})
    assert list(own.read()) == [("a", {"etag": "later"}), ("b", {"etag": "b"}), ("c", {"etag": "c"})]
    own.forget(["a", "nothing"])
    assert [key for key, _ in own.read()] == ["b", "c"]
    assert [key for key, _ in other.read()] == ["a"]
