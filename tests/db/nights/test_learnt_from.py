"""A generation that learnt from what is erased is marked, whatever became of passages, documents and pairs since."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal

import pytest
import sqlalchemy as sa

from db import schema
from db.corpus import remove_documents
from db.errors import StaleRunError
from db.feedback import VoteEvent, record_vote
from db.generations import add_artefact, add_generation, serving
from db.nights import learnt_from
from db.nights.learnt_from import note_learnt_from
from db.nights.leases import Lease, require_lease
from db.nights.requests import request_run
from db.nights.taking import finish_run, take_next_run
from db.privacy.erasure import Erased, erase_person, erase_question
from db.question import Answer, Asked
from tests.corpus import add_answer
from tests.db.nights.test_trained_questions import ANN, BEN, CLEO, a_run, add_pair


def asked(engine: sa.Engine) -> Answer:
    """Ann's question, on whose answer Ben voted."""
    answer = add_answer(engine, 1, Asked("Where is the key?", "T1", "C1", "public", ANN, "1.5"))
    citation_id = answer.sources[0].citation_id
    record_vote(engine, VoteEvent("v", "T1", BEN, answer.question_id, citation_id, "press", -1, Decimal("9.5")))
    return answer


def a_generation(engine: sa.Engine, run_id: int | None, artefact_id: int | None = None) -> int:
    with engine.begin() as connection:
        if artefact_id is None:
            model = {"base_model": "b", "uri": f"data:run-{run_id}", "sha256": "0" * 64, "dtype": "float32"}
            artefact_id = add_artefact(connection, dimension=3, **model)  # type: ignore[arg-type]
        return add_generation(connection, run_id=run_id, artefact_id=artefact_id).id


def artefact_of(engine: sa.Engine, generation_id: int) -> int:
    with engine.connect() as connection:
        query = sa.select(schema.generation.c.artefact_id).where(schema.generation.c.id == generation_id)
        return int(connection.scalar(query) or 0)


def remove_everything(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        uris = list(connection.scalars(sa.select(schema.document.c.source_uri)))
    assert remove_documents(engine, uris) == len(uris) > 0


@pytest.mark.parametrize(
    "erase",
    [
        lambda engine, _: erase_person(engine, BEN),
        lambda engine, _: erase_person(engine, ANN),
        lambda engine, answer: erase_question(engine, ANN, answer.question_id),
    ],
    ids=["who voted", "who asked", "the question"],
)
def test_a_night_s_generation_is_marked_after_the_documents_went(
    engine: sa.Engine, erase: Callable[[sa.Engine, Answer], object]
) -> None:
    answer = asked(engine)
    for kind in ("trained", "looked on"):
        run = a_run(engine)
        if kind == "trained":
            note_learnt_from(engine, run, {("question", answer.question_id)})
            taught = a_generation(engine, run.id)
        else:
            a_generation(engine, run.id)
        finish_run(engine, run, "promoted", [])
    remove_everything(engine)
    erase(engine, answer)
    assert marked(engine) == [taught]


def marked(engine: sa.Engine) -> list[int]:
    made = schema.generation.c
    with engine.connect() as connection:
        return list(connection.scalars(sa.select(made.id).where(made.learnt_from_erased).order_by(made.id)))


def test_a_later_ranking_for_an_encoder_that_learnt_it_is_marked_and_not_one_for_the_base(engine: sa.Engine) -> None:
    answer, base = asked(engine), serving(engine)
    run = a_run(engine)
    note_learnt_from(engine, run, {("question", answer.question_id)})
    taught = a_generation(engine, run.id)
    finish_run(engine, run, "promoted", [])
    beside = [a_generation(engine, None, artefact_of(engine, own)) for own in (taught, base.id)]
    ranked = a_run(engine)
    note_learnt_from(engine, ranked, {("question", answer.question_id)})
    on_base = a_generation(engine, ranked.id, base.artefact_id)
    finish_run(engine, ranked, "promoted", [])
    assert erase_person(engine, BEN).generations == (taught, beside[0], on_base)


def test_a_pair_that_was_deleted_is_known_by_who_added_it_and_by_what_it_is_about(engine: sa.Engine) -> None:
    answer = asked(engine)
    given, about = add_pair(engine, "Is there tea?", CLEO), add_pair(engine, "Which key?", CLEO, answer.question_id)
    runs = []
    for pair in (given, about):
        runs.append(run := a_run(engine))
        for _ in range(2):
            note_learnt_from(engine, run, {("pair", pair), ("pair", 999), ("question", 999)})
        finish_run(engine, run, "refused", [])
    first, second = (a_generation(engine, run.id) for run in runs)
    with engine.begin() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.learnt_from)) == 2
        connection.execute(sa.delete(schema.curated_pair))
    assert erase_question(engine, ANN, answer.question_id).generations == (second,)
    erased = erase_person(engine, CLEO)
    assert (erased.pairs, erased.generations) == (0, (first,))
    with engine.connect() as connection:
        assert connection.execute(sa.select(schema.learnt_from)).all() == []


def test_what_others_learnt_of_it_stays_noted_when_one_who_voted_is_erased(engine: sa.Engine) -> None:
    answer, run = asked(engine), a_run(engine)
    note_learnt_from(engine, run, {("question", answer.question_id)})
    taught = a_generation(engine, run.id)
    for person in (BEN, ANN):
        assert erase_person(engine, person).generations == (taught,)


def test_a_night_that_was_taken_over_notes_nothing(engine: sa.Engine) -> None:
    answer, run = asked(engine), a_run(engine)
    with take_next_run(engine):
        pass
    with pytest.raises(StaleRunError):
        note_learnt_from(engine, run, {("question", answer.question_id)})
    with engine.connect() as connection:
        assert connection.execute(sa.select(schema.learnt_from)).all() == []


@pytest.mark.parametrize("who", [ANN, CLEO, "only her question"])
def test_an_erasure_meanwhile_waits_for_what_is_noted_and_no_two_wait_for_each_other(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    answer, pair = asked(engine), add_pair(engine, "Is there tea?", CLEO)
    request_run(engine, "cli", ANN)

    def erase() -> Erased:
        return erase_person(engine, who) if who in (ANN, CLEO) else erase_question(engine, ANN, answer.question_id)

    with ThreadPoolExecutor(1) as others, take_next_run(engine) as run:
        assert run is not None

        def erase_meanwhile(connection: sa.Connection, lease: Lease) -> None:
            require_lease(connection, lease)
            erasing.append(others.submit(erase))
            waits = sa.text("SELECT FROM pg_locks WHERE pid <> pg_backend_pid() AND NOT granted")
            while not erasing[0].done() and connection.execute(waits).first() is None:
                pass

        erasing: list[Future[Erased]] = []
        monkeypatch.setattr(learnt_from, "require_lease", erase_meanwhile)
        note_learnt_from(engine, run, {("question", answer.question_id), ("pair", pair)})
        erased = erasing[0].result(20)

    assert (erased.questions, erased.pairs) == ((0, 1) if who == CLEO else (1, 0))
    with engine.connect() as connection:
        left = connection.execute(sa.select(schema.learnt_from.c.question_id, schema.learnt_from.c.pair_id)).all()
    assert left == ([(answer.question_id, None)] if who == CLEO else [(None, pair)])
