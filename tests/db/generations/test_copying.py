"""Rows of vectors as COPY sends them: whole however they are cut, and none of them twice in memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest

from db.generations import copying
from db.generations.copying import collect, lay_out
from tests.synthetic import unit_vectors


def cut(sent: bytes, size: int) -> Iterator[bytes]:
    return (sent[start : start + size] for start in range(0, len(sent), size))


@pytest.mark.parametrize("size", [1, 7, 50, 10**6])
@pytest.mark.parametrize("at_once", [1, 100, 10**6])
def test_rows_are_whole_however_they_are_cut(monkeypatch: pytest.MonkeyPatch, size: int, at_once: int) -> None:
    monkeypatch.setattr(copying, "_BYTES_AT_ONCE", at_once)
    vectors = unit_vectors(20, 8)
    sent = b"".join(lay_out([(number, -number) for number in range(20)], vectors))
    read = collect(cut(sent, size), 8)
    assert read.chunk_ids.tolist() == list(range(20)) and read.audience_ids.tolist() == [-n for n in range(20)]
    assert np.array_equal(read.vectors[:], vectors.astype(np.float16))


def test_no_rows_are_none() -> None:
    sent = b"".join(lay_out([], unit_vectors(0, 8)))
    assert collect(cut(sent, 5), 8).vectors.shape == (0, 8)


def test_of_all_that_is_read_ids_alone_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_BYTES_AT_ONCE", 100_000)
    sent = b"".join(lay_out([(number, 1) for number in range(20_000)], unit_vectors(20_000, 64)))
    tracemalloc.start()
    read = collect(cut(sent, 1_000), 64)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_500_000 < 0.6 * read.vectors[:].nbytes
