"""Whose run it is: what a stale attempt may not touch, whose failure ends a `retrain`, and what counts as a death."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from db.errors import NightFailedError, NightOverdueError, StaleRunError
from db.generations import Generation, artefact_directory, backfill, build_and_measure_index, count_missing
from db.generations.catalogue import find_candidate
from db.generations.roles import serving
from db.generations.swap import promote
from db.generations.vectors import read_vectors
from db.nights import find_kept_snapshot, keep_snapshot
from db.nights.leases import MAX_ATTEMPTS
from db.nights.requests import request_run, withdraw_request
from db.nights.runs import Run, get_run, list_runs
from db.nights.taking import finish_run, take_next_run
from db.nights.ticks import request_scheduled_run
from db.privacy import erase_person
from db.schema import artefact, curated_pair, retrain_run
from db.search import Unrelated
from db.settings import Settings
from retrain.court import Side
from retrain.lesson import Snapshot
from retrain.night import attempt, build
from retrain.night.attempt import run_next_night, run_requested_night
from retrain.night.build import measure_refusals, train_generation
from retrain.night.candidate import discard_candidate, keep_built
from retrain.night.run import Night
from tests.corpus import encoders
from tests.night_rows import INSTANT
from tests.synthetic import HashingEncoder, add_chunks, insert_generation, make_generation, serve, unit_vectors

Work = Callable[[Run], Run]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", encoder_dtype="float32")


@pytest.fixture
def base(engine: sa.Engine) -> Generation:
    made = make_generation(engine)
    add_chunks(engine, 3)
    backfill(engine, made, HashingEncoder())
    serve(engine, made)
    return made


@pytest.fixture
def nights_do(monkeypatch: pytest.MonkeyPatch) -> Callable[[Work], None]:
    """Has nights do what the test says instead of training."""
    return lambda work: monkeypatch.setattr(Night, "work", lambda night: work(night.run))


def take_over(engine: sa.Engine, settings: Settings, run: Run) -> Generation:
    """What another process makes that takes the run up: a later attempt, with a candidate, vectors and a model."""
    base = serving(engine)
    with engine.begin() as connection:
        connection.execute(retrain_run.update().where(retrain_run.c.id == run.id).values(attempt=run.attempt + 1))
        made = insert_generation(
            connection,
            base,
            parent_id=base.id,
            run_id=run.id,
            artefact_uri=f"data:run-{run.id}",
        )
    backfill(engine, made, HashingEncoder())
    directory = artefact_directory(made, settings)
    directory.mkdir(parents=True)
    (directory / "model.safetensors").write_text("the successor's")
    return made


def assert_stands(engine: sa.Engine, settings: Settings, candidate: Generation) -> None:
    assert find_candidate(engine, candidate.run_id or 0) == candidate
    assert len(read_vectors(engine, candidate).chunk_ids) == 3
    assert (artefact_directory(candidate, settings) / "model.safetensors").read_text() == "the successor's"


def test_an_attempt_that_fails_after_it_was_taken_over_leaves_its_successor_s_candidate(
    engine: sa.Engine, settings: Settings, base: Generation, nights_do: Callable[[Work], None]
) -> None:
    made: list[Generation] = []

    def fail_late(run: Run) -> Run:
        made.append(take_over(engine, settings, run))
        raise KeyError("what a stale attempt trips over")

    nights_do(fail_late)
    run_id = request_run(engine, "cli", "test")
    with pytest.raises(StaleRunError):
        run_next_night(engine, settings, encoders())
    assert_stands(engine, settings, made[0])
    assert (get_run(engine, run_id).status, get_run(engine, run_id).attempt) == ("running", 2)


def test_a_night_starts_from_the_commit_of_the_base_model_that_its_store_is_of(
    engine: sa.Engine, settings: Settings, base: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def look(night: Night) -> Run:
        seen.append(night.settings.base_model)
        raise KeyError("seen enough")

    monkeypatch.setattr(Night, "work", look)
    name = f"team/model@{'0123456789' * 4}"
    with engine.begin() as connection:
        connection.execute(artefact.update().values(base_model=name))
    request_run(engine, "cli", "test")
    with pytest.raises(NightFailedError):
        run_next_night(engine, settings.model_copy(update={"base_model": "team/model"}), encoders())
    assert seen == [name]


@contextmanager
def stale(engine: sa.Engine, settings: Settings) -> Iterator[tuple[Run, Generation]]:
    request_run(engine, "cli", "test")
    with take_next_run(engine) as run:
        assert run is not None
        yield run, take_over(engine, settings, run)


@pytest.mark.parametrize(
    "act",
    [
        lambda engine, settings, run, made: discard_candidate(engine, settings, made, run.lease),
        lambda engine, _settings, run, made: count_missing(engine, made, run.lease),
        lambda engine, _settings, run, made: backfill(engine, made, HashingEncoder(), lease=run.lease),
        lambda engine, _settings, run, made: build_and_measure_index(engine, made, 0.9, unit_vectors(5), run.lease),
        lambda engine, _settings, run, made: keep_built(engine, made, {"reasons": []}, run.lease),
    ],
    ids=["discard", "count", "backfill", "index", "built"],
)
def test_whatever_a_stale_attempt_would_write_is_refused(
    engine: sa.Engine, settings: Settings, base: Generation, act: Callable[..., object]
) -> None:
    with stale(engine, settings) as (run, made):
        with pytest.raises(StaleRunError):
            act(engine, settings, run, made)
        assert_stands(engine, settings, made)


def test_a_stale_attempt_measures_no_refusals(
    engine: sa.Engine, settings: Settings, base: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "measure_unrelated", lambda *_: Unrelated(0.9, 0.1))
    with stale(engine, settings) as (run, made):
        side: Any = type("Side", (), {"generation": made, "encoder": None})
        with pytest.raises(StaleRunError):
            measure_refusals(engine, settings, side, run.lease)
        assert_stands(engine, settings, made)


def test_a_stale_attempt_s_training_ends_beside_its_successor_s_model(
    engine: sa.Engine, settings: Settings, base: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(_model: object, directory: Path) -> str:
        directory.mkdir()
        (directory / "model.safetensors").write_text("the stale one's")
        return "0" * 64

    encoder: Any = type("Encoder", (), {"dtype": "float32", "model": None, "dimension": 16})
    lesson: Any = type(
        "Lesson", (), {"rows": (), "right": {}, "labels": (), "cluster_of": {}, "snapshot": Snapshot((), {}, {})}
    )
    monkeypatch.setattr(build, "find_base_model", lambda _: (Path("unused"), "0" * 64))
    monkeypatch.setattr(build, "load_encoder", lambda *_, **__: encoder)
    monkeypatch.setattr(build, "texts_of", lambda *_: None)
    monkeypatch.setattr(build, "rows_with_texts", lambda *_: ())
    monkeypatch.setattr(build, "replace", lambda taught, **_: taught)
    monkeypatch.setattr(build, "training_of", lambda *_: "")
    monkeypatch.setattr(build, "fit", lambda *_, **__: [1.0])
    monkeypatch.setattr(build, "save_model", save)
    side = Side(base, HashingEncoder(), None)  # type: ignore[arg-type]
    with stale(engine, settings) as (run, made):
        with pytest.raises(StaleRunError):
            train_generation(engine, settings, run, side, lesson, lambda *_: None)
        assert_stands(engine, settings, made)


def leave_dead_run(engine: sa.Engine) -> None:
    """The clock's, of a process that died; it comes before whatever is requested."""
    request_scheduled_run(engine, "the clock", INSTANT)
    with engine.begin() as connection:
        connection.execute(retrain_run.update().values(status="running", attempt=1))


