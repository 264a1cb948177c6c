"""Loading documents: `write_documents` beside a binary COPY of the same rows into the same tables."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, LiteralString

from psycopg import sql

from benchmarks.speed.measure import OURS, Comparison, Show, take_turns
from benchmarks.speed.prose import write_prose
from benchmarks.speed.stock import drafts_of, load
from db.generations import ensure_base_generation
from db.settings import Settings
from db.store import open_store, raw_connection
from db.words import tokenizer_of

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.generations import Generation

COPY = "COPY, binary"
LIMIT = 1 / 0.7
"""As many rows a second as 0.7 times the bare COPY's."""

MOST = 10_000
"""Passages that are loaded: what a row takes doesn't depend on how many there are."""

_FILLED = ("document", "chunk", "words", "words_segment", "posting", "words_of_audience")


def compare_loading(size: int, rounds: int, show: Show) -> Iterator[Comparison]:
    """One; each round empties the tables and fills them again.

    Drafts come with their words and hashes, as with all that is made of texts alone; how long words take is told.
    """
    passages = min(size, MOST)
    with emptied_store() as (engine, generation), loaders(engine, generation, passages) as contenders:
        seconds = take_turns(contenders, rounds, units=passages, show=show, before=lambda: empty(engine, generation))
    yield Comparison(
        f"load {passages:,} passages", "passage", LIMIT, seconds, {"before it, making words (s)": _words_s(passages)}
    )


@contextmanager
def emptied_store() -> Iterator[tuple[sa.Engine, Generation]]:
    """An embedded server of its own with a generation, and no document; gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)  # root's server runs in another account
        settings = Settings(data_dir=Path(folder), database_url=None, direct_database_url=None)
        with open_store(settings, bounded=False) as engine:
            yield engine, ensure_base_generation(engine, settings)


@contextmanager
def loaders(engine: sa.Engine, generation: Generation, passages: int) -> Iterator[Mapping[str, Callable[[], object]]]:
    """Each fills the empty tables with the same rows; what is copied is what ours wrote once."""
    prose = write_prose(passages)
    drafts = drafts_of(prose)
    load(engine, drafts, prose)
    with raw_connection(engine) as raw:
        raw.execute("ANALYZE")
    rows = _read_rows(engine, generation)

    def copy() -> None:
        with raw_connection(engine) as raw:
            for table, data in rows.items():
                with raw.cursor().copy(_copying("COPY {} FROM STDIN (FORMAT binary)", table)) as copying:
                    copying.write(data)

    yield {OURS: lambda: load(engine, drafts, prose), COPY: copy}


def empty(engine: sa.Engine, generation: Generation) -> None:
    """Leaves the tables as they were before the first document."""
    tables = sql.SQL(", ").join(map(sql.Identifier, (*_FILLED, generation.table)))
    with raw_connection(engine) as raw:
        raw.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))


def _read_rows(engine: sa.Engine, generation: Generation) -> dict[str, bytes]:
    rows = {}
    with raw_connection(engine) as raw:
        for table in (*_FILLED, generation.table):
            with raw.cursor().copy(_copying("COPY {} TO STDOUT (FORMAT binary)", table)) as copying:
                rows[table] = b"".join(bytes(part) for part in copying)
    return rows


def _copying(statement: LiteralString, table: str) -> sql.Composed:
    return sql.SQL(statement).format(sql.Identifier(table))


def _words_s(passages: int) -> float:
    """Seconds that making words of a passage takes."""
    texts = write_prose(passages).texts
    tokenizer = tokenizer_of(("english",))
    began = time.perf_counter()
    for text in texts:
        tokenizer.count(text)
    return (time.perf_counter() - began) / passages
