"""Claims are one caller's alone, come free when their owner died, and are lost for good; who waits is woken."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db.errors import DatabaseUnavailableError
from db.nights.requests import request_run, withdraw_request
from db.store.lending import driver
from db.store.queue import STALE_AFTER_S, WAKING_CHANNEL, Queue, ago, alone, ask, listening
from tests.waiting_generation import count_open_transactions

MOST = 3

work = sa.Table(
    "work",
    sa.MetaData(),
    sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
    sa.Column("word", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="1"),
    sa.Column("claimed_at", sa.DateTime(timezone=True), server_default=sa.func.now()),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
)
QUEUE = Queue(work, work.c.ended_at.is_(None), spent=work.c.attempts >= MOST)


@pytest.fixture(autouse=True)
def table(engine: sa.Engine) -> None:
    work.create(engine)


def claim(engine: sa.Engine, key: int, word: str = "") -> int:
    """Its number, or 0."""
    with engine.begin() as connection:
        claimed = QUEUE.claim(connection, insert(work).values(id=key, word=word), "word")
    assert all(row.id == key for row in claimed)
    return sum(row.attempts for row in claimed)


def silence(engine: sa.Engine, seconds: float = STALE_AFTER_S + 1) -> None:
    with engine.begin() as connection:
        connection.execute(sa.update(work).values(claimed_at=ago(seconds)))


def rows(engine: sa.Engine) -> list[tuple[int, str, int]]:
    with engine.connect() as connection:
        query = sa.select(work.c.id, work.c.word, work.c.attempts).order_by(work.c.id)
        return [(id_, word, attempts) for id_, word, attempts in connection.execute(query)]


def test_of_many_at_once_one_gets_each_new_or_stale(engine: sa.Engine) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(1, MOST + 1):
            got = list(pool.map(lambda n: claim(engine, n % 2, f"by {n}"), range(16)))
            assert sorted(got) == [0] * 14 + [number] * 2
            assert {word for _, word, _ in rows(engine)} == {f"by {n}" for n, own in enumerate(got) if own}
            assert sum(claim(engine, n) for n in range(2)) == 0
            silence(engine)
        assert set(pool.map(lambda n: claim(engine, n % 2), range(16))) == {0}, "it was given up"


def test_a_statement_claims_what_is_free_of_all_that_it_would_insert(engine: sa.Engine) -> None:
    claim(engine, 1)
    claim(engine, 2)
    with engine.begin() as connection:
        connection.execute(sa.update(work).where(work.c.id == 2).values(claimed_at=ago(STALE_AFTER_S + 1)))
        three = sa.select(sa.func.generate_series(1, 3), sa.literal("again"))
        claimed = QUEUE.claim(connection, insert(work).from_select(["id", "word"], three), "word")
    assert sorted(map(tuple, claimed)) == [(2, 2), (3, 1)]
    assert rows(engine) == [(1, "", 1), (2, "again", 2), (3, "again", 1)]


def test_who_lost_a_claim_can_do_nothing_to_its_successors(engine: sa.Engine) -> None:
    first = claim(engine, 1)
    silence(engine)
    second = claim(engine, 1)
    with engine.begin() as connection:
        assert not QUEUE.renew(connection, 1, first)
        assert not QUEUE.hold(connection, 1, first)
        assert QUEUE.change(connection, 1, first, word="mine") is None
        assert QUEUE.renew(connection, 1, second)
        assert QUEUE.hold(connection, 1, second)
        assert QUEUE.change(connection, 1, second, work.c.word, word="done", ended_at=sa.func.now()) == ("done",)
        for number in first, second, None:
            assert QUEUE.change(connection, 1, number, word="after its end") is None
        assert not QUEUE.hold(connection, 1, second)
    silence(engine)
    assert claim(engine, 1) == 0, "what has ended is never claimed again"


def test_a_sign_of_life_keeps_a_claim(engine: sa.Engine) -> None:
    first = claim(engine, 1)
    for _ in range(3):
        silence(engine, STALE_AFTER_S - 5)
        assert claim(engine, 1) == 0
        with engine.begin() as connection:
            assert QUEUE.renew(connection, 1, first)
    silence(engine)
    assert claim(engine, 1) == 2


def test_what_is_held_is_not_taken_over_before_the_transaction_ends(engine: sa.Engine) -> None:
    first = claim(engine, 1)
    silence(engine)
    waits = sa.text("SELECT FROM pg_locks WHERE pid <> pg_backend_pid() AND NOT granted")
    with ThreadPoolExecutor(1) as others, engine.begin() as connection:
        assert QUEUE.hold(connection, 1, first)
        taken = others.submit(claim, engine, 1)
        while not taken.done() and connection.execute(waits).first() is None:
            pass
        assert not taken.done()
        connection.execute(sa.update(work).values(ended_at=sa.func.now()))
    assert taken.result() == 0


def test_who_has_the_queue_alone_takes_what_is_first_and_gives_up_what_is_spent(engine: sa.Engine) -> None:
    waiting = sa.select().where(work.c.ended_at.is_(None)).order_by(work.c.id)
    columns, given_up = [work.c.id, work.c.word], {"word": "given up", "ended_at": sa.func.now()}
    with engine.begin() as connection:
        connection.execute(sa.insert(work).values([{"attempts": 0}, {"attempts": 0}]))
    taken = []
    for _ in range(2 * MOST + 1):
        with engine.begin() as connection:
            taken.append(QUEUE.take_next(connection, waiting, columns, given_up, word="taken"))
    assert taken == [(1, "taken")] * MOST + [(2, "taken")] * MOST + [None]
    assert rows(engine) == [(1, "given up", MOST), (2, "given up", MOST)]


def test_a_queue_is_one_session_s_alone_and_free_as_soon_as_that_is_gone(engine: sa.Engine) -> None:
    end = sa.text("SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory' AND objid = 5")
    with alone(engine, 5) as session:
        assert session is not None
        with alone(engine, 5) as other, alone(engine, 5, 0) as another_queue:
            assert (other, another_queue is not None) == (None, True)
        assert count_open_transactions(engine) == 0
        with engine.connect() as connection:
            assert connection.scalars(end).all() == [True]
        with alone(engine, 5) as successor:
            assert successor is not None
        with pytest.raises(DatabaseUnavailableError):
            session.execute(sa.text("SELECT 1"))


def test_whoever_had_a_queue_alone_leaves_it_free_and_not_held_on_in_the_pool(engine: sa.Engine) -> None:
    held = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 5")
    with engine.connect() as connection:
        with pytest.raises(RuntimeError), alone(engine, 5):
            assert connection.scalar(held) == 1
            raise RuntimeError
        assert connection.scalar(held) == 0


def test_who_asks_for_the_same_at_once_finds_what_the_first_asked_for(engine: sa.Engine) -> None:
    same = sa.select().where(work.c.word == "a", work.c.ended_at.is_(None))
    waits = sa.text("SELECT FROM pg_locks WHERE pid <> pg_backend_pid() AND NOT granted")

    def ask_for_it() -> tuple[int, bool]:
        with engine.begin() as connection:
            row, is_new = ask(connection, {"word": "a"}, same, [work.c.id])
            return row.id, is_new

    with ThreadPoolExecutor(1) as others:
        with engine.begin() as connection:
            first, is_new = ask(connection, {"word": "a"}, same, [work.c.id])
            second = others.submit(ask_for_it)
            while not second.done() and connection.execute(waits).first() is None:
                pass
        assert is_new and second.result() == (first.id, False)
    with engine.begin() as connection:
        connection.execute(sa.update(work).values(ended_at=sa.func.now()))
    assert ask_for_it()[1]


@pytest.mark.session
def test_only_what_is_new_wakes_and_not_before_it_is_committed(engine: sa.Engine) -> None:
    same, heard = sa.select().where(work.c.word == "a"), list[int]()
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as listener:
        raw = driver(listener)
        raw.execute(f"LISTEN {WAKING_CHANNEL}")
        for _ in range(2):
            with engine.begin() as connection:
                ask(connection, {"word": "a"}, same, [work.c.id])
                raw.execute("SELECT 1")
                heard.append(len(list(raw.notifies(timeout=0))))
            raw.execute("SELECT 1")  # what was told by then comes with the answer
            heard.append(len(list(raw.notifies(timeout=0))))
    assert heard == [0, 1, 0, 0]


LONG_S = 600.0
"""Tests end before: whoever waits so long heard nothing."""


def test_a_request_made_before_it_waits_is_heard_of(engine: sa.Engine) -> None:
    with listening(engine) as wait:
        for _ in range(2):
            run_id = request_run(engine, "cli", "test")
            wait(threading.Event(), LONG_S)
            assert withdraw_request(engine, run_id)


def test_it_ends_when_time_is_up_or_when_it_is_told_to(engine: sa.Engine) -> None:
    stopping = threading.Event()
    with listening(engine) as wait:
        wait(stopping, 0.1)
        stopping.set()
        wait(stopping, LONG_S)


def test_a_lost_connection_is_an_error_of_ours(engine: sa.Engine) -> None:
    end = sa.text(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with pytest.raises(DatabaseUnavailableError), listening(engine) as wait:
        with engine.connect() as connection:
            assert all(connection.scalars(end).all())
        wait(threading.Event(), LONG_S)
