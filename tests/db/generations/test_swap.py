"""What serves is changed by one transaction that nothing can slip past, and can always be put back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from db import schema
from db.errors import NotCaughtUpError, NotPromotableError, StaleRunError
from db.generations.catalogue import get_generation
from db.generations.filling import backfill
from db.generations.generation import Generation
from db.generations.locks import lock_for_change
from db.generations.removal import refuse_candidate, remove_candidate
from db.generations.roles import maintained, serving
from db.generations.swap import promote, require_promotable, roll_back
from db.generations.vectors import create_vector_table, drop_vectors, read_vectors
from db.search import search
from db.store import raw_connection
from tests.conftest import maintenance_connection
from tests.db.generations.rows import active, start_run, wait_for_lock
from tests.synthetic import (
    HashingEncoder,
    add_audience,
    add_chunks,
    make_generation,
    make_sharing,
    question_at,
    unit_vectors,
)


def test_promotion_swaps_and_keeps_what_served_to_roll_back_to(
    engine: sa.Engine, base: Generation, candidate: Generation
) -> None:
    promote(engine, candidate, expected_current_id=base.id, by="run 1")
    assert active(engine) == (candidate.id, base.id, "run 1")
    served, previous = maintained(engine)
    assert (served.id, served.promoted_by, served.forced) == (candidate.id, "run 1", False)
    assert served.promoted_at is not None
    assert previous == base


def test_of_two_promotions_against_one_incumbent_the_second_is_stale(
    engine: sa.Engine, base: Generation, candidate: Generation
) -> None:
    rival = make_generation(engine)
    backfill(engine, rival, HashingEncoder())
    promote(engine, rival, expected_current_id=base.id, by="run 1")
    with pytest.raises(StaleRunError, match=f"Generation {base.id} no longer serves"):
        promote(engine, candidate, expected_current_id=base.id, by="run 2")
    assert active(engine) == (rival.id, base.id, "run 1")
    with pytest.raises(StaleRunError):
        promote(engine, rival, expected_current_id=rival.id, by="run 3")
    assert get_generation(engine, candidate.id) == candidate


@pytest.mark.parametrize(("attempt", "status"), [(2, "running"), (1, "failed"), (1, "done")])
def test_a_run_that_was_taken_over_or_ended_can_t_promote(
    engine: sa.Engine, base: Generation, candidate: Generation, attempt: int, status: str
) -> None:
    run_id = start_run(engine, attempt=attempt, status=status)
    with pytest.raises(StaleRunError):
        promote(engine, candidate, expected_current_id=base.id, by="run", run=(run_id, 1))
    assert serving(engine) == base


def test_the_run_in_charge_can_promote(engine: sa.Engine, base: Generation, candidate: Generation) -> None:
    promote(engine, candidate, expected_current_id=base.id, by="run", run=(start_run(engine, attempt=2), 2))
    assert serving(engine).id == candidate.id


@pytest.mark.parametrize("status", ["building", "refused", "pruned"])
def test_only_what_is_built_is_promoted(engine: sa.Engine, base: Generation, status: str) -> None:
    made = make_generation(engine, status=status)
    backfill(engine, made, HashingEncoder())
    with pytest.raises(NotPromotableError, match=status):
        promote(engine, made, expected_current_id=base.id, by="run 1")
    assert serving(engine) == base


def test_a_forced_promotion_of_a_refused_one_is_recorded_for_good(engine: sa.Engine, base: Generation) -> None:
    refused = make_generation(engine, status="refused")
    with pytest.raises(NotPromotableError, match="--force"):
        require_promotable(engine, refused)
    require_promotable(engine, refused, force=True)
    backfill(engine, refused, HashingEncoder())
    promote(engine, refused, expected_current_id=base.id, by="T1:U1", forced=True)
    roll_back(engine, by="T1:U2")
    roll_back(engine, by="T1:U3")
    assert active(engine) == (refused.id, base.id, "T1:U3")
    served = serving(engine)
    assert (served.forced, served.promoted_by, served.status) == (True, "T1:U1", "built")


def test_a_chunk_that_arrived_since_holds_the_promotion_up_until_it_is_embedded(
    engine: sa.Engine, base: Generation, candidate: Generation
) -> None:
    add_chunks(engine, 3)
    with pytest.raises(NotPromotableError, match="lacks 3 chunks"):
        promote(engine, candidate, expected_current_id=base.id, by="run 1")
    assert serving(engine) == base
    assert backfill(engine, candidate, HashingEncoder()) == 3
    promote(engine, candidate, expected_current_id=base.id, by="run 1")
    assert serving(engine).id == candidate.id


def test_what_went_or_moved_since_is_put_right_by_the_promotion(
    engine: sa.Engine, base: Generation, candidate: Generation
) -> None:
    moved, few = add_chunks(engine, 1), add_audience(engine, "C1")
    backfill(engine, candidate, HashingEncoder())
    with raw_connection(engine) as raw:
        lock_for_change(raw, base)
        raw.execute("DELETE FROM chunk WHERE document_id = 1")
        raw.execute("UPDATE document SET audience_id = %s WHERE id = 2", (few,))
    promote(engine, candidate, expected_current_id=base.id, by="run 1")
    stored = read_vectors(engine, candidate)
    assert stored.chunk_ids.tolist() == [moved[0][0]]
    assert stored.audience_ids.tolist() == [few]


def test_a_promotion_waits_for_a_change_under_way_and_sees_it(
    engine: sa.Engine, database_url: str, base: Generation, candidate: Generation
) -> None:
    with ThreadPoolExecutor(1) as pool, maintenance_connection(database_url) as watcher:
        with raw_connection(engine) as raw:
            lock_for_change(raw, base)
            raw.execute(
                "INSERT INTO chunk (document_id, ordinal, section, text, text_hash) VALUES (1, 9, '', 'new', '')"
            )
            promotion = pool.submit(promote, engine, candidate, expected_current_id=base.id, by="run 1")
            wait_for_lock(watcher, promotion)
        with pytest.raises(NotPromotableError, match="lacks 1 chunks"):
            promotion.result()
    assert serving(engine) == base


def test_a_generation_whose_vectors_were_dropped_is_not_promoted(
    engine: sa.Engine, base: Generation, candidate: Generation
) -> None:
    with raw_connection(engine) as raw:
        drop_vectors(raw, candidate)
        create_vector_table(raw, candidate)
    with pytest.raises(NotPromotableError, match="lacks 4 chunks"):
        promote(engine, candidate, expected_current_id=base.id, by="run 1")


def test_rolling_back_and_forward_restores_exactly_what_was(
    engine: sa.Engine, base: Generation, candidate: Generation
) -> None:
    def hits() -> Any:
        return [search(engine, serving(engine), question_at(vector), [1], 3) for vector in unit_vectors(5, seed=3)]

    before = hits()
    promote(engine, candidate, expected_current_id=base.id, by="run 1")
    after, promoted = hits(), maintained(engine)
    assert roll_back(engine, by="T1:U1") == base
    assert hits() == before
    assert active(engine) == (base.id, candidate.id, "T1:U1")
    assert roll_back(engine, by="T1:U2") == promoted[0]
    assert hits() == after
    assert maintained(engine) == promoted


def test_a_roll_back_that_had_to_wait_goes_by_what_serves_then(
    engine: sa.Engine, database_url: str, base: Generation, candidate: Generation
) -> None:
    promote(engine, candidate, expected_current_id=base.id, by="run 1")
    with ThreadPoolExecutor(1) as pool, maintenance_connection(database_url) as watcher:
        with engine.begin() as connection:
            connection.execute(
                sa.select(schema.in_service).where(schema.in_service.c.role == "serving").with_for_update()
            )
            waiting = pool.submit(roll_back, engine, "T1:U1", expected_current_id=candidate.id)
            wait_for_lock(watcher, waiting, "transactionid")
            swap = "UPDATE in_service SET generation_id = :ids - generation_id"
            connection.execute(sa.text(swap), {"ids": base.id + candidate.id})
        with pytest.raises(NotPromotableError, match=f"{candidate.id} doesn't serve any more"):
            waiting.result()
    assert active(engine) == (base.id, candidate.id, "run 1")


def test_without_a_previous_generation_there_is_no_rolling_back(engine: sa.Engine, base: Generation) -> None:
    with pytest.raises(NotPromotableError, match="no previous generation"):
        roll_back(engine, by="T1:U1")
    assert serving(engine) == base


@pytest.mark.parametrize("status", ["pruned", "building"])
def test_a_person_can_t_promote_what_is_not_there(engine: sa.Engine, base: Generation, status: str) -> None:
    for force in False, True:
        with pytest.raises(NotPromotableError, match=status):
            require_promotable(engine, make_generation(engine, status=status), force=force)
    with pytest.raises(NotPromotableError, match="serves already"):
        require_promotable(engine, base)


def test_a_level_generation_is_promoted_without_reading_its_vectors(
    engine: sa.Engine, base: Generation, candidate: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> int:
        raise AssertionError

    monkeypatch.setattr("db.generations.swap.level_with_documents", forbidden)
    promote(engine, candidate, expected_current_id=base.id, by="run 1")
    assert serving(engine).id == candidate.id


def test_a_ranking_takes_the_place_of_another_on_the_same_vectors_and_goes_back(
    engine: sa.Engine, base: Generation
) -> None:
    """A document that changes in between is in both, since there is one table."""
    first, second = make_sharing(engine, base), make_sharing(engine, base)
    promote(engine, first, expected_current_id=base.id, by="run 1")
    promote(engine, second, expected_current_id=first.id, by="run 2")
    assert [item.id for item in maintained(engine)] == [second.id, first.id]
    with pytest.raises(StaleRunError):
        promote(engine, base, expected_current_id=first.id, by="run 3")
    add_chunks(engine, 1)
    with pytest.raises(NotCaughtUpError):
        promote(engine, base, expected_current_id=second.id, by="run 4")
    backfill(engine, second, HashingEncoder())
    assert roll_back(engine, "ann").id == first.id
    assert len(read_vectors(engine, first).chunk_ids) == 5
    with engine.connect() as connection:
        tables = sa.text("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'embedding%'")
        assert connection.scalar(tables) == 1


@pytest.mark.parametrize("gone", ["refused", "removed"])
def test_a_ranking_that_comes_to_nothing_leaves_what_serves_its_vectors(
    engine: sa.Engine, base: Generation, gone: str
) -> None:
    run_id = start_run(engine)
    made = make_sharing(engine, base, run_id=run_id, status="building")
    if gone == "refused":
        refuse_candidate(engine, made, {}, (run_id, 1))
    else:
        remove_candidate(engine, made, (run_id, 1))
    assert len(read_vectors(engine, serving(engine)).chunk_ids) == 4
