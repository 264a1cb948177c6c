"""An index is searched as broadly as its recall asks for, and no broader."""

from __future__ import annotations

import numpy as np
import pytest
import sqlalchemy as sa

from db.generations.catalogue import get_generation
from db.generations.generation import Generation
from db.generations.recall import BREADTHS, IndexRecall, build_and_measure_index, nearest_distances
from db.generations.soundness import unsound_indexes
from db.generations.vectors import build_index, read_vectors, write_vectors
from db.store import raw_connection, reading_connection
from tests.synthetic import make_generation, unit_vectors

N, DIMENSION = 3000, 32


@pytest.fixture
def generation(engine: sa.Engine) -> Generation:
    """3,000 vectors without any structure, which are hard to index."""
    made = make_generation(engine, dimension=DIMENSION)
    with raw_connection(engine) as raw:
        write_vectors(raw, made, [(index + 1, 1) for index in range(N)], unit_vectors(N, DIMENSION))
    return made


def recall_at(engine: sa.Engine, generation: Generation, questions: np.ndarray, ef_search: int) -> float:
    found = 0
    for question in questions:
        exact = nearest_distances(engine, generation, question, 10, ef_search=None)
        near = nearest_distances(engine, generation, question, 10, ef_search=ef_search)
        found += sum(distance <= exact[-1] + 1e-6 for distance in near)
    return found / (10 * len(questions))


def test_the_narrowest_breadth_that_reaches_the_floor_is_stored(engine: sa.Engine, generation: Generation) -> None:
    questions = unit_vectors(50, DIMENSION, seed=1)
    easy, measured_easy = build_and_measure_index(engine, generation, 0.01, questions)
    assert (measured_easy.ef_search, easy.ef_search) == (BREADTHS[0], BREADTHS[0])
    assert measured_easy.recall == pytest.approx(recall_at(engine, generation, questions, BREADTHS[0]))
    assert measured_easy.recall < 0.995

    strict, measured = build_and_measure_index(engine, generation, 0.995, questions)
    assert measured.recall >= 0.995
    assert strict.ef_search == measured.ef_search > BREADTHS[0]
    narrower = BREADTHS[BREADTHS.index(measured.ef_search) - 1]
    assert recall_at(engine, generation, questions, narrower) < 0.995
    assert get_generation(engine, generation.id) == strict


def test_a_floor_out_of_reach_gives_the_broadest_and_tells_its_recall(
    engine: sa.Engine, generation: Generation
) -> None:
    _, measured = build_and_measure_index(engine, generation, 1.1, unit_vectors(5, DIMENSION, seed=1))
    assert measured.ef_search == BREADTHS[-1]
    assert 0.9 < measured.recall <= 1


def test_without_questions_the_index_is_built_and_searched_as_before(engine: sa.Engine, generation: Generation) -> None:
    _, measured = build_and_measure_index(engine, generation, 0.5, unit_vectors(0, DIMENSION))
    assert measured == IndexRecall(generation.ef_search, 1.0)
    assert unsound_indexes(engine, generation) == []


def test_an_empty_generation_has_nothing_to_miss(engine: sa.Engine) -> None:
    empty = make_generation(engine, ef_search=800)
    indexed, measured = build_and_measure_index(engine, empty, 0.95, unit_vectors(5))
    assert measured == IndexRecall(BREADTHS[0], 1.0)
    assert indexed.ef_search == BREADTHS[0]


def test_fewer_chunks_than_ten_are_all_found(engine: sa.Engine) -> None:
    small = make_generation(engine)
    with raw_connection(engine) as raw:
        write_vectors(raw, small, [(index + 1, 1) for index in range(4)], unit_vectors(4))
    _, measured = build_and_measure_index(engine, small, 0.95, unit_vectors(3, seed=1))
    assert measured == IndexRecall(BREADTHS[0], 1.0)


def test_distances_are_exact_or_through_the_index_as_asked(engine: sa.Engine, generation: Generation) -> None:
    with raw_connection(engine) as raw:
        build_index(raw, generation)
    stored = read_vectors(engine, generation).vectors[:].astype(np.float64)
    for question in unit_vectors(10, DIMENSION, seed=2):
        cosines = stored @ question.astype(np.float16) / np.linalg.norm(stored, axis=1)
        exact = nearest_distances(engine, generation, question, 10, ef_search=None)
        right = np.sort(1 - cosines / np.linalg.norm(question.astype(np.float16).astype(np.float64)))[:10]
        assert exact == pytest.approx(right, abs=1e-6)
        broad = nearest_distances(engine, generation, question, 10, ef_search=1000)
        assert sorted(broad) == pytest.approx(exact)  # the index sorts by vectors that it rounded once more
    with reading_connection(engine) as (raw, _):
        assert raw.execute("SHOW enable_seqscan").fetchone() == ("on",)
