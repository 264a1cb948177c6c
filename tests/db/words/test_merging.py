"""What is merged when, and that a merge beside those who ask, change documents or merge as well loses nothing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
import sqlalchemy as sa

from db.errors import DatabaseRefusedError
from db.store import raw_connection
from db.words import merging
from db.words.merging import DEAD, GROWN, MANY, MIN_DEAD, Segment, choose_groups, merge_words
from db.words.postings import hold_words
from tests.histories import History, assert_counts, assert_scores
from tests.synthetic import add_audience, make_generation, serve

LARGE = 10_000


def segments(*chunks: int, base: int = 0, first: int = 1) -> list[Segment]:
    return [Segment(number, base, size) for number, size in enumerate(chunks, start=first)]


def test_little_that_is_new_is_left_alone() -> None:
    assert choose_groups([], 0, 0) == []
    assert choose_groups(segments(LARGE, *[10] * MANY), LARGE, 0) == []
    assert choose_groups(segments(LARGE, *[10] * 50), LARGE, 0, after_load=True) == []


def test_many_small_segments_become_one_beside_the_largest() -> None:
    small = segments(*[10] * (MANY + 1), first=2)
    assert choose_groups([*segments(LARGE), *small], LARGE, 0) == [small]


def test_small_ones_that_grew_are_merged_with_the_largest_of_their_span() -> None:
    grown = segments(LARGE, int(GROWN * LARGE))
    assert choose_groups(grown, LARGE, 0) == [], "but not before there are many"
    assert choose_groups(grown, LARGE, 0, after_load=True) == [grown]
    many = segments(LARGE, *[100] * (MANY + 1))
    assert choose_groups(many, LARGE, 0) == [many]


def test_spans_are_merged_each_by_itself() -> None:
    one, two = segments(5, 5), segments(5, 5, base=1 << 16, first=3)
    assert choose_groups([*one, *two], 20, 0, after_load=True) == [one, two]


def test_everything_is_merged_where_much_is_dead() -> None:
    one, two = segments(LARGE), segments(5, base=1 << 16, first=2)
    assert choose_groups([*one, *two], LARGE, int(DEAD * LARGE) - 1) == []
    assert choose_groups([*one, *two], LARGE, int(DEAD * LARGE)) == [one, two]
    assert choose_groups(one, 10, MIN_DEAD - 1) == []


def test_a_chunk_is_rewritten_a_few_times_in_all() -> None:
    """However many small writes there were, each of a document of ten passages."""
    standing: list[Segment] = []
    rewritten = 0
    for number in range(5000):
        standing.append(Segment(number, 0, 10))
        for group in choose_groups(standing, 10 * len(standing), 0):
            merged = Segment(1_000_000 + number, 0, sum(segment.chunks for segment in group))
            standing = [segment for segment in standing if segment not in group] + [merged]
            rewritten += merged.chunks
    assert len(standing) <= MANY + 2
    assert rewritten < 20 * 50_000


@pytest.fixture
def documents(engine: sa.Engine) -> History:
    serve(engine, make_generation(engine))
    return History(engine, [1, add_audience(engine, "C1"), add_audience(engine, "C2")])


def count_segments(engine: sa.Engine) -> tuple[int, int]:
    """How many segments there are, and elements in all of them."""
    with raw_connection(engine) as raw:
        row = raw.execute(
            "SELECT (SELECT count(*) FROM words_segment), (SELECT sum(cardinality(packed)) FROM posting)"
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def test_merging_drops_what_is_dead_and_keeps_every_score(engine: sa.Engine, documents: History) -> None:
    for number in range(6):
        documents.write(number, "Title", [f"parrot permit {number}", "travel", ""], number % 3)
    documents.remove([0, 1])
    documents.write(2, "Title", ["parrot", "PROJ-1234"], 2)
    documents.move(3, 1)
    before, elements = count_segments(engine)
    readers = [[1], documents.audience_ids]
    assert merge_words(engine) == 0
    assert merge_words(engine, after_load=True) == before - 1
    assert_scores(engine, ["parrot permit", "travel proj-1234"], readers)
    assert_counts(engine)
    after, kept = count_segments(engine)
    assert (after, kept < elements) == (1, True)
    with raw_connection(engine) as raw:
        assert raw.execute("SELECT sum(dead) FROM words_of_audience").fetchone() == (0,)
        assert raw.execute("SELECT bool_and(n = cardinality(packed) AND n > 0) FROM posting").fetchone() == (True,)


def test_what_somebody_else_merged_meanwhile_is_left_alone(
    engine: sa.Engine, documents: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        documents.write(number, "Title", ["parrot"], 0)
    with raw_connection(engine) as raw:
        chosen = merging._choose(raw, after_load=True)
    monkeypatch.setattr(merging, "_choose", lambda raw, after_load: chosen)
    assert [merge_words(engine), merge_words(engine)] == [3, 0]
    assert count_segments(engine)[0] == 1
    assert_counts(engine)


def test_a_merge_waits_for_who_writes_words(engine: sa.Engine, documents: History) -> None:
    documents.write(1, "Title", ["parrot"], 0)
    documents.write(2, "Title", ["parrot"], 0)
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database ="
    with ThreadPoolExecutor(1) as pool, raw_connection(engine) as writing:
        hold_words(writing)
        merged = pool.submit(merge_words, engine, after_load=True)
        mine = f"{waiting} (SELECT oid FROM pg_database WHERE datname = current_database())"
        while writing.execute(mine).fetchone() != (1,):
            assert not merged.done()
        writing.execute("COMMIT")
        assert merged.result() == 1
    assert_counts(engine)


def test_who_asks_waits_for_no_merge_and_sees_what_stood(engine: sa.Engine, documents: History) -> None:
    documents.write(1, "Title", ["parrot permit", "travel"], 0)
    documents.write(2, "Title", ["parrot"], 0)
    with raw_connection(engine) as at_it:
        hold_words(at_it)
        at_it.execute("DELETE FROM posting")
        assert_scores(engine, ["parrot"], [[1]])
        at_it.execute("ROLLBACK")


def change_at_random(documents: History, names: Sequence[int], seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(25):
        name = chance.choice(names)
        texts = [" ".join(chance.choices(["parrot", "permit", "travel", "v2.5"], k=4)) for _ in range(3)]
        what = chance.random()
        if what < 0.6:
            documents.write(name, "Title", texts, chance.randrange(3))
        elif what < 0.8:
            documents.remove([name])
        else:
            documents.move(name, chance.randrange(3))


def test_two_who_ingest_beside_one_who_merges_and_one_who_asks_lose_nothing(
    engine: sa.Engine, documents: History
) -> None:
    stop = Event()

    def merge() -> None:
        chance = random.Random(0)
        while not stop.is_set():
            documents.merge(chance)

    def ask() -> int:
        asked = 0
        while not stop.is_set():
            with raw_connection(engine) as raw:
                raw.execute(
                    "SELECT sum(n), count(*) FROM posting JOIN words_of_audience USING (audience_id)"
                ).fetchone()
            asked += 1
        return asked

    with ThreadPoolExecutor(4) as pool:
        beside = [pool.submit(merge), pool.submit(ask)]
        try:
            ingesting = [
                pool.submit(
                    change_at_random, History(engine, documents.audience_ids), range(seed * 5, seed * 5 + 5), seed
                )
                for seed in (1, 2)
            ]
            for one in ingesting:
                one.result()
        finally:
            stop.set()
        for one in beside:
            one.result()
    assert_scores(engine, ["parrot permit", "v2.5 travel"], [[1], documents.audience_ids])
    assert_counts(engine)


def test_a_merge_that_dies_leaves_the_words_as_they_were(engine: sa.Engine, documents: History) -> None:
    documents.write(1, "Title", ["parrot permit"], 0)
    documents.write(2, "Title", ["parrot"], 0)
    before = count_segments(engine)
    with pytest.raises(DatabaseRefusedError, match="trigger"), raw_connection(engine) as raw:
        raw.execute(
            "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'out of luck'; END $$;"
            "CREATE TRIGGER dies BEFORE INSERT ON posting EXECUTE FUNCTION die()"
        )
        raw.execute("COMMIT")
        merge_words(engine, after_load=True)
    with raw_connection(engine) as raw:
        raw.execute("DROP TRIGGER dies ON posting")
    assert count_segments(engine) == before
    assert merge_words(engine, after_load=True) == 1
    assert_counts(engine)
