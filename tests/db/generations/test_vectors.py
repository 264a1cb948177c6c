"""Vectors go in and come out as they were, to half precision; what can't be searched is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sqlalchemy as sa

from db.errors import NightshiftError
from db.generations.locks import hold_vectors, lock_for_change
from db.generations.soundness import unsound_indexes
from db.generations.vectors import (
    build_index,
    create_vector_table,
    delete_vectors,
    drop_vectors,
    is_level,
    level_with_documents,
    read_vectors,
    write_vectors,
)
from db.models.encoder import MOST_DIMENSIONS
from db.store import raw_connection
from tests.synthetic import DIMENSION, add_audience, add_chunks, make_generation, serve, unit_vectors


@pytest.mark.parametrize("dimension", [1, 384, 4000])
def test_what_is_written_is_read_back_within_half_precision(engine: sa.Engine, dimension: int) -> None:
    generation = make_generation(engine, dimension=dimension)
    vectors = unit_vectors(100, dimension)
    ids = np.random.default_rng(1).permutation(100) * 2**40 + 1
    with raw_connection(engine) as raw:
        write_vectors(raw, generation, [(int(chunk_id), index + 1) for index, chunk_id in enumerate(ids)], vectors)
    stored = read_vectors(engine, generation)
    order = np.argsort(ids)
    assert stored.chunk_ids.tolist() == ids[order].tolist()
    assert stored.audience_ids.tolist() == (order + 1).tolist()
    assert stored.vectors[:].dtype == np.float16
    np.testing.assert_array_equal(stored.vectors[:], vectors[order].astype(np.float16))
    np.testing.assert_allclose(stored.vectors[:], vectors[order], rtol=2**-11, atol=2**-24)


@pytest.mark.parametrize("dimension", [2000, 2001, 2560, MOST_DIMENSIONS])
def test_vectors_of_as_many_numbers_as_a_model_may_have_are_indexed(engine: sa.Engine, dimension: int) -> None:
    generation = make_generation(engine, dimension=dimension)
    with raw_connection(engine) as raw:
        write_vectors(raw, generation, [(1, 1), (2, 1)], unit_vectors(2, dimension))
        build_index(raw, generation)
    assert unsound_indexes(engine, generation) == []


def test_an_empty_generation_reads_as_nothing(engine: sa.Engine) -> None:
    generation = make_generation(engine)
    with raw_connection(engine) as raw:
        write_vectors(raw, generation, [], unit_vectors(0))
    assert read_vectors(engine, generation).vectors.shape == (0, DIMENSION)


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf, 2.0])
def test_a_vector_without_a_cosine_or_of_another_length_is_refused(engine: sa.Engine, bad: float) -> None:
    generation = make_generation(engine)
    vectors = unit_vectors(3)
    vectors[1] *= bad
    with raw_connection(engine) as raw:
        with pytest.raises(ValueError, match="unit length"):
            write_vectors(raw, generation, [(1, 1), (2, 1), (3, 1)], vectors)
    assert not len(read_vectors(engine, generation).chunk_ids)


def test_vectors_of_another_shape_are_refused(engine: sa.Engine) -> None:
    generation = make_generation(engine)
    with raw_connection(engine) as raw, pytest.raises(ValueError, match="shape"):
        write_vectors(raw, generation, [(1, 1)], unit_vectors(1, DIMENSION + 1))
    with raw_connection(engine) as raw, pytest.raises(ValueError, match="shape"):
        write_vectors(raw, generation, [(1, 1), (2, 1)], unit_vectors(1))


def test_deleting_passes_over_unknown_ids(engine: sa.Engine) -> None:
    generation = make_generation(engine)
    with raw_connection(engine) as raw:
        write_vectors(raw, generation, [(1, 1), (2, 1), (3, 1)], unit_vectors(3))
        delete_vectors(raw, generation, [1, 3, 99])
        delete_vectors(raw, generation, [])
    assert read_vectors(engine, generation).chunk_ids.tolist() == [2]


def test_levelling_removes_the_dead_moves_audiences_and_counts_the_missing(engine: sa.Engine) -> None:
    generation = make_generation(engine)
    few = add_audience(engine, "C1")
    kept, moved, missing = (add_chunks(engine, 2) for _ in range(3))
    with raw_connection(engine) as raw:
        write_vectors(raw, generation, [*kept, *moved, (10**9, 1)], unit_vectors(5))
        raw.execute("UPDATE document SET audience_id = %s FROM chunk c WHERE c.id = %s", (few, moved[0][0]))
        raw.execute(
            "UPDATE document SET audience_id = 1 WHERE id <> (SELECT document_id FROM chunk WHERE id = %s)",
            moved[0][:1],
        )
    with raw_connection(engine) as raw:
        hold_vectors(raw, generation)
        assert level_with_documents(raw, generation) == len(missing)
        assert not is_level(raw, generation)
    stored = read_vectors(engine, generation)
    assert list(zip(stored.chunk_ids, stored.audience_ids, strict=True)) == [*kept, *((id_, few) for id_, _ in moved)]

    with raw_connection(engine) as raw:
        hold_vectors(raw, generation)
        write_vectors(raw, generation, missing, unit_vectors(2))
        assert level_with_documents(raw, generation) == 0
        assert is_level(raw, generation)


def test_a_generation_is_no_longer_level_once_anybody_changes_a_document(engine: sa.Engine) -> None:
    generation, other = make_generation(engine), make_generation(engine)
    with raw_connection(engine) as raw:
        assert not is_level(raw, generation)
        level_with_documents(raw, generation)
        assert is_level(raw, generation)
        assert not is_level(raw, other)
    with raw_connection(engine) as raw:
        lock_for_change(raw)
    with raw_connection(engine) as raw:
        assert not is_level(raw, generation)


def test_tables_and_indexes_are_made_once(engine: sa.Engine) -> None:
    generation = make_generation(engine)
    with raw_connection(engine) as raw:
        write_vectors(raw, generation, [(1, 1)], unit_vectors(1))
        create_vector_table(raw, generation)
    assert f"{generation.table}_hnsw" in unsound_indexes(engine, generation)
    assert read_vectors(engine, generation).chunk_ids.tolist() == [1]
    for _ in range(2):
        with raw_connection(engine) as raw:
            build_index(raw, generation)
        assert unsound_indexes(engine, generation) == []
    with raw_connection(engine) as raw:
        storage = "SELECT attstorage FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = 'embedding'"
        assert raw.execute(storage, (generation.table,)).fetchone() == ("p",)


def test_the_vectors_of_what_is_in_service_can_t_be_dropped(engine: sa.Engine) -> None:
    current, previous, idle = (make_generation(engine) for _ in range(3))
    serve(engine, current, previous)
    for generation in current, previous:
        with raw_connection(engine) as raw, pytest.raises(NightshiftError, match="in service"):
            drop_vectors(raw, generation)
    with raw_connection(engine) as raw:
        for generation in idle, idle, replace(idle, id=99):
            drop_vectors(raw, generation)
        assert raw.execute("SELECT to_regclass(%s)", (idle.table,)).fetchone() == (None,)
