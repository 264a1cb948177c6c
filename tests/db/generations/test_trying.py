"""A trial from its beginning to its end: level with the documents, one at a time, and gone in one piece."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db import schema
from db.corpus import remove_documents, write_documents
from db.errors import NotCaughtUpError, NotPromotableError, StaleRunError
from db.generations import (
    Generation,
    Trial,
    backfill,
    begin_trial,
    end_trial,
    generations_by_role,
    get_generation,
    get_trial,
    list_trials,
    note_look,
    open_trial,
    promote,
    promote_by_hand,
    propose_trial,
    prunable,
    prune,
    roll_back,
    tries_since_promotion,
    trying,
)
from db.generations.locks import hold_vectors
from db.generations.roles import hold_roles
from db.generations.trials import leave_trial
from db.nights import get_run
from db.settings import Settings
from db.store import raw_connection
from tests.conftest import maintenance_connection
from tests.db.corpus.test_documents import draft, encode
from tests.db.generations.rows import start_run, table_exists, wait_for_lock
from tests.db.generations.test_filling import require_exact
from tests.night_rows import make_run, store_run
from tests.ranked_company import hashing_encoders
from tests.synthetic import HashingEncoder, add_audience, add_chunks, make_generation, make_sharing, serve
from tests.trial_rows import LOOK, TERMS, begin, night_with_trial


def in_service(engine: sa.Engine) -> dict[str, int]:
    return {role: own.id for role, own in generations_by_role(engine).items()}


def made_by(engine: sa.Engine, run_id: int) -> Generation:
    """A built generation of a run, without any vectors."""
    return make_generation(engine, run_id=run_id)


@pytest.fixture
def tried(engine: sa.Engine, base: Generation) -> Trial:
    """One of a night's candidate that goes on."""
    return begin(engine, made_by(engine, night_with_trial(engine).id), HashingEncoder())


def test_what_lacks_every_chunk_begins_level_with_the_documents(engine: sa.Engine, base: Generation) -> None:
    done = list[int]()
    made = make_generation(engine)
    known = begin_trial(engine, made, HashingEncoder(), TERMS, incumbent_id=base.id, by="run 7", on_batch=done.append)
    assert in_service(engine) == {"serving": base.id, "trial": made.id}
    assert (known.status, known.incumbent_id, known.candidate_id, known.started_by) == (
        "running",
        base.id,
        made.id,
        "run 7",
    )
    assert sum(done) == 4
    require_exact(engine, made)
    with engine.connect() as connection:
        role = schema.in_service.c.role == "trial"
        assert connection.scalar(sa.select(schema.in_service.c.changed_by).where(role)) == "run 7"


