"""Fault 1, the re-embedding: killed at any batch, the next one goes on, and nothing is twice or missing."""

from __future__ import annotations

import random
import signal
import subprocess
from collections.abc import Callable

import numpy as np
import pytest
import sqlalchemy as sa

from db.generations import backfill
from db.generations.vectors import read_vectors
from tests.synthetic import HashingEncoder, add_chunks, make_generation

CHUNKS, BATCH = 60, 7

# Says when a batch is encoded, and waits to be told to write it.
BACKFILL = f"""
import sys
from db.generations.filling import backfill
from db.store.engine import create_engine
from db.generations.catalogue import get_generation
from tests.synthetic import HashingEncoder

def on_batch(n):
    print("encoded", flush=True)
    sys.stdin.readline()

engine = create_engine(sys.argv[1])
backfill(engine, get_generation(engine, int(sys.argv[2])), HashingEncoder(), on_batch, batch={BATCH})
"""


@pytest.mark.parametrize("seed", range(2))
def test_killed_between_batches_it_goes_on(
    engine: sa.Engine, database_url: str, start_python: Callable[..., subprocess.Popen[str]], seed: int
) -> None:
    batches = random.Random(seed).randint(1, CHUNKS // BATCH)
    generation, untouched = make_generation(engine), make_generation(engine)
    add_chunks(engine, CHUNKS)
    backfill(engine, untouched, HashingEncoder())

    process = start_python(BACKFILL, database_url, generation.id)
    assert process.stdin is not None and process.stdout is not None
    for _ in range(batches - 1):
        assert process.stdout.readline() == "encoded\n"
        process.stdin.write("\n")
        process.stdin.flush()
    assert process.stdout.readline() == "encoded\n"
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL

    written = len(read_vectors(engine, generation).chunk_ids)
    assert written == (batches - 1) * BATCH
    assert backfill(engine, generation, HashingEncoder(), batch=BATCH) == CHUNKS - written
    resumed, whole = read_vectors(engine, generation), read_vectors(engine, untouched)
    for left, right in zip(resumed, whole, strict=True):
        np.testing.assert_array_equal(left[:], right[:])
