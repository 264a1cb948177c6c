"""What is read of chunks, whatever generation has vectors of them."""

from __future__ import annotations

import sqlalchemy as sa

from db.corpus.chunks import count_chunks, holds_any, read_passages, read_uris_of_chunks
from tests.corpus import add_document


def test_passages_are_as_they_are_encoded_and_what_is_gone_is_left_out(engine: sa.Engine) -> None:
    [first, second] = (hit.chunk_id for hit in add_document(engine, "Parking", [("Garage", "Open."), ("", "Closed.")]))
    assert read_passages(engine, [second, first, first, 999]) == {
        first: "Parking. Garage. Open.",
        second: "Parking. Closed.",
    }
    assert read_passages(engine, []) == {}


def test_every_chunk_has_its_document_s_address(engine: sa.Engine) -> None:
    assert (count_chunks(engine), read_uris_of_chunks(engine)) == (0, {})
    garage = [hit.chunk_id for hit in add_document(engine, "Garage", [("", "One."), ("", "Two.")], uri="file:///a")]
    [canteen] = (hit.chunk_id for hit in add_document(engine, "Canteen", [("", "Three.")], uri="file:///b"))
    assert count_chunks(engine) == 3
    assert read_uris_of_chunks(engine) == {garage[0]: "file:///a", garage[1]: "file:///a", canteen: "file:///b"}


def test_a_text_is_held_whole_or_not_at_all(engine: sa.Engine) -> None:
    add_document(engine, "Garage", [("", "The garage is open.")])
    assert holds_any(engine, ["Something else.", "The garage is open."])
    assert not holds_any(engine, ["The garage is", "the garage is open."])
    assert not holds_any(engine, [])
