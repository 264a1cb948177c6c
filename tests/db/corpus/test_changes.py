"""Of a changed document, what stayed keeps its row, and with it its votes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from db import schema
from db.corpus.document import DocumentDraft, draft_chunk
from db.corpus.documents import known_documents, remove_documents, write_documents
from db.generations import Generation, read_vectors
from db.models import passage_text
from tests.synthetic import HashingEncoder, add_audience, make_generation, serve

URI = "file:///a.md"


def draft(*chunks: str | tuple[str, str], title: str = "Title", **values: Any) -> DocumentDraft:
    """Chunks are texts, or (section, text)."""
    pairs = [("", chunk) if isinstance(chunk, str) else chunk for chunk in chunks]
    content_hash = repr((title, pairs)).encode()
    return DocumentDraft(URI, title, content_hash, [draft_chunk(title, *pair) for pair in pairs], **values)


def encode(_: Generation, texts: Sequence[str]) -> NDArray[np.float32]:
    return HashingEncoder().encode_passages(texts)


def write(engine: sa.Engine, document: DocumentDraft) -> tuple[int, int, int, int]:
    written = write_documents(engine, [document], encode)
    return written.added, written.changed, written.unchanged, written.chunks


def rows(engine: sa.Engine) -> list[tuple[int, str, str]]:
    """Chunks in their order: id, section, text."""
    chunk = schema.chunk.c
    with engine.connect() as connection:
        return [
            tuple(row)
            for row in connection.execute(sa.select(chunk.id, chunk.section, chunk.text).order_by(chunk.ordinal))
        ]


def begin(engine: sa.Engine, document: DocumentDraft) -> list[int]:
    serve(engine, make_generation(engine))
    assert write(engine, document)[0] == 1
    return [chunk_id for chunk_id, _, _ in rows(engine)]


def test_a_chunk_whose_encoded_text_stays_keeps_its_row(engine: sa.Engine) -> None:
    one, two, three = begin(engine, draft("one", "two", "three"))
    assert write(engine, draft("three", "new", "one")) == (0, 1, 0, 1)
    assert [(row[0] in (one, two, three), row[2]) for row in rows(engine)] == [
        (True, "three"),
        (False, "new"),
        (True, "one"),
    ]
    assert rows(engine)[0][0] == three


def test_a_passage_that_stands_on_another_page_is_the_same_and_opens_there(engine: sa.Engine) -> None:
    def on_page(number: int) -> DocumentDraft:
        chunks = [draft_chunk("Title", "", text, place=f"#page={number + n}") for n, text in enumerate(("one", "two"))]
        return DocumentDraft(URI, "Title", str(number).encode(), chunks)

    before = begin(engine, on_page(1))
    assert write(engine, on_page(3)) == (0, 1, 0, 0)
    with engine.connect() as connection:
        chunk = schema.chunk.c
        places = connection.execute(sa.select(chunk.id, chunk.place).order_by(chunk.ordinal)).all()
    assert [tuple(row) for row in places] == [(before[0], "#page=3"), (before[1], "#page=4")]


def test_a_changed_title_or_section_is_another_encoded_text(engine: sa.Engine) -> None:
    first, second = begin(engine, draft(("A", "one"), ("A", "two")))
    write(engine, draft(("A", "one"), ("B", "two")))
    assert [row[0] == old for row, old in zip(rows(engine), (first, second), strict=True)] == [True, False]
    write(engine, draft(("A", "one"), ("B", "two"), title="Another"))
    assert first not in [row[0] for row in rows(engine)]


def test_only_what_is_new_is_encoded(engine: sa.Engine) -> None:
    begin(engine, draft("one", "two"))
    encoded: list[str] = []

    def encode_and_note(generation: Generation, texts: Sequence[str]) -> NDArray[np.float32]:
        encoded.extend(texts)
        return encode(generation, texts)

    write_documents(engine, [draft("one", "two", "two", "new")], encode_and_note)
    assert encoded == [passage_text("Title", "", "two"), passage_text("Title", "", "new")]


def test_a_section_that_is_not_encoded_is_brought_up_to_date_in_place(engine: sa.Engine) -> None:
    (chunk_id,) = begin(engine, draft(("TITLE > B", "one")))
    write(engine, draft(("Title > B", "one")))
    assert rows(engine) == [(chunk_id, "Title > B", "one")]


def test_the_same_text_twice_in_a_document_is_two_chunks(engine: sa.Engine) -> None:
    first, second = begin(engine, draft("same", "same"))
    assert write(engine, draft("same", "same", "same")) == (0, 1, 0, 1)
    assert [row[0] for row in rows(engine)][:2] == [first, second]
    write(engine, draft("same"))
    assert [row[0] for row in rows(engine)] == [first]


def test_nothing_is_written_where_nothing_changed(engine: sa.Engine) -> None:
    begin(engine, draft("one"))

    def never(*_: object) -> Any:
        raise AssertionError

    assert write_documents(engine, [draft("one")], never).unchanged == 1


def test_a_document_that_comes_back_is_new_and_for_the_same_audience(engine: sa.Engine) -> None:
    people = add_audience(engine, "people")
    begin(engine, draft("one", audience_id=people))
    assert remove_documents(engine, [URI]) == 1
    assert remove_documents(engine, [URI]) == 0
    assert known_documents(engine, [URI])[URI].deleted
    assert rows(engine) == []
    assert write(engine, draft("one")) == (1, 0, 0, 1)
    assert known_documents(engine, [URI])[URI].audience_id == people


def test_another_audience_reaches_the_vectors_and_none_given_keeps_it(engine: sa.Engine) -> None:
    generations = [make_generation(engine), make_generation(engine)]
    serve(engine, *generations)
    write(engine, draft("one", "two"))
    people = add_audience(engine, "people")
    assert write(engine, draft("one", "two", audience_id=people)) == (0, 1, 0, 0)
    for generation in generations:
        assert read_vectors(engine, generation).audience_ids.tolist() == [people, people]
    assert write(engine, draft("one", "three")) == (0, 1, 0, 1)
    for generation in generations:
        assert read_vectors(engine, generation).audience_ids.tolist() == [people, people]


def test_what_a_document_says_of_itself_is_stored(engine: sa.Engine) -> None:
    begin(engine, draft("one", owner="ada", front_matter={"tags": ["a", "b"], "url": "https://x.test"}))
    query = sa.select(schema.document.c.owner, schema.document.c.front_matter)
    with engine.connect() as connection:
        assert tuple(connection.execute(query).one()) == ("ada", {"tags": ["a", "b"], "url": "https://x.test"})
    write(engine, draft("two", owner=None))
    with engine.connect() as connection:
        assert tuple(connection.execute(query).one()) == (None, {})


def test_it_changed_when_its_words_did(engine: sa.Engine) -> None:
    begin(engine, draft("one", "two"))
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)

    def changes_by(document: DocumentDraft) -> bool:
        with engine.begin() as connection:
            connection.execute(sa.update(schema.document).values(changed_at=long_ago))
        write_documents(engine, [document], encode)
        with engine.connect() as connection:
            return connection.scalar(sa.select(schema.document.c.changed_at)) != long_ago

    known = draft("one", "two")
    assert not changes_by(replace(known, content_hash=b"read otherwise"))
    assert not changes_by(replace(known, front_matter={"url": "https://x.test"}, content_hash=b"another field"))
    assert not changes_by(replace(known, audience_id=add_audience(engine, "people")))
    assert not changes_by(replace(known, uri="file:///b.md", moved_from=URI))
    assert changes_by(replace(draft("one"), uri="file:///b.md"))
    assert changes_by(replace(draft("one", "three"), uri="file:///b.md"))
    assert changes_by(replace(draft("one", "three", title="Another"), uri="file:///b.md"))
    remove_documents(engine, ["file:///b.md"])
    assert changes_by(replace(draft("one", "three", title="Another"), uri="file:///b.md"))