CHANGES: dict[str, Callable[[sa.Engine], object]] = {
    "one arrives": lambda engine: write_documents(engine, [draft("new", *"abcdefg")], encode),
    "one changes": lambda engine: write_documents(engine, [draft("old", "one", "other")], encode),
    "one goes": lambda engine: remove_documents(engine, ["file:///old.md"]),
    "its readers change": lambda engine: write_documents(
        engine, [draft("old", *"0123456789", audience_id=add_audience(engine, "C1"))], encode
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_while_it_goes_on_every_change_of_a_document_reaches_the_candidate(
    engine: sa.Engine, change: Callable[[sa.Engine], object]
) -> None:
    base, made = make_generation(engine), make_generation(engine)
    serve(engine, base)
    write_documents(engine, [draft("old", *"0123456789")], encode)
    begin(engine, made, HashingEncoder())
    change(engine)
    for own in (base, made):
        require_exact(engine, own)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_under_way_as_it_begins_reaches_the_candidate(
    engine: sa.Engine,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[sa.Engine], object],
) -> None:
    """It is made between the last look at what lacks and the swap, which has to look again."""
    base, made = make_generation(engine), make_generation(engine)
    serve(engine, base)
    write_documents(engine, [draft("old", *"0123456789")], encode)
    hold, changed = trying.hold_vectors_of, list[object]()

    def change_and_hold(*arguments: Any) -> None:
        if not changed:
            changed.append(change(engine))
        hold(*arguments)

    monkeypatch.setattr(trying, "hold_vectors_of", change_and_hold)
    begin(engine, made, HashingEncoder())
    assert changed
    require_exact(engine, made)


def test_it_begins_only_once_a_change_under_way_is_through(
    engine: sa.Engine, database_url: str, base: Generation, candidate: Generation
) -> None:
    """The change knows nothing of the candidate; it would never reach it."""
    with ThreadPoolExecutor(1) as pool, maintenance_connection(database_url) as watcher:
        with raw_connection(engine) as raw:
            hold_vectors(raw, base)
            waiting = pool.submit(begin, engine, candidate, HashingEncoder())
            wait_for_lock(watcher, waiting)
            assert open_trial(engine) is None
        assert waiting.result().status == "running"


def test_documents_that_keep_arriving_faster_keep_it_from_beginning(
    engine: sa.Engine, base: Generation, candidate: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def behind(*_: object) -> None:
        raise NotCaughtUpError

    monkeypatch.setattr(trying, "bring_level", behind)
    with pytest.raises(NotPromotableError, match="faster than they could be encoded"):
        begin(engine, candidate, HashingEncoder())
    assert (list_trials(engine), in_service(engine)) == ([], {"serving": base.id})


def test_only_one_is_open_and_the_other_is_told_which(engine: sa.Engine, base: Generation, tried: Trial) -> None:
    other = make_generation(engine)
    for start in (
        lambda: begin(engine, other, HashingEncoder()),
        lambda: propose_trial(engine, other, TERMS, incumbent_id=base.id),
    ):
        with pytest.raises(NotPromotableError, match=f"Trial {tried.id} is open; `nightshift trials show {tried.id}`"):
            start()
    assert in_service(engine) == {"serving": base.id, "trial": tried.candidate_id}
    assert [own.id for own in list_trials(engine)] == [tried.id]


def test_of_two_that_begin_at_once_one_does(engine: sa.Engine, base: Generation) -> None:
    made = [make_generation(engine), make_generation(engine)]

    def try_to(own: Generation) -> str:
        try:
            return begin(engine, own, HashingEncoder()).status
        except NotPromotableError:
            return "not"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(try_to, made)) == ["not", "running"]
    [known] = list_trials(engine)
    assert in_service(engine) == {"serving": base.id, "trial": known.candidate_id}


def test_one_that_is_proposed_waits_and_begins_on_its_own_terms(engine: sa.Engine, base: Generation) -> None:
    made = make_generation(engine)
    known = propose_trial(engine, made, TERMS, incumbent_id=base.id)
    assert (known.status, known.started_at, known.is_open) == ("proposed", None, True)
    assert in_service(engine) == {"serving": base.id}
    begun = begin_trial(engine, made, HashingEncoder(), known, incumbent_id=base.id, by="ann")
    assert (begun.id, begun.status, begun.started_by, begun.alpha) == (known.id, "running", "ann", TERMS.alpha)
    assert in_service(engine) == {"serving": base.id, "trial": made.id}
    require_exact(engine, made)
    with pytest.raises(NotPromotableError, match="doesn't wait to begin any more"):
        begin_trial(engine, made, HashingEncoder(), known, incumbent_id=base.id, by="bob")
    assert get_trial(engine, known.id).started_by == "ann"


def test_where_another_serves_by_now_nothing_is_tried(
    engine: sa.Engine, base: Generation, candidate: Generation
) -> None:
    other = make_generation(engine)
    backfill(engine, other, HashingEncoder())
    promote(engine, other, expected_current_id=base.id, by="ann")
    for start in (
        lambda: begin_trial(engine, candidate, HashingEncoder(), TERMS, incumbent_id=base.id, by="run 1"),
        lambda: propose_trial(engine, candidate, TERMS, incumbent_id=base.id),
    ):
        with pytest.raises(StaleRunError, match=f"Generation {base.id} no longer serves"):
            start()
    assert (list_trials(engine), in_service(engine)) == ([], {"serving": other.id, "previous": base.id})


@pytest.mark.parametrize(("attempt", "status"), [(2, "running"), (1, "failed")])
def test_a_night_that_was_taken_over_tries_nothing(
    engine: sa.Engine, base: Generation, candidate: Generation, attempt: int, status: str
) -> None:
    lease = (start_run(engine, attempt=attempt, status=status), 1)
    for start in (
        lambda: begin_trial(engine, candidate, HashingEncoder(), TERMS, incumbent_id=base.id, by="run", lease=lease),
        lambda: propose_trial(engine, candidate, TERMS, incumbent_id=base.id, lease=lease),
    ):
        with pytest.raises(StaleRunError):
            start()
    assert (list_trials(engine), in_service(engine)) == ([], {"serving": base.id})


def test_a_night_that_is_taken_over_as_the_last_is_encoded_tries_nothing(
    engine: sa.Engine, base: Generation, candidate: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = (start_run(engine), 1)

    def overtaken(*_: object, **__: object) -> int:
        with engine.begin() as connection:
            connection.execute(schema.retrain_run.update().values(attempt=2))
        return 0

    monkeypatch.setattr(trying, "backfill", overtaken)
    with pytest.raises(StaleRunError):
        begin_trial(engine, candidate, HashingEncoder(), TERMS, incumbent_id=base.id, by="run", lease=lease)
    assert (list_trials(engine), in_service(engine)) == ([], {"serving": base.id})


def test_its_end_drops_the_candidate_s_vectors_and_leaves_what_serves(
    engine: sa.Engine, base: Generation, tried: Trial
) -> None:
    made = get_generation(engine, tried.candidate_id)
    end_trial(engine, tried, "dropped", by="trial 1", reason="It lost.")
    assert in_service(engine) == {"serving": base.id}
    assert not table_exists(engine, made) and table_exists(engine, base)
    run = get_run(engine, made.run_id or 0)
    assert (get_trial(engine, tried.id).status, run.decision, run.reasons[-1]) == ("dropped", "refused", "It lost.")
    add_chunks(engine, 1)
    backfill(engine, base, HashingEncoder())  # no change looks for the table that went
    with pytest.raises(NotPromotableError, match="has ended already"):
        end_trial(engine, tried, "undecided", by="ann", reason="Again.")
    assert get_trial(engine, tried.id).reason == "It lost."


def test_the_end_of_a_ranking_leaves_the_vectors_that_it_shared(engine: sa.Engine, base: Generation) -> None:
    made = make_sharing(engine, base, run_id=night_with_trial(engine).id)
    known = begin(engine, made, HashingEncoder())
    assert in_service(engine) == {"serving": base.id, "trial": made.id}
    end_trial(engine, known, "dropped", by="trial 1", reason="It lost.")
    require_exact(engine, base)
    assert get_generation(engine, made.id).status == "refused"


def test_vectors_that_another_ranking_on_them_may_need_stay(engine: sa.Engine, base: Generation, tried: Trial) -> None:
    made = get_generation(engine, tried.candidate_id)
    beside = make_sharing(engine, made)
    end_trial(engine, tried, "dropped", by="trial 1", reason="It lost.")
    require_exact(engine, beside)


def test_of_two_that_end_it_at_once_one_does(engine: sa.Engine, tried: Trial) -> None:
    def try_to(by: str) -> bool:
        try:
            end_trial(engine, tried, "stopped", by=by, reason=f"{by} did.")
        except NotPromotableError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(try_to, ["ann", "bob"]))
    assert sorted(ended) == [False, True]
    by = "ann" if ended[0] else "bob"
    known = get_trial(engine, tried.id)
    assert (known.ended_by, known.reason) == (by, f"{by} did.")
    run = get_run(engine, get_generation(engine, tried.candidate_id).run_id or 0)
    assert run.reasons.count(f"{by} did.") == 1


def test_an_end_that_had_to_wait_goes_by_what_is_open_then(engine: sa.Engine, database_url: str, tried: Trial) -> None:
    """A roll-back holds no vectors, only the roles."""
    with ThreadPoolExecutor(1) as pool, maintenance_connection(database_url) as watcher:
        with engine.begin() as connection:
            hold_roles(connection)
            waiting = pool.submit(end_trial, engine, tried, "dropped", by="trial 1", reason="It lost.")
            wait_for_lock(watcher, waiting, "transactionid")
            leave_trial(connection, "ann", serves=77)
        with pytest.raises(NotPromotableError, match="has ended already"):
            waiting.result()
    assert (get_trial(engine, tried.id).status, get_trial(engine, tried.id).ended_by) == ("stopped", "ann")


def test_an_end_that_fails_ends_nothing(engine: sa.Engine, tried: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(trying, "drop_vectors", broken)
    with pytest.raises(OSError):
        end_trial(engine, tried, "dropped", by="trial 1", reason="It lost.")
    assert open_trial(engine) == tried
    assert in_service(engine) == {"serving": tried.incumbent_id, "trial": tried.candidate_id}


def test_the_candidate_s_promotion_ends_its_trial_and_tells_its_run_why(
    engine: sa.Engine, base: Generation, tried: Trial
) -> None:
    made = get_generation(engine, tried.candidate_id)
    promote(engine, made, expected_current_id=base.id, by="trial 1", remark="It won.")
    assert in_service(engine) == {"serving": made.id, "previous": base.id}
    known, run = get_trial(engine, tried.id), get_run(engine, made.run_id or 0)
    assert (known.status, known.ended_by, known.reason) == ("promoted", "trial 1", "It won.")
    assert (run.decision, run.reasons[-1]) == ("promoted", "It won.")
    assert open_trial(engine) is None
    require_exact(engine, made)


def test_a_promotion_that_comes_to_nothing_leaves_the_trial_as_it_is(
    engine: sa.Engine, base: Generation, tried: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr("db.generations.swap.settle_run", broken)
    with pytest.raises(OSError):
        promote(engine, get_generation(engine, tried.candidate_id), expected_current_id=base.id, by="trial 1")
    assert open_trial(engine) == tried
    assert in_service(engine) == {"serving": base.id, "trial": tried.candidate_id}


def test_another_s_promotion_stops_it(engine: sa.Engine, base: Generation, tried: Trial) -> None:
    other = make_generation(engine)
    backfill(engine, other, HashingEncoder())
    promote(engine, other, expected_current_id=base.id, by="ann", remark="It is liked.")
    assert in_service(engine) == {"serving": other.id, "previous": base.id}
    known = get_trial(engine, tried.id)
    run = get_run(engine, get_generation(engine, tried.candidate_id).run_id or 0)
    assert (known.status, known.ended_by, run.decision) == ("stopped", "ann", "refused")
    assert known.reason == run.reasons[-1] and f"generation {other.id} came to serve" in run.reasons[-1]


def test_a_roll_back_stops_it(engine: sa.Engine, base: Generation, candidate: Generation) -> None:
    promote(engine, candidate, expected_current_id=base.id, by="run 1")
    known = begin(engine, made_by(engine, night_with_trial(engine).id), HashingEncoder())
    assert in_service(engine) == {"serving": candidate.id, "previous": base.id, "trial": known.candidate_id}
    roll_back(engine, by="T1:U1")
    assert in_service(engine) == {"serving": base.id, "previous": candidate.id}
    ended = get_trial(engine, known.id)
    assert (ended.status, ended.ended_by) == ("stopped", "T1:U1")
    assert get_generation(engine, known.candidate_id).status == "refused"


def test_one_that_only_waits_to_begin_is_stopped_by_a_roll_back_too(
    engine: sa.Engine, base: Generation, candidate: Generation
) -> None:
    promote(engine, candidate, expected_current_id=base.id, by="run 1")
    known = propose_trial(engine, make_generation(engine), TERMS, incumbent_id=candidate.id)
    roll_back(engine, by="T1:U1")
    assert get_trial(engine, known.id).status == "stopped"


@pytest.mark.parametrize("began", [True, False])
def test_what_is_on_trial_is_not_pruned_and_what_was_is(
    engine: sa.Engine, base: Generation, tmp_path: Path, began: bool
) -> None:
    run = night_with_trial(engine)
    made = made_by(engine, run.id)
    if began:
        known = begin(engine, made, HashingEncoder())
        with engine.begin() as connection:  # as if its run were long forgotten
            connection.execute(schema.retrain_run.update().values(decision="refused"))
    else:
        known = propose_trial(engine, made, TERMS, incumbent_id=base.id)
    settings = Settings(data_dir=tmp_path)
    assert prunable(engine) == prune(engine, settings) == []
    assert get_generation(engine, made.id).status == "built"
    end_trial(engine, known, "dropped", by="trial 1", reason="It lost.")
    assert [own.id for own in prune(engine, settings)] == [made.id]


TRIED = {"tried": {"alpha": 0.01, "gains": {"pair 1": 0.5}}}


def spent(engine: sa.Engine, apart_from: int | None = None) -> list[tuple[int, float]]:
    return [(own.run_id, own.alpha) for own in tries_since_promotion(engine, apart_from)]


def test_the_ledger_holds_all_that_a_trial_may_use_and_afterwards_what_it_used(
    engine: sa.Engine, base: Generation
) -> None:
    earlier = store_run(engine, make_run(decision="refused", evidence=TRIED))
    run = night_with_trial(engine, evidence=TRIED)
    known = begin(engine, made_by(engine, run.id), HashingEncoder())
    assert spent(engine) == [(earlier.id, 0.01), (run.id, 0.01), (run.id, TERMS.alpha)]
    assert tries_since_promotion(engine)[-1].at == known.started_at
    note_look(engine, known, LOOK, 0.004)
    assert spent(engine)[-1] == (run.id, TERMS.alpha)
    end_trial(engine, known, "undecided", by="trial 1", reason="Time is up.")
    assert spent(engine) == [(earlier.id, 0.01), (run.id, 0.01), (run.id, 0.004)]


def test_one_that_never_began_or_was_never_looked_at_used_nothing(engine: sa.Engine, base: Generation) -> None:
    run = night_with_trial(engine, evidence=TRIED)
    known = propose_trial(engine, made_by(engine, run.id), TERMS, incumbent_id=base.id)
    assert spent(engine) == [(run.id, 0.01)]
    known = begin_trial(
        engine, get_generation(engine, known.candidate_id), HashingEncoder(), known, incumbent_id=base.id, by="ann"
    )
    assert spent(engine) == [(run.id, 0.01), (run.id, TERMS.alpha)]
    end_trial(engine, known, "stopped", by="ann", reason="Enough.")
    assert spent(engine) == [(run.id, 0.01)]


def test_one_that_a_person_stops_after_a_look_used_all_of_it(engine: sa.Engine, base: Generation) -> None:
    """Whoever stops those that look bad would get their chance of luck twice."""
    run = night_with_trial(engine, evidence=TRIED)
    known = begin(engine, made_by(engine, run.id), HashingEncoder())
    note_look(engine, known, LOOK, 0.004)
    end_trial(engine, known, "stopped", by="ann", reason="Enough.")
    assert spent(engine)[-1] == (run.id, TERMS.alpha)


def test_a_promotion_by_votes_begins_the_ledger_anew_unless_it_is_taken_back(
    engine: sa.Engine, base: Generation
) -> None:
    run = night_with_trial(engine, evidence=TRIED)
    known = begin(engine, made_by(engine, run.id), HashingEncoder())
    note_look(engine, known, LOOK, 0.004)
    made = get_generation(engine, known.candidate_id)
    promote(engine, made, expected_current_id=base.id, by="trial 1", remark="It won.")
    assert spent(engine) == []
    later = store_run(engine, make_run(decision="refused", evidence=TRIED))
    assert spent(engine) == [(later.id, 0.01)]
    roll_back(engine, by="ann")
    assert spent(engine) == [(run.id, 0.01), (run.id, 0.004), (later.id, 0.01)]


def test_what_a_person_has_serve_before_votes_decided_is_forced_and_begins_no_ledger(
    engine: sa.Engine, base: Generation, tmp_path: Path
) -> None:
    """Nothing showed it to be better, so chance that was used stays used."""
    run = night_with_trial(engine, evidence=TRIED)
    known = begin(engine, made_by(engine, run.id), HashingEncoder())
    note_look(engine, known, LOOK, 0.004)
    made = get_generation(engine, known.candidate_id)
    settings = Settings(data_dir=tmp_path)
    promote_by_hand(engine, settings, hashing_encoders(), made, by="ann", force=False)
    served = get_generation(engine, made.id)
    assert in_service(engine) == {"serving": made.id, "previous": base.id}
    assert (served.status, served.promoted_by, served.forced) == ("built", "ann", True)
    assert (get_trial(engine, known.id).status, get_run(engine, run.id).decision) == ("stopped", "refused")
    assert spent(engine) == [(run.id, 0.01), (run.id, TERMS.alpha)]
