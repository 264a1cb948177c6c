"""Decisions by people: asked for once, kept until carried out, and never two on the same generation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from db.errors import NotPromotableError, UnknownIdError
from db.generations.catalogue import get_generation
from db.generations.decisions import (
    MAX_ATTEMPTS,
    decisions_about,
    next_open_request,
    reject_generation,
    request_decision,
    supersede_undecided,
    undecided_generations,
)
from db.generations.removal import prunable
from db.generations.roles import serving
from db.generations.swap import promote
from db.nights import get_run
from db.store import raw_connection
from tests.corpus import add_base_generation
from tests.waiting_generation import add_waiting_generation, count_open_transactions


@pytest.fixture
def waiting(engine: sa.Engine) -> int:
    add_base_generation(engine)
    return add_waiting_generation(engine)


def test_while_one_waits_another_press_joins_it(engine: sa.Engine, waiting: int) -> None:
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(lambda n: request_decision(engine, waiting, "promote", f"T1:U{n}"), range(8)))
    assert len({request.id for request in asked}) == 1
    with next_open_request(engine) as lent:
        assert lent is not None
        request, settle = lent
        assert (request.id, request.wanted) == (asked[0].id, "promote")
        with next_open_request(engine) as other:
            assert other is None, "it was lent twice"
        settle("Done.")
    assert [done.outcome for done in decisions_about(engine, waiting)] == ["Done."]
    assert request_decision(engine, waiting, "roll_back", "T1:U1").id != asked[0].id


@pytest.mark.session
def test_a_request_wakes_the_night_process(engine: sa.Engine, waiting: int) -> None:
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        raw = connection.connection.driver_connection
        raw.execute("LISTEN nightshift_requested")  # type: ignore[union-attr]
        request_decision(engine, waiting, "reject", "T1:U1")
        assert len(list(raw.notifies(timeout=5, stop_after=1))) == 1  # type: ignore[union-attr]


def test_one_that_was_not_carried_out_is_lent_again(engine: sa.Engine, waiting: int) -> None:
    request_decision(engine, waiting, "reject", "T1:U1")
    with pytest.raises(RuntimeError), next_open_request(engine) as lent:
        assert lent is not None
        lent[1]("Lost.")
        raise RuntimeError
    with next_open_request(engine) as again:
        assert again is not None and again[0].outcome is None


def test_no_transaction_is_open_while_one_is_carried_out(engine: sa.Engine, waiting: int) -> None:
    request_decision(engine, waiting, "reject", "T1:U1")
    with next_open_request(engine) as lent:
        assert lent is not None
        assert count_open_transactions(engine) == 0
        lent[1]("Done.")
    assert decisions_about(engine, waiting)[0].outcome == "Done."


def test_one_whose_process_died_is_lent_again(engine: sa.Engine, waiting: int) -> None:
    request_decision(engine, waiting, "reject", "T1:U1")
    with next_open_request(engine) as lent, engine.connect() as other:
        assert lent is not None
        dead = sa.text(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks JOIN pg_database d ON d.oid = database"
            " WHERE locktype = 'advisory' AND classid = 4 AND datname = current_database()"
        )
        assert other.scalars(dead).all() == [True]
        with next_open_request(engine) as again:
            assert again is not None and again[0].id == lent[0].id


def test_one_that_kills_whoever_takes_it_is_given_up_and_the_next_has_its_turn(engine: sa.Engine, waiting: int) -> None:
    request_decision(engine, waiting, "promote", "T1:U1")
    other = request_decision(engine, serving(engine).id, "reject", "T1:U1")
    for _ in range(MAX_ATTEMPTS):
        with next_open_request(engine) as lent:
            assert lent is not None and lent[0].id != other.id
    with next_open_request(engine) as lent:
        assert lent is not None and lent[0].id == other.id
    [given_up] = decisions_about(engine, waiting)
    assert given_up.done_at is not None and given_up.outcome == "That couldn't be done in 5 attempts."


def test_what_is_asked_of_no_generation_is_refused(engine: sa.Engine) -> None:
    with pytest.raises(UnknownIdError, match="no generation 7"):
        request_decision(engine, 7, "promote", "T1:U1")


def test_a_rejected_one_is_a_refused_night_without_vectors(engine: sa.Engine, waiting: int) -> None:
    assert undecided_generations(engine) == [waiting]
    assert waiting not in [item.id for item in prunable(engine)]
    reject_generation(engine, waiting, "A person rejected it.")
    known = get_generation(engine, waiting)
    run = get_run(engine, known.run_id or 0)
    assert (known.status, run.decision, run.reasons[-1]) == ("refused", "refused", "A person rejected it.")
    with raw_connection(engine) as raw:
        assert raw.execute("SELECT to_regclass(%s)", (known.table,)).fetchone() == (None,)
    with pytest.raises(NotPromotableError, match="doesn't wait"):
        reject_generation(engine, waiting, "Again.")


def test_a_promoted_one_is_decided_and_can_not_be_rejected(engine: sa.Engine, waiting: int) -> None:
    base = serving(engine)
    promote(engine, get_generation(engine, waiting), expected_current_id=base.id, by="ann")
    assert get_run(engine, get_generation(engine, waiting).run_id or 0).decision == "promoted"
    with pytest.raises(NotPromotableError):
        reject_generation(engine, waiting, "Too late.")
    assert serving(engine).id == waiting


def test_a_later_night_takes_its_place(engine: sa.Engine, waiting: int) -> None:
    later = add_waiting_generation(engine)
    run_id = get_generation(engine, later).run_id or 0
    supersede_undecided(engine, run_id)
    assert undecided_generations(engine) == [later]
    reasons = get_run(engine, get_generation(engine, waiting).run_id or 0).reasons
    assert reasons[-1] == f"Nobody had decided by the end of night {run_id}."


def test_one_that_somebody_asks_to_promote_is_not_pruned_meanwhile(engine: sa.Engine, waiting: int) -> None:
    reject_generation(engine, waiting, "Not now.")
    assert waiting in [item.id for item in prunable(engine)]
    request_decision(engine, waiting, "promote", "T1:U1")
    assert waiting not in [item.id for item in prunable(engine)]
    with next_open_request(engine) as lent:
        assert lent is not None
        assert waiting not in [item.id for item in prunable(engine)]
        lent[1]("Done.")
    assert waiting in [item.id for item in prunable(engine)]


def test_what_somebody_decides_on_just_now_is_left_to_them(
    engine: sa.Engine, waiting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at what waits and its rejection."""
    other, later = add_waiting_generation(engine), add_waiting_generation(engine)
    listed = undecided_generations(engine)
    reject_generation(engine, waiting, "Not now.")
    monkeypatch.setattr("db.generations.decisions.undecided_generations", lambda _: listed)
    supersede_undecided(engine, get_generation(engine, later).run_id or 0)
    assert undecided_generations(engine) == [later]
    assert get_run(engine, get_generation(engine, waiting).run_id or 0).reasons[-1] == "Not now."
    assert get_generation(engine, other).status == "refused"
