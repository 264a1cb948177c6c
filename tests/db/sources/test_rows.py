"""Sources as they are stored: when each is due, and what of it goes with it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from db import schema
from db.errors import BadInputError, UnknownIdError
from db.nights import database_time
from db.sources import (
    Items,
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
from tests.corpus import add_document


def add(engine: sa.Engine, name: str = "handbook", every_s: int | None = 600) -> StoredSource:
    return add_source(engine, name, "directory", {"path": "/handbook"}, every_s)


def test_a_source_is_found_by_its_name_and_no_second_one_has_it(engine: sa.Engine) -> None:
    made = add(engine)
    assert find_source(engine, "handbook") == made
    with pytest.raises(BadInputError, match="--name"):
        add(engine)
    with pytest.raises(UnknownIdError, match="sources list"):
        find_source(engine, "wiki")


def test_it_counts_the_documents_that_are_its_and_stand(engine: sa.Engine) -> None:
    made = add(engine)
    for title in ("Leave", "Parking", "Removed"):
        add_document(engine, title, [("", f"{title}.")])
    with engine.begin() as connection:
        is_own = schema.document.c.title != "Parking"
        connection.execute(schema.document.update().where(is_own).values(source_id=made.id))
        is_removed = schema.document.c.title == "Removed"
        connection.execute(schema.document.update().where(is_removed).values(deleted_at=sa.func.now()))
    assert [one.documents for one in list_sources(engine)] == [1]


def test_it_is_due_at_once_and_after_a_sync_in_its_interval_or_when_it_asked_to_be_left_alone(
    engine: sa.Engine,
) -> None:
    made = add(engine)
    assert next_due(engine) == made
    for wait_s, expected in ((0.0, 600), (7200.0, 7200)):
        note_outcome(engine, made.id, {"added": 1}, wait_s=wait_s)
        now, noted = database_time(engine), find_source(engine, "handbook")
        assert next_due(engine) is None
        assert noted.outcome == {"added": 1} and noted.synced_at is not None and noted.due_at is not None
        assert timedelta(seconds=expected - 60) < noted.due_at - now <= timedelta(seconds=expected)
    postpone(engine, made.id, -1.0)
    assert next_due(engine) is not None


def test_what_is_synced_by_hand_alone_is_never_due(engine: sa.Engine) -> None:
    made = add(engine, every_s=None)
    note_outcome(engine, made.id, {})
    assert next_due(engine) is None


def test_what_is_being_removed_is_due_and_not_a_second_time_beside(engine: sa.Engine) -> None:
    made = add(engine, every_s=None)
    begin_removal(engine, made.id)
    found = next_due(engine)
    assert found is not None and found.is_going and found.every_s is None
    assert next_due(engine, [made.id]) is None


def test_of_two_the_one_is_next_that_waited_longer(engine: sa.Engine) -> None:
    first, second = add(engine, "a"), add(engine, "b")
    postpone(engine, second.id, -3600.0)
    found = next_due(engine)
    assert found is not None and found.id == second.id != first.id


def test_with_a_source_goes_what_it_remembered_and_documents_become_nobodys(engine: sa.Engine) -> None:
    made = add(engine)
    note_cursor(engine, made.id, "7")
    assert find_source(engine, "handbook").cursor == "7"
    Items(engine, made.id).write("a", {"etag": "1"})
    add_document(engine, "Leave", [("", "Days.")])
    with engine.begin() as connection:
        connection.execute(schema.document.update().values(source_id=made.id))
    delete_source(engine, made.id)
    with engine.connect() as connection:
        assert connection.scalars(sa.select(schema.document.c.source_id)).all() == [None]
        assert connection.scalars(sa.select(schema.source_item.c.key)).all() == []
