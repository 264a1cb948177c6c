"""What has been kept long enough goes, each by its own age, and nothing with it that still teaches."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple, replace
from decimal import Decimal

import pytest
import sqlalchemy as sa

from db import schema
from db.errors import NightBusyError
from db.feedback import VoteEvent, fold_votes, read_said, record_vote, set_reason
from db.feedback.votes import append_event
from db.generations import hold_roles
from db.nights import find_kept_snapshot, keep_snapshot, let_go, note_learnt_from, note_trained
from db.nights.requests import request_run
from db.nights.runs import get_run
from db.nights.taking import finish_run, take_next_run
from db.privacy import Pruned, Retention, count_outdated, erase_person, prune
from db.privacy.retention import NO_LONGER_KEPT
from db.question import Answer, Asked
from db.schema import metadata
from db.store import raw_connection
from tests.corpus import add_answer
from tests.synthetic import insert_generation, make_generation, serve

ANN, BEN = "T1:U1", "T1:U2"
KEEP = Retention(questions=30, impressions=None, votes=90)
FOR_GOOD = Retention(None, None, None)


def ask(engine: sa.Engine, days_ago: int, person: str = ANN, number: int = 0) -> Answer:
    asked = Asked(f"Where is car park {number}?", "T1", "C1", "public", person, f"{number + 1}.5")
    answer = add_answer(engine, 2, replace(asked, channel=f"C{number}"))
    with engine.begin() as connection:
        at = sa.func.now() - sa.func.make_interval(0, 0, 0, days_ago)
        connection.execute(
            sa.update(schema.question).where(schema.question.c.id == answer.question_id).values(asked_at=at)
        )
        connection.execute(
            schema.answer_message.insert().values(
                workspace="T1", channel="C1", message_ts=str(answer.question_id), question_id=answer.question_id
            )
        )
    return answer


def make_vote(answer: Answer, days_ago: float, person: str = ANN, source: int = 0, value: int = 1) -> VoteEvent:
    at = Decimal(f"{time.time() - days_ago * 86_400:.3f}")
    citation_id = answer.sources[source].citation_id
    key = f"{person} {citation_id} {days_ago}"
    return VoteEvent(key, "T1", person, answer.question_id, citation_id, "press", value, at)  # type: ignore[arg-type]


def vote(
    engine: sa.Engine, answer: Answer, days_ago: float, person: str = ANN, source: int = 0, value: int = 1
) -> None:
    record_vote(engine, make_vote(answer, days_ago, person, source, value))


def count(engine: sa.Engine, table: sa.Table) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def answer_of(engine: sa.Engine, answer: Answer) -> str | None:
    """Its text as it stands; None where the question is gone."""
    with engine.connect() as connection:
        return connection.scalar(sa.select(schema.question.c.answer).where(schema.question.c.id == answer.question_id))


def everything(engine: sa.Engine) -> dict[str, int]:
    return {table.name: count(engine, table) for table in metadata.sorted_tables}


def test_nothing_goes_unless_it_is_set(engine: sa.Engine) -> None:
    vote(engine, ask(engine, 5000), 5000)
    before = everything(engine)
    assert (count_outdated(engine, FOR_GOOD), prune(engine, FOR_GOOD)) == (Pruned(), Pruned())
    assert everything(engine) == before
    assert (FOR_GOOD.is_bounded, Retention(None, 1, None).is_bounded) == (False, True)


def test_an_old_question_goes_with_all_that_was_found_and_a_young_one_stays(engine: sa.Engine) -> None:
    old, young = ask(engine, 31), ask(engine, 29, number=1)
    assert prune(engine, KEEP) == Pruned(questions=1)
    assert (answer_of(engine, old), answer_of(engine, young)) == (None, "An answer.")
    for table in (schema.impression, schema.citation):
        assert count(engine, table) == 2
    assert count(engine, schema.answer_message) == 1


def test_what_votes_say_outlives_their_question(engine: sa.Engine) -> None:
    old = ask(engine, 31)
    vote(engine, old, 31, value=-1)
    vote(engine, old, 1, BEN)
    set_reason(engine, ANN, old.sources[0].citation_id, "wrong_source")
    before = read_said(engine)
    assert prune(engine, KEEP) == Pruned(answers=1)
    assert read_said(engine) == before
    assert answer_of(engine, old) == NO_LONGER_KEPT
    assert count(engine, schema.answer_message) == 0
    assert prune(engine, KEEP) == Pruned()


def test_a_question_goes_with_the_last_vote_on_it(engine: sa.Engine) -> None:
    old = ask(engine, 400)
    vote(engine, old, 91, value=-1)
    set_reason(engine, ANN, old.sources[0].citation_id, "wrong_source")
    vote(engine, old, 89, BEN)
    assert prune(engine, KEEP) == Pruned(votes=1, answers=1)
    assert [event.person for event in read_said(engine).vote_events] == [BEN]
    assert count(engine, schema.vote_reason) == 0
    assert prune(engine, replace(KEEP, votes=88)) == Pruned(votes=1, questions=1)
    assert count(engine, schema.vote_event) == 0


def test_an_old_vote_goes_though_its_question_is_kept(engine: sa.Engine) -> None:
    answer = ask(engine, 20)
    vote(engine, answer, 19)
    assert prune(engine, Retention(None, None, 10)) == Pruned(votes=1)
    assert answer_of(engine, answer) == "An answer."


def test_a_vote_that_was_taken_back_keeps_no_question(engine: sa.Engine) -> None:
    old = ask(engine, 31)
    vote(engine, old, 20)
    vote(engine, old, 10)  # the same button again
    assert prune(engine, KEEP) == Pruned(questions=1)
    assert count(engine, schema.vote_event) == 0


def test_what_a_person_did_about_an_answer_goes_as_one(engine: sa.Engine) -> None:
    """Without the first press the second one would be a vote."""
    answer = ask(engine, 100)
    vote(engine, answer, 99)
    vote(engine, answer, 80)
    vote(engine, answer, 99, source=1)
    assert prune(engine, Retention(None, None, 90)) == Pruned()
    assert prune(engine, Retention(None, None, 70)) == Pruned(votes=1)
    assert read_said(engine).vote_events == ()


def test_a_pair_keeps_its_question_and_itself(engine: sa.Engine) -> None:
    old = ask(engine, 31)
    row = {"prompt": "q", "completion": "c", "added_by": BEN, "question_id": old.question_id}
    with engine.begin() as connection:
        connection.execute(schema.curated_pair.insert().values(row))
    assert prune(engine, KEEP) == Pruned(answers=1)
    assert count(engine, schema.curated_pair) == 1


def test_passages_that_were_not_shown_go_where_no_vote_counts(engine: sa.Engine) -> None:
    voted, plain, young = ask(engine, 11), ask(engine, 11, number=1), ask(engine, 9, number=2)
    vote(engine, voted, 5)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE impression SET shown = false WHERE rank = 2"))
    keep = Retention(None, 10, None)
    assert count_outdated(engine, keep) == prune(engine, keep) == Pruned(passages=1)
    left = sa.select(schema.impression.c.question_id).where(sa.not_(schema.impression.c.shown))
    with engine.connect() as connection:
        assert set(connection.scalars(left)) == {voted.question_id, young.question_id}
    assert answer_of(engine, plain) == "An answer."


def learn_from(engine: sa.Engine, answer: Answer, *, is_done: bool = True) -> int:
    """A night that trains on the question and makes a generation; its run."""
    request_run(engine, "cli", "somebody")
    with take_next_run(engine) as run:
        assert run is not None
        note_learnt_from(engine, run, [("question", answer.question_id)])
        note_trained(engine, run, {("question", answer.question_id): "Where is the car park?"})
        if is_done:
            finish_run(engine, run, "promoted", [])
    with engine.begin() as connection:
        insert_generation(connection, run_id=run.id, status="built")
    return run.id


def test_what_trained_is_known_as_long_as_a_generation_that_learnt_it(engine: sa.Engine) -> None:
    """What is like it doesn't judge till then: who judges and who trains changes with no question's age."""
    old = ask(engine, 31)
    learn_from(engine, old)
    assert prune(engine, KEEP) == Pruned(questions=1)
    assert [own.text for own in read_said(engine).trained] == ["Where is the car park?"]
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE generation SET status = 'pruned' WHERE run_id IS NOT NULL"))
    assert prune(engine, KEEP) == Pruned(trained=1)
    assert (count(engine, schema.trained_question), count(engine, schema.learnt_from)) == (0, 0)


def test_an_erasure_finds_what_a_question_taught_that_is_gone(engine: sa.Engine) -> None:
    learn_from(engine, ask(engine, 31))
    prune(engine, KEEP)
    assert len(erase_person(engine, ANN).generations) == 1
    assert read_said(engine).trained == ()


def test_reports_that_quote_it_are_made_anew(engine: sa.Engine) -> None:
    old = ask(engine, 31)
    run_id = learn_from(engine, old)
    evidence = {"changed": {"better": [{"kind": "question", "id": old.question_id}]}}
    with engine.begin() as connection:
        connection.execute(sa.update(schema.retrain_run).values(evidence=evidence))
    prune(engine, KEEP)
    assert get_run(engine, run_id).id == run_id
    with engine.connect() as connection:
        assert connection.scalar(sa.select(schema.retrain_run.c.report_outdated))


def test_nothing_goes_while_a_night_is_at_work(engine: sa.Engine) -> None:
    """It notes what it learns from by the questions' rows."""
    answer = ask(engine, 31)
    request_run(engine, "cli", "somebody")
    with take_next_run(engine):
        with pytest.raises(NightBusyError):
            prune(engine, KEEP)
    assert answer_of(engine, answer) == "An answer."


