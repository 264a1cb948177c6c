"""A generation becomes level with documents that don't stand still, whoever else is at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
import sqlalchemy as sa
from numpy.typing import NDArray

from db.generations.filling import backfill, count_missing
from db.generations.generation import Generation
from db.generations.locks import lock_for_change
from db.generations.vectors import delete_vectors, is_level, read_vectors
from db.models import passage_text
from db.store import raw_connection
from tests.synthetic import HashingEncoder, add_audience, add_chunks, make_generation


class MeddlingEncoder(HashingEncoder):
    """While it encodes its first batch, something happens."""

    def __init__(self, happen: Callable[[], object]) -> None:
        self._happen: Callable[[], object] | None = happen

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        happen, self._happen = self._happen, None
        if happen is not None:
            happen()
        return super().encode_passages(texts, on_batch)


def require_level(engine: sa.Engine, generation: Generation) -> None:
    """It holds what it should, and knows that it does."""
    with raw_connection(engine) as raw:
        assert is_level(raw, generation)
    require_exact(engine, generation)


def require_exact(engine: sa.Engine, generation: Generation) -> None:
    """Every live chunk has the vector of its text and the audience of its document, and nothing else has any."""
    with raw_connection(engine) as raw:
        rows = raw.execute(
            "SELECT c.id, d.audience_id, d.title, c.section, c.text"
            " FROM chunk c JOIN document d ON d.id = c.document_id ORDER BY c.id"
        ).fetchall()
    stored = read_vectors(engine, generation)
    assert list(zip(stored.chunk_ids, stored.audience_ids, strict=True)) == [row[:2] for row in rows]
    right = HashingEncoder().encode_passages([passage_text(*row[2:]) for row in rows])
    np.testing.assert_array_equal(stored.vectors[:], right.astype(np.float16))


def test_every_chunk_is_encoded_once_and_counted(engine: sa.Engine) -> None:
    generation, done = make_generation(engine), list[int]()
    add_chunks(engine, 25)
    assert count_missing(engine, generation) == 25
    assert backfill(engine, generation, HashingEncoder(), done.append, batch=10) == 25
    assert done == [10, 10, 5]
    require_level(engine, generation)
    assert backfill(engine, generation, HashingEncoder(), done.append) == 0
    assert sum(done) == 25


def test_it_makes_the_table_where_there_is_none(engine: sa.Engine) -> None:
    generation = make_generation(engine)
    add_chunks(engine, 2)
    with raw_connection(engine) as raw:
        raw.execute(f"DROP TABLE {generation.table}".encode())
    assert backfill(engine, generation, HashingEncoder()) == 2
    require_level(engine, generation)


def test_one_that_failed_between_two_batches_is_taken_up_where_it_stopped(engine: sa.Engine) -> None:
    generation = make_generation(engine)
    add_chunks(engine, 25)
    batches = iter([None, RuntimeError("killed")])

    def stop_at_the_second(_: int) -> None:
        error = next(batches)
        if error is not None:
            raise error

    with pytest.raises(RuntimeError, match="killed"):
        backfill(engine, generation, HashingEncoder(), stop_at_the_second, batch=10)
    assert len(read_vectors(engine, generation).chunk_ids) == 10
    assert backfill(engine, generation, HashingEncoder(), batch=10) == 15
    require_level(engine, generation)


def test_chunks_that_go_or_arrive_and_audiences_that_change_meanwhile_are_followed(engine: sa.Engine) -> None:
    generation, few = make_generation(engine), add_audience(engine, "C1")
    for _ in range(3):
        add_chunks(engine, 10)

    def meddle() -> None:
        with raw_connection(engine) as raw:
            lock_for_change(raw)
            raw.execute("DELETE FROM document WHERE id = 1")
            raw.execute("UPDATE document SET audience_id = %s WHERE id = 2", (few,))
        add_chunks(engine, 4)

    assert backfill(engine, generation, MeddlingEncoder(meddle), batch=20) == 24
    require_level(engine, generation)


def test_a_chunk_that_arrives_behind_its_back_is_found_in_another_pass(engine: sa.Engine) -> None:
    generation = make_generation(engine)
    add_chunks(engine, 10)

    def add_lower_id() -> None:
        with raw_connection(engine) as raw:
            lock_for_change(raw)
            raw.execute(
                "INSERT INTO chunk (id, document_id, ordinal, section, text, text_hash) OVERRIDING SYSTEM VALUE"
                " VALUES (0, 1, 0, '', 'committed late', '')"
            )

    assert backfill(engine, generation, MeddlingEncoder(add_lower_id)) == 11
    require_level(engine, generation)


def test_vectors_written_by_another_meanwhile_are_left_alone(engine: sa.Engine) -> None:
    generation = make_generation(engine)
    add_chunks(engine, 10)
    other = MeddlingEncoder(lambda: backfill(engine, generation, HashingEncoder()))
    assert backfill(engine, generation, other) == 0
    require_level(engine, generation)


def test_two_at_once_share_the_work(engine: sa.Engine) -> None:
    generation, together = make_generation(engine), Barrier(2)
    add_chunks(engine, 100)
    with raw_connection(engine) as raw:
        raw.execute(f"DROP TABLE {generation.table}".encode())

    def fill(_: int) -> int:
        together.wait()
        return backfill(engine, generation, HashingEncoder(), batch=7)

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(fill, range(2))) == 100
    require_level(engine, generation)


def test_a_missing_vector_is_noticed(engine: sa.Engine) -> None:
    generation = make_generation(engine)
    rows = add_chunks(engine, 5)
    backfill(engine, generation, HashingEncoder())
    with raw_connection(engine) as raw:
        delete_vectors(raw, generation, [rows[2][0]])
    assert count_missing(engine, generation) == 1
    assert backfill(engine, generation, HashingEncoder()) == 1
    require_level(engine, generation)
