"""Each triplet names what it was learnt from, in the column of its kind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from db.feedback import store_questions
from db.nights import triplet_log
from db.nights.leases import Lease, require_lease
from db.nights.runs import request_run, take_next_run
from db.nights.triplet_log import TripletRow, store_triplets
from db.privacy.erasure import Erased, erase_person, erase_question
from db.question import Asked
from db.schema import curated_pair, triplet
from tests.corpus import add_answer
from tests.synthetic import add_chunks


def test_every_kind_of_anchor_has_its_column(engine: sa.Engine) -> None:
    asked = add_answer(engine, 1).question_id
    (right, _), (wrong, _) = add_chunks(engine, 2)
    store_questions(engine, {right: "Until when is it open?"}, "test")
    with engine.begin() as connection:
        pair = {"prompt": "Which?", "completion": "This.", "added_by": "test"}
        connection.execute(curated_pair.insert().values(pair))
    run_id = request_run(engine, "cli", "test")
    anchors = [("question", asked), ("pair", 1), ("marked", 1), ("synthetic", 1)]
    triplets = [TripletRow(*anchor, right, wrong, "mined", 1.0) for anchor in anchors]

    for _ in range(2):  # once more replaces them
        store_triplets(engine, run_id, [*triplets, TripletRow(*anchors[0], right, 999, "mined", 1.0)])

    columns = triplet.c.question_id, triplet.c.pair_id, triplet.c.synthetic_id
    with engine.connect() as connection:
        stored = connection.execute(sa.select(*columns).order_by(triplet.c.id)).all()
    assert stored == [(asked, None, None), (None, 1, None), (None, 1, None), (None, None, 1)]


ANN, BEN = "T1:U0ANN", "T1:U0BEN"


@pytest.mark.parametrize("who", [ANN, BEN, "only her question"])
def test_an_erasure_meanwhile_waits_for_what_is_stored_and_no_two_wait_for_each_other(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    asked = add_answer(engine, 1, Asked("Which?", "T1", "C1", "public", ANN, "1.5")).question_id
    [(right, _)] = add_chunks(engine, 1)
    with engine.begin() as connection:
        connection.execute(curated_pair.insert().values(prompt="Who?", completion="She.", added_by=BEN))
    request_run(engine, "cli", ANN)
    triplets = [TripletRow(*anchor, right, None, "random", 1.0) for anchor in (("question", asked), ("pair", 1))]

    def erase() -> Erased:
        return erase_question(engine, ANN, asked) if who not in (ANN, BEN) else erase_person(engine, who)

    with ThreadPoolExecutor(1) as others, take_next_run(engine) as run:
        assert run is not None

        def erase_meanwhile(connection: sa.Connection, lease: Lease) -> None:
            erasing.append(others.submit(erase))
            waits = sa.text("SELECT FROM pg_locks WHERE pid <> pg_backend_pid() AND NOT granted")
            while not erasing[0].done() and connection.execute(waits).first() is None:
                pass
            require_lease(connection, lease)

        erasing = []
        monkeypatch.setattr(triplet_log, "require_lease", erase_meanwhile)
        store_triplets(engine, run.id, triplets, run.lease)
        erased = erasing[0].result(20)

    assert (erased.questions, erased.pairs) == ((0, 1) if who == BEN else (1, 0))
    with engine.connect() as connection:
        assert len(connection.execute(sa.select(triplet.c.id)).all()) == 1