def test_somebody_else_s_failed_run_is_not_mine(
    engine: sa.Engine, settings: Settings, base: Generation, nights_do: Callable[[Work], None]
) -> None:
    def work(run: Run) -> Run:
        if run.trigger == "schedule":
            raise KeyError("theirs")
        return finish_run(engine, run, "refused", ["Too little."])

    nights_do(work)
    leave_dead_run(engine)
    said: list[str] = []
    mine = run_requested_night(engine, settings, encoders(), "test", say=said.append)
    assert (mine.trigger, mine.status, mine.decision) == ("cli", "done", "refused")
    assert [run.status for run in list_runs(engine)] == ["done", "failed"]
    assert [line.partition(":")[0] for line in said] == ["Another run could not be carried through"]


def test_somebody_else_s_stale_run_is_not_mine(
    engine: sa.Engine, settings: Settings, base: Generation, nights_do: Callable[[Work], None]
) -> None:
    def work(run: Run) -> Run:
        if run.trigger == "schedule" and run.attempt == 2:
            raise StaleRunError
        return finish_run(engine, run, "refused", ["Too little."])

    nights_do(work)
    leave_dead_run(engine)
    assert run_requested_night(engine, settings, encoders(), "test").trigger == "cli"
    assert [run.status for run in list_runs(engine)] == ["done", "done"]


