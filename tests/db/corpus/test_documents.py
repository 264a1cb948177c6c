"""A change of documents is one transaction that reaches every generation, whoever else is at it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import psycopg
import pytest
import sqlalchemy as sa
from numpy.typing import NDArray

from db import schema
from db.corpus import documents
from db.corpus.changes import OutpacedError
from db.corpus.document import DocumentDraft, Written, draft_chunk
from db.corpus.documents import (
    known_documents,
    list_documents_under,
    remove_documents,
    require_audience,
    write_documents,
)
from db.errors import DatabaseContendedError, EmptyCorpusError, NightshiftError, UnknownIdError
from db.generations import Generation, read_vectors
from db.store import driver, raw_connection
from tests.synthetic import HashingEncoder, make_generation, make_sharing, serve


def draft(name: str, *texts: str, title: str = "Title", audience_id: int | None = None) -> DocumentDraft:
    chunks = [draft_chunk(title, "", text) for text in texts]
    content_hash = repr((title, texts)).encode()
    return DocumentDraft(f"file:///{name}.md", title, content_hash, chunks, audience_id)


def encode(generation: Generation, texts: Sequence[str]) -> NDArray[np.float32]:
    return HashingEncoder().encode_passages(texts)


def chunk_ids(engine: sa.Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.scalars(sa.select(schema.chunk.c.id).order_by(schema.chunk.c.id)))


def has_vectors_of_all(engine: sa.Engine, generation: Generation) -> bool:
    """Whether the generation holds exactly the chunks, each with its own text's vector."""
    query = "SELECT c.id, d.title, c.text FROM chunk c JOIN document d ON d.id = c.document_id ORDER BY c.id"
    with raw_connection(engine) as raw:
        rows = raw.execute(query).fetchall()
    stored = read_vectors(engine, generation)
    expected = HashingEncoder().encode_passages([draft_chunk(title, "", text).encoded for _, title, text in rows])
    same = stored.chunk_ids.tolist() == [row[0] for row in rows]
    return same and bool(np.allclose(stored.vectors[:], expected, atol=1e-3))


@pytest.fixture
def generations(engine: sa.Engine) -> list[Generation]:
    """The serving generation and the one before it."""
    made = [make_generation(engine), make_generation(engine)]
    serve(engine, *made)
    return made


def test_a_change_reaches_the_serving_and_the_previous_generation(
    engine: sa.Engine, generations: list[Generation]
) -> None:
    for drafts in (
        [draft("a", "one", "two"), draft("b", "one")],
        [draft("a", "one", "three"), draft("b", "one", title="Other")],
    ):
        write_documents(engine, drafts, encode)
        assert all(has_vectors_of_all(engine, generation) for generation in generations)
    remove_documents(engine, ["file:///a.md"])
    assert len(chunk_ids(engine)) == 1
    assert all(has_vectors_of_all(engine, generation) for generation in generations)


def test_vectors_that_generations_share_are_encoded_and_written_once(engine: sa.Engine) -> None:
    current = make_generation(engine)
    sharing = make_sharing(engine, current)
    serve(engine, current, sharing)
    encoded: list[str] = []

    def encode_and_note(generation: Generation, texts: Sequence[str]) -> NDArray[np.float32]:
        encoded.extend(texts)
        return encode(generation, texts)

    for drafts in [draft("a", "one", "two")], [draft("a", "one", "three")]:
        write_documents(engine, drafts, encode_and_note)
        assert has_vectors_of_all(engine, sharing)
    assert len(encoded) == 3
    remove_documents(engine, ["file:///a.md"])
    assert has_vectors_of_all(engine, sharing)


def test_a_generation_that_comes_into_service_meanwhile_is_reached_too(engine: sa.Engine) -> None:
    first, second = make_generation(engine), make_generation(engine)
    serve(engine, first)

    def encode_and_promote(generation: Generation, texts: Sequence[str]) -> NDArray[np.float32]:
        serve(engine, second, first)
        return encode(generation, texts)

    assert write_documents(engine, [draft("a", "one")], encode_and_promote).added == 1
    assert has_vectors_of_all(engine, first)
    assert has_vectors_of_all(engine, second)


def test_two_who_write_the_same_documents_at_once_write_them_once(
    engine: sa.Engine, generations: list[Generation]
) -> None:
    both_encoded = threading.Barrier(2, timeout=60)
    drafts = [draft(str(n), "one", f"text {n}") for n in range(20)]

    def encode_together(generation: Generation, texts: Sequence[str]) -> NDArray[np.float32]:
        if generation.id == generations[-1].id:
            both_encoded.wait()
        return encode(generation, texts)

    with ThreadPoolExecutor(2) as threads:
        written = list(threads.map(lambda _: write_documents(engine, drafts, encode_together), range(2)))
    assert sorted((one.added, one.unchanged) for one in written) == [(0, 20), (20, 0)]
    assert len(chunk_ids(engine)) == 40
    assert all(has_vectors_of_all(engine, generation) for generation in generations)


