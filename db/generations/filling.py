"""Brings a generation's vectors level with the corpus: a new generation is merely one that lacks every chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from psycopg import sql

from db.generations.generation import Generation
from db.generations.locks import hold_vectors
from db.generations.vectors import create_vector_table, level_with_documents, write_vectors
from db.models import Encoder, passage_text
from db.nights import Lease, require_lease
from db.store import RawConnection, raw_connection, transaction

BATCH = 512
"""Chunks encoded between two commits: what a crash can cost."""

PASSES = 3
"""Passes over the corpus, each over what was there when it began: those who write must not keep us for ever."""


def count_missing(engine: sa.Engine, generation: Generation, lease: Lease | None = None) -> int:
    """How many chunks the generation has no vector of; its vectors of chunks that are gone are removed.

    Raises:
        StaleRunError: the night whose candidate it is was taken over.
    """
    with _writing(engine, generation, lease) as raw:
        create_vector_table(raw, generation)
        return level_with_documents(raw, generation)


def backfill(
    engine: sa.Engine,
    generation: Generation,
    encoder: Encoder,
    on_batch: Callable[[int], None] | None = None,
    batch: int = BATCH,
    lease: Lease | None = None,
) -> int:
    """Encodes every chunk that the generation lacks and returns how many; killed anywhere, the next call goes on.

    Where documents arrive all the while, a few of the last may still be lacking: promotion brings them in.

    Memory is bounded by one batch. `on_batch(n)` is called as chunks are encoded. `lease` is of the night whose
    candidate it is.

    Raises:
        StaleRunError: that night was taken over: nothing more is written.
    """
    done = 0
    for _ in range(PASSES):
        if not count_missing(engine, generation, lease):
            break
        done += _fill(engine, generation, encoder, on_batch, batch, lease)
    return done


def count_lacking(engine: sa.Engine, generation: Generation) -> int:
    """How many chunks the generation has no vector of; changes nothing, whether or not it has a table."""
    with raw_connection(engine) as raw:
        has_table = raw.execute("SELECT to_regclass(%s)", (generation.table,)).fetchone() != (None,)
        lacking = _lacking(generation) if has_table else sql.SQL("FROM chunk c")
        row = raw.execute(sql.SQL("SELECT count(*) {}").format(lacking)).fetchone()
    return int(row[0]) if row else 0


def encode_rest(raw: RawConnection, generation: Generation, encoder: Encoder) -> None:
    """Encodes what the generation lacks, within a transaction that keeps documents as they are: for the last few."""
    query = sql.SQL("SELECT c.id, d.audience_id, d.title, c.section, c.text {}").format(_lacking(generation))
    rows = raw.execute(query).fetchall()
    vectors = encoder.encode_passages([passage_text(*row[2:]) for row in rows])
    write_vectors(raw, generation, [row[:2] for row in rows], vectors)


def _lacking(generation: Generation) -> sql.Composed:
    return sql.SQL(
        "FROM chunk c JOIN document d ON d.id = c.document_id WHERE NOT EXISTS (SELECT FROM {} WHERE chunk_id = c.id)"
    ).format(sql.Identifier(generation.table))


@contextmanager
def _writing(engine: sa.Engine, generation: Generation, lease: Lease | None) -> Iterator[RawConnection]:
    """One transaction that holds the vectors, and the night's lease where it is a night's."""
    with transaction(engine) as (connection, raw):
        hold_vectors(raw, generation)
        if lease is not None:
            require_lease(connection, lease)
        yield raw


def _fill(
    engine: sa.Engine,
    generation: Generation,
    encoder: Encoder,
    on_batch: Callable[[int], None] | None,
    batch: int,
    lease: Lease | None,
) -> int:
    """One pass over the chunks that are there, by their ids; those that arrive meanwhile are for the next."""
    lacking = _lacking(generation)
    next_batch = sql.SQL(
        "SELECT c.id, d.title, c.section, c.text {} AND c.id > %s AND c.id <= %s ORDER BY c.id LIMIT %s"
    )
    still_lacking = sql.SQL("SELECT c.id, d.audience_id {} AND c.id = ANY(%s)").format(lacking)
    done, last = 0, -1
    with raw_connection(engine) as raw:
        newest = raw.execute("SELECT max(id) FROM chunk").fetchone()
    while True:
        with raw_connection(engine) as raw:
            rows = raw.execute(next_batch.format(lacking), (last, *(newest or (None,)), batch)).fetchall()
        if not rows:
            return done
        vectors = encoder.encode_passages([passage_text(*row[1:]) for row in rows], on_batch)
        place = {row[0]: index for index, row in enumerate(rows)}
        with _writing(engine, generation, lease) as raw:
            # while we encoded, some may have gone, been written by another process, or changed who may see them
            pairs = raw.execute(still_lacking, (list(place),)).fetchall()
            write_vectors(raw, generation, pairs, vectors[[place[chunk_id] for chunk_id, _ in pairs]])
        done += len(pairs)
        last = rows[-1][0]