def test_a_night_that_was_stopped_learns_nothing_of_what_went(engine: sa.Engine) -> None:
    """Taken up again, it would read what it had kept."""
    ask(engine, 31)
    request_run(engine, "cli", "somebody")
    with take_next_run(engine) as run:
        assert run is not None
        keep_snapshot(engine, run, {}, b"Where is car park 0?")
    with engine.begin() as connection:
        let_go(connection)
    assert prune(engine, Retention(50, 50, 50)) == Pruned()
    assert find_kept_snapshot(engine, run.id)
    assert prune(engine, KEEP) == Pruned(questions=1)
    assert find_kept_snapshot(engine, run.id) is None


def test_what_is_counted_before_is_what_goes(engine: sa.Engine) -> None:
    chance = random.Random(1)
    for number in range(12):
        answer = ask(engine, chance.choice([5, 40]), chance.choice([ANN, BEN]), number)
        for person in (ANN, BEN):
            for source in range(2):
                if chance.random() < 0.5:
                    vote(engine, answer, chance.choice([1, 50, 100]), person, source, chance.choice([-1, 1]))
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE impression SET shown = false WHERE rank = 2 AND question_id % 2 = 0"))
    keep = Retention(questions=30, impressions=3, votes=60)
    expected = count_outdated(engine, keep)
    assert min(astuple(expected)[:4]) > 0
    assert prune(engine, keep) == expected
    assert count_outdated(engine, keep) == prune(engine, keep) == Pruned()
    said = read_said(engine)
    for asked in said.questions:
        cited = [source.citation_id for source in said.shown if source.question_id == asked.id]
        for person in (ANN, BEN):
            own = [event for event in said.vote_events if (event.question_id, event.person) == (asked.id, person)]
            live = sa.select(schema.vote.c.citation_id, schema.vote.c.value).where(
                schema.vote.c.question_id == asked.id, schema.vote.c.person == person
            )
            with engine.connect() as connection:
                stands = {citation_id: value for citation_id, value in connection.execute(live)}
            assert stands == {citation_id: one.value for citation_id, one in fold_votes(own, cited).items()}


