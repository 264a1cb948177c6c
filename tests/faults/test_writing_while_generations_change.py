"""Fault 23, the writer's side: a generation is promoted or found level between a change's first look and its last.

The change stops where it has read which generations it must reach and written nothing. The other one goes until it is
through or waits for a lock: so the two have met in the window, whoever has to wait.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from db.corpus import documents, remove_documents, write_documents
from db.errors import NotCaughtUpError
from db.generations import Generation, backfill, catch_up_and_promote, count_missing
from db.generations.catalogue import promote, serving
from db.store import RawConnection, raw_connection
from tests.db.corpus.test_documents import draft, encode
from tests.db.embedded.processes import wait_for
from tests.db.generations.test_filling import require_exact
from tests.synthetic import HashingEncoder, add_audience, make_generation, serve

Change = Callable[[sa.Engine], object]

CHANGES = {
    "a document arrives": lambda engine: write_documents(engine, [draft("new", *"abcdefg")], encode),
    "a document changes": lambda engine: write_documents(engine, [draft("old", "one", "other")], encode),
    "a document goes": lambda engine: remove_documents(engine, ["file:///old.md"]),
    "its readers change": lambda engine: write_documents(
        engine, [draft("old", *"0123456789", audience_id=add_audience(engine, "C1"))], encode
    ),
}


@pytest.fixture
def candidate(engine: sa.Engine) -> Generation:
    """A built generation, level with a document that the serving one holds too."""
    base, made = make_generation(engine), make_generation(engine)
    serve(engine, base)
    write_documents(engine, [draft("old", *"0123456789")], encode)
    backfill(engine, made, HashingEncoder())
    return made


def change_with(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, change: Change, other: Callable[[], object]
) -> Future[object]:
    """Carries out the change, and the other from the moment it knows its generations; the other one's outcome."""
    began: list[Future[object]] = []
    lock = documents._lock

    def lock_and_meet(raw: RawConnection, generations: Sequence[Generation]) -> None:
        lock(raw, generations)
        if not began:
            began.append(pool.submit(other))
            wait_for(lambda: began[0].done() or waits_for_a_lock(engine), "the other one in the window")

    monkeypatch.setattr(documents, "_lock", lock_and_meet)
    with ThreadPoolExecutor(1) as pool:
        change(engine)
    return began[0]


def waits_for_a_lock(engine: sa.Engine) -> bool:
    with raw_connection(engine) as raw:
        waiting = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        return raw.execute(waiting).fetchone() is not None


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_reaches_a_generation_that_is_promoted_meanwhile(
    engine: sa.Engine, candidate: Generation, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    base = serving(engine)

    def promote_level() -> None:
        catch_up_and_promote(
            engine, candidate, HashingEncoder(), lambda _: None, expected_current_id=base.id, by="test"
        )

    change_with(engine, monkeypatch, change, promote_level).result()
    assert serving(engine).id == candidate.id
    for generation in (base, candidate):
        require_exact(engine, generation)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_generation_that_is_found_level_while_documents_change_is_not_promoted_with_what_it_was(
    engine: sa.Engine, candidate: Generation, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    base = serving(engine)

    def swap() -> None:
        promote(engine, candidate, expected_current_id=base.id, by="test")

    change_with(engine, monkeypatch, change, lambda: count_missing(engine, candidate)).result()
    try:
        swap()
    except NotCaughtUpError:
        backfill(engine, candidate, HashingEncoder())
        swap()
    require_exact(engine, candidate)