def test_a_document_that_changed_while_another_change_was_encoded_is_compared_anew(
    engine: sa.Engine, generations: list[Generation]
) -> None:
    write_documents(engine, [draft("a", "one", "two")], encode)
    interfered: list[Written] = []

    def encode_after_another(generation: Generation, texts: Sequence[str]) -> NDArray[np.float32]:
        if not interfered:
            interfered.append(write_documents(engine, [draft("a", "other")], encode))
        return encode(generation, texts)

    write_documents(engine, [draft("a", "one", "three")], encode_after_another)
    assert len(chunk_ids(engine)) == 2
    assert all(has_vectors_of_all(engine, generation) for generation in generations)


def test_a_change_that_lost_a_deadlock_is_tried_again(engine: sa.Engine, generations: list[Generation]) -> None:
    write_documents(engine, [draft("a", "one", "two")], encode)
    first, last = chunk_ids(engine)
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')"
    lock = "SELECT id FROM chunk WHERE id = %s FOR UPDATE"
    with ThreadPoolExecutor(1) as thread:
        with engine.connect() as connection:
            other = driver(connection)
            other.execute(lock, (last,))
            change = thread.submit(write_documents, engine, [draft("a", "one")], encode)
            while other.execute(waits).fetchone() == (0,):
                pass
            # who waited first notices the deadlock and loses: the change, unless this machine slept for a second
            with suppress(psycopg.errors.DeadlockDetected):
                other.execute(lock, (first,))
            other.rollback()
        assert change.result(timeout=60).changed == 1
    assert chunk_ids(engine) == [first]


def test_a_failure_leaves_nothing_half_done(engine: sa.Engine, generations: list[Generation]) -> None:
    def encode_badly(generation: Generation, texts: Sequence[str]) -> NDArray[np.float32]:
        return encode(generation, texts) * (1 if generation == generations[0] else np.nan)

    with pytest.raises(ValueError, match="unit"):
        write_documents(engine, [draft("a", "one")], encode_badly)
    assert known_documents(engine, ["file:///a.md"]) == {}
    assert chunk_ids(engine) == read_vectors(engine, generations[0]).chunk_ids.tolist() == []


def test_documents_under_a_prefix_are_listed_without_reading_it_as_a_pattern(
    engine: sa.Engine, generations: list[Generation]
) -> None:
    names = [f"docs_1/{n}" for n in range(5)] + ["docsx1/0", "docs_10"]
    write_documents(engine, [draft(name, "text") for name in names], encode)
    remove_documents(engine, ["file:///docs_1/3.md", "file:///never-was.md"])
    batches = list(list_documents_under(engine, "file:///docs_1/", batch=3))
    assert batches == [[f"file:///docs_1/{n}.md" for n in (0, 1, 2)], ["file:///docs_1/4.md"]]


def test_there_must_be_a_generation_and_an_audience(engine: sa.Engine) -> None:
    with pytest.raises(EmptyCorpusError):
        write_documents(engine, [draft("a", "one")], encode)
    require_audience(engine, schema.PUBLIC_AUDIENCE_ID)
    with pytest.raises(UnknownIdError):
        require_audience(engine, 99)


def test_what_others_change_all_the_time_is_given_up_with_a_sentence(
    engine: sa.Engine, generations: list[Generation], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_documents(engine, [draft("a", "one")], encode)
    tried: list[str] = []

    def outpaced(*_: object) -> None:
        tried.append("written")
        raise OutpacedError

    def deadlocked(*_: object) -> None:
        tried.append("removed")
        raise DatabaseContendedError

    monkeypatch.setattr(documents, "write_drafts", outpaced)
    monkeypatch.setattr(documents, "lock_chunks", deadlocked)
    with pytest.raises(NightshiftError, match="being changed by someone else all the time; try again later"):
        write_documents(engine, [draft("a", "two")], encode)
    with pytest.raises(NightshiftError, match="being changed by someone else all the time; try again later"):
        remove_documents(engine, ["file:///a.md"])
    assert tried == ["written"] * 5 + ["removed"] * 5
    monkeypatch.undo()
    assert known_documents(engine, ["file:///a.md"])["file:///a.md"].deleted is False