@contextmanager
def pruning_beside(engine: sa.Engine, keep: Retention, kind: str) -> Iterator[tuple[sa.Connection, Future[Pruned]]]:
    """A transaction in which something is done first, for which `prune` then waits, by a lock of that kind."""
    with ThreadPoolExecutor(1) as pool, raw_connection(engine) as watcher:
        with engine.begin() as connection:
            begun: Future[Pruned] = Future()
            yield connection, begun
            pruning = pool.submit(prune, engine, keep)
            while not (waits := watcher.execute("SELECT locktype FROM pg_locks WHERE NOT granted").fetchall()):
                assert not pruning.done(), "it didn't wait"
            assert waits == [(kind,)]
        try:
            begun.set_result(pruning.result())
        except NightBusyError as error:
            begun.set_exception(error)


def test_a_vote_that_is_cast_at_this_moment_is_kept_with_what_it_is_about(engine: sa.Engine) -> None:
    """As by who pressed a button again on an answer of which they had long said something."""
    answer = ask(engine, 20)
    vote(engine, answer, 100)
    with pruning_beside(engine, Retention(None, None, 90), "advisory") as (connection, pruned):
        append_event(connection, make_vote(answer, 0.5, source=1))
    assert pruned.result() == Pruned()
    assert len(read_said(engine).vote_events) == 2 and count(engine, schema.vote) == 2


def test_a_question_that_is_voted_on_at_this_moment_stays(engine: sa.Engine) -> None:
    answer = ask(engine, 31)
    with pruning_beside(engine, KEEP, "transactionid") as (connection, pruned):
        append_event(connection, make_vote(answer, 0.5))
    assert pruned.result() == Pruned(answers=1)
    assert (answer_of(engine, answer), count(engine, schema.vote)) == (NO_LONGER_KEPT, 1)


def test_a_night_that_begins_at_this_moment_is_waited_for(engine: sa.Engine) -> None:
    answer = ask(engine, 31)
    with pruning_beside(engine, KEEP, "relation") as (connection, pruned):
        row = {"trigger": "cli", "requested_by": "test", "status": "running", "attempt": 1}
        connection.execute(schema.retrain_run.insert().values(row))
    with pytest.raises(NightBusyError):
        pruned.result()
    assert answer_of(engine, answer) == "An answer."


def test_an_erasure_is_waited_for(engine: sa.Engine) -> None:
    """It begins by holding who serves, and goes on to the rows that are to go here."""
    serve(engine, make_generation(engine))
    ask(engine, 31)
    with pruning_beside(engine, KEEP, "transactionid") as (connection, pruned):
        hold_roles(connection)
    assert pruned.result() == Pruned(questions=1)
