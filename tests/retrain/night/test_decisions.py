"""What people asked for is carried out, or told why not; nothing that the gate's word doesn't cover is promoted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db import schema
from db.generations import (
    Generation,
    Trial,
    Wanted,
    decisions_about,
    get_generation,
    get_trial,
    maintained,
    promotion,
    propose_trial,
    request_decision,
    roll_back,
    serving,
)
from db.nights import get_run
from db.settings import Settings
from retrain.night.decisions import carry_out_next
from tests.corpus import add_base_generation, add_document, embed, encoders
from tests.trial_rows import TERMS, begin
from tests.waiting_generation import add_waiting_generation, count_open_transactions

ANN = "T1:U0ANN"


@pytest.fixture
def waiting(engine: sa.Engine) -> int:
    add_base_generation(engine)
    embed(engine, add_document(engine, "Parking", [("", "Visitors park on the north side.")]))
    return add_waiting_generation(engine)


def decide(engine: sa.Engine, generation_id: int, wanted: Wanted) -> str:
    request_decision(engine, generation_id, wanted, ANN)
    assert carry_out_next(engine, Settings(data_dir=Path("unused")), encoders())
    assert not carry_out_next(engine, Settings(data_dir=Path("unused")), encoders())
    return decisions_about(engine, generation_id)[-1].outcome or ""


def test_a_promoted_one_serves_level_with_the_documents_and_it_is_known_by_whom(
    engine: sa.Engine, waiting: int
) -> None:
    embed(engine, add_document(engine, "Bicycles", [("", "Bicycles go to the cellar.")]))
    assert decide(engine, waiting, "promote") == f"Generation {waiting} serves."
    now = get_generation(engine, waiting)
    assert serving(engine) == now
    assert (now.promoted_by, now.forced, get_run(engine, now.run_id or 0).decision) == (ANN, False, "promoted")
    with engine.connect() as connection:
        assert connection.scalar(sa.text(f"SELECT count(*) FROM {now.table}")) == 2
    # taken up again after a crash, it is found done
    assert decide(engine, waiting, "promote") == f"Generation {waiting} serves."


def test_vacuum_is_not_kept_from_its_work_while_vectors_are_made(
    engine: sa.Engine, waiting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_document(engine, "Bicycles", [("", "Bicycles go to the cellar.")])
    real, seen = promotion.backfill, list[int]()

    def watched(own: sa.Engine, generation: Generation, encoder: Any, *_: Any, **__: Any) -> int:
        class Watching:
            def encode_passages(self, texts: list[str], on_batch: Any = None) -> Any:
                seen.append(count_open_transactions(own))
                return encoder.encode_passages(texts, on_batch)

        return real(own, generation, Watching())  # type: ignore[arg-type]

    monkeypatch.setattr(promotion, "backfill", watched)
    assert decide(engine, waiting, "promote") == f"Generation {waiting} serves."
    assert seen == [0]


def test_a_way_back_is_taken_once_however_often_it_is_asked_for(engine: sa.Engine, waiting: int) -> None:
    base = serving(engine)
    decide(engine, waiting, "promote")
    assert decide(engine, waiting, "roll_back") == f"Rolled back: generation {base.id} serves again."
    assert "doesn't serve any more" in decide(engine, waiting, "roll_back")
    assert [item.id for item in maintained(engine)] == [base.id, waiting]


def test_a_rejected_one_is_not_promoted(engine: sa.Engine, waiting: int) -> None:
    assert decide(engine, waiting, "reject") == f"Generation {waiting} is rejected."
    assert "doesn't wait for a decision any more" in decide(engine, waiting, "promote")
    assert len(maintained(engine)) == 1


def test_it_was_better_than_what_serves_no_more(engine: sa.Engine, waiting: int) -> None:
    other = add_waiting_generation(engine)
    decide(engine, other, "promote")
    assert "Let the next night compare anew." in decide(engine, waiting, "promote")
    assert serving(engine).id == other
    roll_back(engine, "ann")
    assert decide(engine, waiting, "promote") == f"Generation {waiting} serves."


def test_what_cannot_be_told_is_said_so_and_the_next_request_goes_on(
    engine: sa.Engine, waiting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("no room")

    with monkeypatch.context() as patch:
        patch.setattr("retrain.night.decisions.promote_by_hand", broken)
        assert decide(engine, waiting, "promote") == "That couldn't be done (OSError); the log tells more."
    assert decide(engine, waiting, "promote") == f"Generation {waiting} serves."


def test_of_what_is_on_trial_a_person_decides_before_votes_do(engine: sa.Engine, waiting: int) -> None:
    base, known = serving(engine), put_on_trial(engine, waiting)
    assert decide(engine, waiting, "promote") == f"Generation {waiting} serves."
    now, run = get_generation(engine, waiting), get_run(engine, get_generation(engine, waiting).run_id or 0)
    assert (serving(engine), now.promoted_by, now.forced) == (now, ANN, True)
    assert (get_trial(engine, known.id).status, run.decision) == ("stopped", "refused")
    assert run.reasons[-1] == "A person had its candidate serve before votes had decided."
    assert [item.id for item in maintained(engine)] == [waiting, base.id]
    assert decide(engine, waiting, "promote") == f"Generation {waiting} serves."


def test_one_that_is_rejected_while_on_trial_makes_room(engine: sa.Engine, waiting: int) -> None:
    known = put_on_trial(engine, waiting)
    assert decide(engine, waiting, "reject") == f"The trial of generation {waiting} is stopped."
    ended, run = get_trial(engine, known.id), get_run(engine, get_generation(engine, waiting).run_id or 0)
    assert (ended.status, ended.ended_by, ended.reason) == ("stopped", ANN, "A person stopped the trial.")
    assert (run.decision, run.reasons[-1]) == ("refused", "A person stopped the trial.")
    assert len(maintained(engine)) == 1
    with engine.connect() as connection:
        assert connection.scalar(sa.text(f"SELECT to_regclass('{get_generation(engine, waiting).table}')")) is None
    assert "doesn't wait for a decision any more" in decide(engine, waiting, "promote")
    assert "doesn't wait" in decide(engine, waiting, "reject")


def test_of_another_than_what_is_on_trial_nothing_is_decided_by_it(engine: sa.Engine, waiting: int) -> None:
    other = add_waiting_generation(engine)
    known = put_on_trial(engine, waiting)
    assert decide(engine, other, "reject") == f"Generation {other} is rejected."
    assert get_trial(engine, known.id).is_open


def test_a_trial_that_waits_is_begun_once_and_for_nobody_else_s_generation(engine: sa.Engine, waiting: int) -> None:
    base, known = serving(engine), put_on_trial(engine, waiting, begun=False)
    embed(engine, add_document(engine, "Bicycles", [("", "Bicycles go to the cellar.")]))
    other = add_waiting_generation(engine)
    assert "No trial of generation" in decide(engine, other, "begin_trial")
    assert decide(engine, waiting, "begin_trial") == f"The trial of generation {waiting} goes on."
    began = get_trial(engine, known.id)
    assert (began.status, began.started_by, serving(engine)) == ("running", ANN, base)
    with engine.connect() as connection:
        made = get_generation(engine, waiting)
        assert connection.scalar(sa.text(f"SELECT count(*) FROM {made.table}")) == 2, "level with the documents"
    # taken up again after a crash, it is found done
    assert decide(engine, waiting, "begin_trial") == f"The trial of generation {waiting} goes on."
    assert get_trial(engine, known.id).started_at == began.started_at
    decide(engine, waiting, "reject")
    assert "No trial of generation" in decide(engine, waiting, "begin_trial")


def put_on_trial(engine: sa.Engine, generation_id: int, *, begun: bool = True) -> Trial:
    made = get_generation(engine, generation_id)
    with engine.begin() as connection:
        own = schema.retrain_run.c.id == made.run_id
        connection.execute(schema.retrain_run.update().where(own).values(decision="trial"))
    if not begun:
        return propose_trial(engine, made, TERMS, incumbent_id=serving(engine).id)
    return begin(engine, made, encoders().get(made))
