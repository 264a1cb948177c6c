"""Vectors on disk are those that were written, whichever are asked for; what isn't asked for takes no memory."""

from __future__ import annotations

import gc
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.generations.vector_file import VectorFile
from db.models import measure_scale
from tests.synthetic import unit_vectors

ROWS = unit_vectors(30, 8).astype(np.float16)


def written(*cuts: int) -> VectorFile:
    file = VectorFile(8)
    for part in np.split(ROWS, cuts):
        file.append(part)
    return file


WRITTEN = written(0, 7, 7, 29)


def test_it_has_the_shape_of_what_was_added() -> None:
    assert WRITTEN.shape == ROWS.shape and len(WRITTEN) == 30
    assert VectorFile(8).shape == (0, 8) == VectorFile(8)[:].shape


@given(st.slices(30))
def test_a_slice_is_that_of_an_array(rows: slice) -> None:
    assert np.array_equal(WRITTEN[rows], ROWS[rows])


@given(st.lists(st.integers(0, 29), max_size=40))
def test_any_rows_come_in_any_order(rows: list[int]) -> None:
    chosen = np.array(rows, dtype=np.int64)
    assert np.array_equal(WRITTEN[chosen], ROWS[chosen])


def test_what_is_of_every_other_row_is_written_as_it_is() -> None:
    file = VectorFile(8)
    file.append(ROWS[::2])
    assert np.array_equal(file[:], ROWS[::2])


def test_a_row_that_is_not_there_is_no_row() -> None:
    with pytest.raises(ValueError, match="only 1 can be read"):
        WRITTEN[np.array([29, 30])]


def test_only_what_is_read_is_in_memory() -> None:
    file = VectorFile(64)
    for _ in range(20):
        file.append(unit_vectors(1_000, 64).astype(np.float16))
    tracemalloc.start()
    for start in range(0, len(file), 1_000):
        file[start : start + 1_000]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * 2 * 64 * 1_000


def test_a_scale_is_measured_without_all_of_them() -> None:
    file = VectorFile(384)
    for seed in range(60):
        file.append(unit_vectors(1_000, 384, seed=seed).astype(np.float16))
    tracemalloc.start()
    scale = measure_scale(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert scale == measure_scale(file[:])
    assert peak < 0.8 * file[:].nbytes, "the pairs of a sample take 20 MB, whatever there is"


def test_it_has_no_name_and_is_gone_with_whoever_had_it(tmp_path: Path) -> None:
    file = VectorFile(8, tmp_path)
    file.append(ROWS)
    number = file._file.fileno()  # noqa: SLF001
    assert list(tmp_path.iterdir()) == [] and os.fstat(number).st_size == ROWS.nbytes
    del file
    gc.collect()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(number)
