from __future__ import annotations

import sqlalchemy as sa

from db.schema import chunk, document
from db.search import copy_of, read_shelf
from tests.synthetic import add_chunks


def test_every_chunk_is_there_with_its_document_and_what_it_is_a_copy_of(engine: sa.Engine) -> None:
    first, second = add_chunks(engine, 2), add_chunks(engine, 1)
    with engine.begin() as connection:
        connection.execute(chunk.update().where(chunk.c.id == second[0][0]).values(text="passage   1"))
        connection.execute(document.update().where(document.c.id == 1).values(signature=b"signed"))
    shelf = read_shelf(engine)
    assert shelf.signatures == {1: b"signed"}
    assert shelf.chunk_ids.tolist() == [own[0] for own in (*first, *second)]
    assert shelf.document_ids[0] == shelf.document_ids[1] != shelf.document_ids[2]
    assert shelf.copies.tolist() == [copy_of("Passage 1"), copy_of("Passage 2"), copy_of("Passage 1")]


def test_an_empty_store_has_an_empty_shelf(engine: sa.Engine) -> None:
    assert [len(column) for column in (read_shelf(engine).chunk_ids, read_shelf(engine).copies)] == [0, 0]