def test_my_run_that_another_process_could_not_carry_through_is_a_failure(
    engine: sa.Engine, settings: Settings, base: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_meanwhile(*_: object) -> None:
        with engine.begin() as connection:
            connection.execute(retrain_run.update().values(status="failed", reasons=["No room on the disk."]))

    monkeypatch.setattr(attempt, "run_next_night", fail_meanwhile)
    with pytest.raises(NightFailedError, match="No room on the disk"):
        run_requested_night(engine, settings, encoders(), "test")


def test_what_a_failed_night_had_read_is_not_kept(
    engine: sa.Engine, settings: Settings, base: Generation, nights_do: Callable[[Work], None]
) -> None:
    def fail(run: Run) -> Run:
        keep_snapshot(engine, run, {}, b"what people said")
        raise KeyError("nothing that another attempt would mend")

    nights_do(fail)
    run_id = request_run(engine, "cli", "test")
    with pytest.raises(NightFailedError):
        run_next_night(engine, settings, encoders())
    assert find_kept_snapshot(engine, run_id) is None


def stop_times(engine: sa.Engine, settings: Settings, times: int, how: type[BaseException]) -> None:
    for _ in range(times):
        with pytest.raises(how):
            run_next_night(engine, settings, encoders())


def test_stops_are_no_deaths(
    engine: sa.Engine, settings: Settings, base: Generation, nights_do: Callable[[Work], None]
) -> None:
    def stop(run: Run) -> Run:
        raise KeyboardInterrupt

    nights_do(stop)
    run_id = request_run(engine, "cli", "test")
    stop_times(engine, settings, MAX_ATTEMPTS + 1, KeyboardInterrupt)
    assert (get_run(engine, run_id).status, get_run(engine, run_id).stopped) == ("requested", MAX_ATTEMPTS + 1)
    nights_do(lambda run: finish_run(engine, run, "refused", ["Too little."]))
    ended = run_next_night(engine, settings, encoders())
    assert ended is not None
    assert (ended.id, ended.attempt, ended.decision) == (run_id, MAX_ATTEMPTS + 2, "refused")


def test_erasures_are_no_deaths(
    engine: sa.Engine, settings: Settings, base: Generation, nights_do: Callable[[Work], None]
) -> None:
    def erase(run: Run) -> Run:
        with engine.begin() as connection:
            row = {"prompt": "Where?", "completion": "Here.", "added_by": "T1:U1"}
            connection.execute(curated_pair.insert().values(row))
        assert erase_person(engine, "T1:U1").pairs == 1
        return finish_run(engine, run, "refused", ["It read what is gone."])

    nights_do(erase)
    run_id = request_run(engine, "cli", "test")
    stop_times(engine, settings, MAX_ATTEMPTS + 1, StaleRunError)
    nights_do(lambda run: finish_run(engine, run, "refused", ["Too little."]))
    ended = run_next_night(engine, settings, encoders())
    assert ended is not None and (ended.id, ended.status) == (run_id, "done")


def test_a_person_who_is_quicker_than_the_night_is_no_death(engine: sa.Engine, base: Generation) -> None:
    run_id = request_run(engine, "cli", "test")
    with take_next_run(engine):
        made = make_generation(engine, run_id=run_id, parent_id=base.id)
        backfill(engine, made, HashingEncoder())
        promote(engine, made, expected_current_id=base.id, by="ann")
    assert (get_run(engine, run_id).status, get_run(engine, run_id).stopped) == ("requested", 1)


def test_deaths_are_counted_between_stops(
    engine: sa.Engine, settings: Settings, base: Generation, nights_do: Callable[[Work], None]
) -> None:
    def stop(run: Run) -> Run:
        raise KeyboardInterrupt

    nights_do(stop)
    run_id = request_run(engine, "cli", "test")
    for deaths in range(1, MAX_ATTEMPTS + 1):
        stop_times(engine, settings, 2, KeyboardInterrupt)
        with take_next_run(engine) as run:
            assert run is not None and run.attempt - run.stopped == deaths  # and it leaves without a word
    with take_next_run(engine) as run:
        assert run is None
    assert (get_run(engine, run_id).status, "died 3 times" in get_run(engine, run_id).reasons[0]) == ("failed", True)


@pytest.fixture
def frozen(engine: sa.Engine, base: Generation) -> Iterator[Run]:
    """A run that a process has which gives no sign of life."""
    request_scheduled_run(engine, "the clock", INSTANT)
    with take_next_run(engine) as run:
        assert run is not None
        with engine.begin() as connection:
            connection.execute(retrain_run.update().values(beat_at=sa.text("now() - interval '1 hour'"), phase="embed"))
        yield run


def test_whoever_waits_for_a_frozen_night_is_told_and_leaves_no_request(
    engine: sa.Engine, settings: Settings, frozen: Run
) -> None:
    said: list[str] = []
    with pytest.raises(
        NightOverdueError, match=rf"no sign of life of run {frozen.id} \(embed\).*Process \d+ on"
    ) as told:
        run_requested_night(engine, settings, encoders(), "test", say=said.append)
    assert told.value.exit_code == 3
    assert said == ["Your request is withdrawn."]
    assert [run.id for run in list_runs(engine)] == [frozen.id]


def test_a_request_that_others_made_stays_when_i_give_up(engine: sa.Engine, settings: Settings, frozen: Run) -> None:
    theirs, said = request_run(engine, "console", "ann"), list[str]()
    with pytest.raises(NightOverdueError):
        run_requested_night(engine, settings, encoders(), "test", say=said.append)
    assert said == [f"Run {theirs} stays, to be taken up by whoever runs nights."]
    assert get_run(engine, theirs).status == "requested"


def test_whoever_is_stopped_while_waiting_leaves_no_request_and_waits_are_said_once(
    engine: sa.Engine, settings: Settings, base: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, said = list[float](), list[str]()

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(attempt.time, "sleep", sleep)
    request_scheduled_run(engine, "the clock", INSTANT)
    with take_next_run(engine) as run:
        assert run is not None
        with pytest.raises(KeyboardInterrupt):
            run_requested_night(engine, settings, encoders(), "test", say=said.append)
        assert said == [f"Waiting: {run.holder} is at run {run.id}.", "Your request is withdrawn."]
        assert [run.id for run in list_runs(engine)] == [run.id]


def test_whoever_joined_a_request_that_was_withdrawn_asks_anew(
    engine: sa.Engine, settings: Settings, base: Generation, nights_do: Callable[[Work], None]
) -> None:
    nights_do(lambda run: finish_run(engine, run, "refused", ["Too little."]))
    leave_dead_run(engine)
    ended: list[Run] = []
    waits = threading.Event()
    with take_next_run(engine) as run:
        assert run is not None
        theirs = request_run(engine, "cli", "ann")
        thread = threading.Thread(
            target=lambda: ended.append(
                run_requested_night(engine, settings, encoders(), "test", say=lambda _: waits.set())
            )
        )
        thread.start()
        assert waits.wait(20)
        assert withdraw_request(engine, theirs)
        finish_run(engine, run, "refused", ["Too little."])
    thread.join(30)
    assert [run.status for run in ended] == ["done"]
    assert ended[0].id > theirs


def test_who_keeps_nights_from_running_without_one_of_his_own_is_waited_for_a_while(
    engine: sa.Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """He may be between two runs, or he was frozen there."""
    now, said = [1_000.0], list[str]()
    monkeypatch.setattr(attempt, "time", SimpleNamespace(monotonic=lambda: now[0]))
    waiting = attempt._Waiting(engine, settings, said.append, None)
    waiting.look()
    now[0] += attempt.SILENT_AFTER.total_seconds()
    waiting.look()
    run_id = request_run(engine, "cli", "test")
    with take_next_run(engine):
        now[0] += 1
        waiting.look()
        assert said == [f"Waiting: {get_run(engine, run_id).holder} is at run {run_id}."]
    with engine.begin() as connection:
        connection.execute(retrain_run.delete())
    waiting.look()
    now[0] += attempt.SILENT_AFTER.total_seconds() + 1
    with pytest.raises(NightOverdueError, match="it is frozen"):
        waiting.look()
