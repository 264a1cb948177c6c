"""What serves is changed by one transaction that nothing can slip past, and can always be put back."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from db import schema
from db.errors import EmptyCorpusError, NightshiftError, NotPromotableError, StaleRunError, UnknownIdError
from db.generations import catalogue as generations
from db.generations.catalogue import (
    ensure_base_generation,
    find_candidate,
    get_generation,
    list_generations,
    maintained,
    promote,
    prune,
    remove_candidate,
    require_promotable,
    roll_back,
    serving,
    update_generation,
)
from db.generations.filling import backfill
from db.generations.generation import Generation
from db.generations.locks import lock_for_change
from db.generations.vectors import count_vectors, create_vector_table, drop_vectors, read_vectors
from db.models import encoder
from db.search import search
from db.settings import Settings
from db.store import raw_connection
from tests.conftest import maintenance_connection
from tests.scales import Lifted
from tests.synthetic import (
    HashingEncoder,
    add_audience,
    add_chunks,
    make_generation,
    make_sharing,
    question_at,
    serve,
    unit_vectors,
)


def active(engine: sa.Engine) -> Any:
    """What serves, what did before, and by whom: who puts one in service puts both."""
    with engine.connect() as connection:
        rows = {row.role: row for row in connection.execute(sa.select(schema.in_service))}
    assert len({(row.changed_at, row.changed_by) for row in rows.values()}) == 1
    return rows["serving"].generation_id, rows["previous"].generation_id, rows["serving"].changed_by


def start_run(engine: sa.Engine, *, attempt: int = 1, status: str = "running") -> int:
    row = {"trigger": "cli", "requested_by": "local:console", "status": status, "attempt": attempt}
    with engine.begin() as connection:
        inserted = connection.execute(schema.retrain_run.insert().values(row).returning(schema.retrain_run.c.id))
        return int(inserted.scalar_one())


def table_exists(engine: sa.Engine, generation: Generation) -> bool:
    return sa.inspect(engine).has_table(generation.table)


@pytest.fixture
def base(engine: sa.Engine) -> Generation:
    """A generation that serves four chunks."""
    made = make_generation(engine)
    serve(engine, made)
    add_chunks(engine, 4)
    backfill(engine, made, HashingEncoder())
    return made


@pytest.fixture
def candidate(engine: sa.Engine, base: Generation) -> Generation:
    """Another one that is built and level with the documents."""
    made = make_generation(engine, parent_id=base.id)
    backfill(engine, made, HashingEncoder())
    return made


def test_before_anything_was_ingested_nothing_serves(engine: sa.Engine) -> None:
    for ask in serving, maintained:
        with pytest.raises(EmptyCorpusError):
            ask(engine)
    with pytest.raises(UnknownIdError, match="no generation 7"):
        get_generation(engine, 7)


def test_the_first_generation_is_made_once_however_many_ask(engine: sa.Engine) -> None:
    settings = Settings(encoder_dtype="float32")
    together = threading.Barrier(2)

    def ask() -> Generation:
        together.wait()
        return ensure_base_generation(engine, settings)

    with ThreadPoolExecutor(2) as pool:
        first, second = (future.result() for future in [pool.submit(ask) for _ in range(2)])
    assert first == second == ensure_base_generation(engine, settings) == serving(engine)
    assert list_generations(engine) == maintained(engine) == [first]
    assert (first.dimension, first.dtype, first.status) == (384, "float32", "built")
    assert table_exists(engine, first)


@pytest.mark.parametrize(("unrelated", "setting", "floor"), [(0, 0.3, 0.3), (0.75, 0.3, 0.82), (0.75, -1.0, -1.0)])
def test_the_floor_means_the_same_by_an_encoder_with_another_scale(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, unrelated: float, setting: float, floor: float
) -> None:
    load = encoder.load_encoder
    monkeypatch.setattr("db.models.load_encoder", lambda *given, **named: Lifted(load(*given, **named), unrelated))
    made = ensure_base_generation(engine, Settings(encoder_dtype="float32", min_similarity=setting))
    assert made.min_similarity == pytest.approx(floor, abs=0.01)


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


def wait_for_lock(watcher: psycopg.Connection[Any], waiting: Future[Any], kind: str = "advisory") -> None:
    query = "SELECT count(*) FROM pg_locks WHERE locktype = %s AND NOT granted"
    while watcher.execute(query, (kind,)).fetchone() != (1,):
        assert not waiting.done(), "it didn't wait"


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


def test_a_role_is_one_generation_s_and_a_generation_has_one_role(engine: sa.Engine, base: Generation) -> None:
    for role, generation_id in (("serving", 99), ("previous", base.id), ("winner", make_generation(engine).id)):
        with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
            connection.execute(schema.in_service.insert().values(role=role, generation_id=generation_id))


def test_without_a_previous_generation_there_is_no_rolling_back(engine: sa.Engine, base: Generation) -> None:
    with pytest.raises(NotPromotableError, match="no previous generation"):
        roll_back(engine, by="T1:U1")
    assert serving(engine) == base


def test_pruning_leaves_what_serves_what_it_can_go_back_to_and_what_is_being_built(
    engine: sa.Engine, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path)

    def make(name: str, **values: Any) -> Generation:
        (settings.models_dir / name).mkdir(parents=True)
        (settings.models_dir / name / "model.safetensors").write_bytes(b"weights")
        return make_generation(engine, artefact_uri=f"data:{name}", **values)

    old, refused = make("old"), make("refused", status="refused", run_id=start_run(engine, status="done"))
    given_up = make("given-up", status="building", run_id=start_run(engine, status="failed"))
    building = make("building", status="building", run_id=start_run(engine))
    unfinished = make("unfinished", run_id=start_run(engine))
    previous, current, newest = make("previous"), make("current"), make("newest")
    serve(engine, current, previous)

    assert [item.id for item in prune(engine, settings, keep=1)] == [given_up.id, refused.id, old.id]
    assert [item.id for item in prune(engine, settings)] == [newest.id]
    assert prune(engine, settings) == []
    kept = {building.id, unfinished.id, previous.id, current.id}
    for item in list_generations(engine):
        name = item.artefact_uri.removeprefix("data:")
        assert item.status == "pruned" or item.id in kept
        assert table_exists(engine, item) == (item.id in kept)
        assert (settings.models_dir / name).exists() == (item.id in kept)


def test_what_a_killed_prune_left_on_disk_goes_with_the_next(
    engine: sa.Engine, base: Generation, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path)
    (settings.models_dir / "run-1").mkdir(parents=True)
    make_generation(engine, artefact_uri="data:run-1", status="pruned")
    prune(engine, settings)
    assert list(settings.models_dir.iterdir()) == []


def test_pruning_never_leaves_the_models_folder(engine: sa.Engine, base: Generation, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    make_generation(engine, artefact_uri="data:../precious")
    with pytest.raises(NightshiftError):
        prune(engine, Settings(data_dir=tmp_path))
    assert (tmp_path / "precious").exists()


def test_a_candidate_can_be_removed_unless_it_is_in_service(
    engine: sa.Engine, base: Generation, candidate: Generation
) -> None:
    run_id = start_run(engine)
    with engine.begin() as connection:
        candidate = update_generation(connection, candidate.id, run_id=run_id)
    assert find_candidate(engine, run_id) == candidate
    remove_candidate(engine, candidate)
    assert find_candidate(engine, run_id) is None
    assert not table_exists(engine, candidate)
    with pytest.raises(NightshiftError, match="in service"):
        remove_candidate(engine, base)
    with raw_connection(engine) as raw:
        assert count_vectors(raw, serving(engine)) == 4


def test_vectors_and_model_go_with_the_last_generation_that_uses_them(
    engine: sa.Engine, base: Generation, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path)
    model = settings.models_dir / "run-1"
    model.mkdir(parents=True)
    first = make_generation(engine, artefact_uri="data:run-1")
    second = make_sharing(engine, first)
    serve(engine, base, second)
    assert [item.id for item in prune(engine, settings)] == [first.id]
    assert table_exists(engine, second) and model.exists()
    serve(engine, base)
    assert [item.id for item in prune(engine, settings)] == [second.id]
    assert not table_exists(engine, second) and not model.exists()
    assert get_generation(engine, first.id).artefact_uri == "data:run-1"


def test_a_refused_generation_keeps_a_shared_model_and_no_vectors(
    engine: sa.Engine, base: Generation, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path)
    model = settings.models_dir / "run-1"
    model.mkdir(parents=True)
    first = make_generation(engine, artefact_uri="data:run-1")
    make_sharing(engine, first, status="refused")
    assert [item.id for item in prune(engine, settings, keep=1)] == [first.id]
    assert not table_exists(engine, first) and model.exists()


def test_a_candidate_that_shares_takes_nothing_of_the_other_along(engine: sa.Engine, base: Generation) -> None:
    removed: list[int] = []
    first = make_generation(engine)
    second = make_sharing(engine, first)
    for candidate in second, first:
        assert table_exists(engine, candidate) and removed == []
        remove_candidate(engine, candidate, remove_model=lambda id_=candidate.id: removed.append(id_))
    assert not table_exists(engine, first) and removed == [first.id]
    with engine.connect() as connection:
        assert list(connection.scalars(sa.select(schema.artefact.c.id))) == [base.artefact_id]


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

    monkeypatch.setattr("db.generations.catalogue.level_with_documents", forbidden)
    promote(engine, candidate, expected_current_id=base.id, by="run 1")
    assert serving(engine).id == candidate.id


def test_what_came_into_service_since_it_was_found_prunable_stays(
    engine: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    current, previous = make_generation(engine), make_generation(engine)
    serve(engine, current, previous)
    monkeypatch.setattr(generations, "prunable", lambda *_: [current, previous])
    assert prune(engine, Settings(data_dir=tmp_path)) == []
    assert table_exists(engine, current) and table_exists(engine, previous)
