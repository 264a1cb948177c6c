"""Promotion while somebody writes documents all the while: it ends, level with them, and they wait a moment at most."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
import sqlalchemy as sa
from numpy.typing import NDArray

from db.corpus import DocumentDraft, draft_chunk, write_documents
from db.errors import NotPromotableError
from db.generations import Generation, backfill, catch_up_and_promote
from db.generations.roles import serving
from db.generations.swap import MOST_HELD, promote
from db.store import raw_connection
from tests.synthetic import HashingEncoder, add_chunks, make_generation, serve

WAITING = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Writer(threading.Thread):
    """Adds documents of `chunks` passages, one after the other, until it is stopped."""

    def __init__(self, engine: sa.Engine, chunks: int) -> None:
        super().__init__()
        self.engine = engine
        self.chunks = chunks
        self.written = 0
        self.stopping = threading.Event()
        self.failures: list[Exception] = []

    def run(self) -> None:
        while not self.stopping.is_set():
            name = f"document {self.written}"
            chunks = [draft_chunk(name, "", f"{name}, passage {number}") for number in range(self.chunks)]
            draft = DocumentDraft(f"test:{self.written}", name, name.encode(), chunks)
            try:
                write_documents(self.engine, [draft], lambda _, texts: HashingEncoder().encode_questions(texts))
            except Exception as error:
                self.failures.append(error)
                return
            self.written += 1


class OutpacedEncoder(HashingEncoder):
    """While it encodes, another document is written each time, or the writer waits for the documents to be let go."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.held: list[int] = []

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        before = self.writer.written
        with raw_connection(self.writer.engine) as raw:
            while self.writer.written == before and self.writer.is_alive():
                if raw.execute(WAITING).fetchone() != (0,):
                    self.held.append(len(texts))
                    break
                time.sleep(0.001)
        return super().encode_passages(texts, on_batch)


@pytest.fixture
def generations(engine: sa.Engine) -> tuple[Generation, Generation]:
    base = make_generation(engine)
    serve(engine, base)
    add_chunks(engine, 40)
    backfill(engine, base, HashingEncoder())
    return base, make_generation(engine)


@pytest.fixture
def start_writer(engine: sa.Engine) -> Iterator[Callable[[int], Writer]]:
    started: list[Writer] = []

    def start(chunks: int) -> Writer:
        writer = Writer(engine, chunks)
        started.append(writer)
        writer.start()
        while not writer.written:
            assert writer.is_alive()
            time.sleep(0.001)
        return writer

    yield start
    for writer in started:
        writer.stopping.set()
        writer.join(20)
        assert not writer.is_alive() and writer.failures == []


def test_a_promotion_ends_though_documents_arrive_all_the_while(
    engine: sa.Engine, generations: tuple[Generation, Generation], start_writer: Callable[[int], Writer]
) -> None:
    base, made = generations
    writer = start_writer(1)
    encoder = OutpacedEncoder(writer)

    catch_up_and_promote(engine, made, encoder, lambda _: None, expected_current_id=base.id, by="test")

    assert serving(engine).id == made.id
    assert encoder.held and max(encoder.held) <= MOST_HELD
    after = writer.written
    while writer.written < after + 2:  # and they go on
        assert writer.is_alive()
        time.sleep(0.001)
    writer.stopping.set()
    writer.join(20)
    with engine.connect() as connection:
        for each in (base, made):
            lacking = f"SELECT count(*) FROM chunk WHERE id NOT IN (SELECT chunk_id FROM {each.table})"
            assert connection.scalar(sa.text(lacking)) == 0


def test_where_more_arrives_than_can_be_encoded_it_says_so(
    engine: sa.Engine, generations: tuple[Generation, Generation], start_writer: Callable[[int], Writer]
) -> None:
    base, made = generations
    encoder = OutpacedEncoder(start_writer(MOST_HELD + 1))
    with pytest.raises(NotPromotableError, match="faster than they could be encoded"):
        catch_up_and_promote(engine, made, encoder, lambda _: None, expected_current_id=base.id, by="test")
    assert serving(engine).id == base.id


def test_nobody_waits_where_many_are_lacking(engine: sa.Engine, generations: tuple[Generation, Generation]) -> None:
    base, made = generations
    held: list[object] = []
    with pytest.raises(NotPromotableError, match="lacks 40 chunks"):
        promote(engine, made, expected_current_id=base.id, by="test", encode_rest=held.append)
    assert held == []
