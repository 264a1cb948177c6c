"""Fault 23, the writer's side: a generation is promoted or found level between a change's first look and its last.

The change stops where it has read which generations it must reach and written nothing. The other one goes until it is
through or waits for a lock: so the two have met in the window, whoever has to wait.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest
import sqlalchemy as sa

from db.corpus import documents, remove_documents, write_documents
from db.errors import NotCaughtUpError
from db.generations import Generation, backfill, build_and_measure_index, catch_up_and_promote, count_missing
from db.generations.locks import hold_vectors
from db.generations.removal import prune, remove_candidate
from db.generations.roles import maintained, serving
from db.generations.swap import promote, roll_back
from db.generations.vectors import delete_vectors, level_with_documents, read_vectors
from db.settings import Settings
from db.store import RawConnection, raw_connection
from tests.db.corpus.test_documents import draft, encode
from tests.db.embedded.processes import wait_for
from tests.db.generations.test_filling import require_exact
from tests.synthetic import HashingEncoder, add_audience, make_generation, serve, unit_vectors

Change = Callable[[sa.Engine], object]
Work = Callable[[sa.Engine, Path, Generation], object]

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


class Meeting(NamedTuple):
    """What came of the other one, and whether the change had to go first."""

    outcome: Future[object]
    had_to_wait: bool


def change_with(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, change: Change, other: Callable[[], object]
) -> Meeting:
    """Carries out the change, and the other from the moment it knows its generations."""
    began: list[Future[object]] = []
    had_to_wait: list[bool] = []
    lock = documents._lock

    def lock_and_meet(raw: RawConnection, generations: Sequence[Generation]) -> None:
        lock(raw, generations)
        if not began:
            began.append(pool.submit(other))
            wait_for(lambda: began[0].done() or waits_for_a_lock(engine), "the other one in the window")
            had_to_wait.append(not began[0].done())

    monkeypatch.setattr(documents, "_lock", lock_and_meet)
    with ThreadPoolExecutor(1) as pool:
        change(engine)
    return Meeting(began[0], had_to_wait[0])


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

    change_with(engine, monkeypatch, change, promote_level).outcome.result()
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

    change_with(engine, monkeypatch, change, lambda: count_missing(engine, candidate)).outcome.result()
    try:
        swap()
    except NotCaughtUpError:
        backfill(engine, candidate, HashingEncoder())
        swap()
    require_exact(engine, candidate)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_reaches_what_is_promoted_after_a_roll_back_that_came_meanwhile(
    engine: sa.Engine, candidate: Generation, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    base, previous = serving(engine), make_generation(engine)
    backfill(engine, previous, HashingEncoder())
    serve(engine, base, previous)

    def roll_back_and_promote() -> None:
        roll_back(engine, "test")
        catch_up_and_promote(
            engine, candidate, HashingEncoder(), lambda _: None, expected_current_id=previous.id, by="test"
        )

    change_with(engine, monkeypatch, change, roll_back_and_promote).outcome.result()
    assert [item.id for item in maintained(engine)] == [candidate.id, previous.id]
    for generation in (candidate, previous):
        require_exact(engine, generation)


@pytest.mark.parametrize("statement", range(1, 5))
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_changed_while_a_generation_is_found_level_is_missed_by_no_promotion(
    engine: sa.Engine, candidate: Generation, change: Change, statement: int
) -> None:
    base = serving(engine)
    with raw_connection(engine) as raw:
        hold_vectors(raw, candidate)
        level_with_documents(cast(RawConnection, Meddled(raw, statement, lambda: change(engine))), candidate)
    with suppress(NotCaughtUpError):
        promote(engine, candidate, expected_current_id=base.id, by="test")
        require_exact(engine, candidate)


class Meddled:
    """A connection on which something happens elsewhere after one of its statements."""

    def __init__(self, raw: RawConnection, statement: int, happen: Callable[[], object]) -> None:
        self._raw = raw
        self._left = statement
        self._happen = happen

    def execute(self, *given: Any) -> object:
        result = self._raw.execute(*given)
        self._left -= 1
        if not self._left:
            self._happen()
        return result


WORK: dict[str, Work] = {
    "it is filled": lambda engine, _, candidate: backfill(engine, candidate, HashingEncoder()),
    "its index is built": lambda engine, _, candidate: build_and_measure_index(engine, candidate, 0.9, unit_vectors(5)),
    "it is removed": lambda engine, _, candidate: remove_candidate(engine, candidate),
    "it is pruned": lambda engine, folder, _: prune(engine, Settings(data_dir=folder)),
}


@pytest.mark.parametrize("work", WORK.values(), ids=WORK)
def test_work_on_a_generation_that_isn_t_in_service_waits_for_no_change(
    engine: sa.Engine, candidate: Generation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, work: Work
) -> None:
    with raw_connection(engine) as raw:
        delete_vectors(raw, candidate, read_vectors(engine, candidate).chunk_ids[:3].tolist())
    met = change_with(engine, monkeypatch, CHANGES["a document arrives"], lambda: work(engine, tmp_path, candidate))
    met.outcome.result()
    assert not met.had_to_wait


@pytest.mark.parametrize("is_in_service", [False, True])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_waits_for_work_on_what_it_must_reach_and_for_no_other(
    engine: sa.Engine, candidate: Generation, change: Change, is_in_service: bool
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with raw_connection(engine) as raw:
            hold_vectors(raw, serving(engine) if is_in_service else candidate)
            changing = pool.submit(change, engine)
            wait_for(lambda: changing.done() or waits_for_a_lock(engine), "the change or a lock it waits for")
            assert changing.done() != is_in_service
        changing.result()
