"""A new document is one that is gone from its place if it has its bytes, or most of its words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from numpy.typing import NDArray

from db.corpus import DocumentDraft, draft_chunk, write_documents
from db.generations import Generation
from intake.moves import Moves
from tests.synthetic import HashingEncoder, make_generation, serve

PARKING = "A parking permit costs 40 euros a month and is ordered at reception, with your badge at hand."
VISA = "Visa letters are written by the legal team within five working days after you send your passport copy."


def draft(uri: str, text: str, title: str = "Title") -> DocumentDraft:
    return DocumentDraft(uri, title, text.encode(), [draft_chunk(title, "", text)])


@pytest.fixture
def moves(engine: sa.Engine) -> Callable[..., Moves]:
    """Of a store with these documents, all of which are gone from their places but those `there`."""
    serve(engine, make_generation(engine))

    def encode(_: Generation, texts: Sequence[str]) -> NDArray[np.float32]:
        return HashingEncoder().encode_passages(texts)

    def made(*drafts: DocumentDraft, there: Sequence[str] = ()) -> Moves:
        write_documents(engine, drafts, encode)
        return Moves(engine, lambda uri: uri not in there)

    return made


def test_the_same_bytes_elsewhere_are_the_document_whatever_it_is_called(moves: Callable[..., Moves]) -> None:
    told = moves(draft("/a.md", PARKING), draft("/b.md", VISA)).tell(draft("/new/c.md", VISA, title="Another title"))
    assert told.moved_from == "/b.md"


def test_a_document_that_is_still_there_was_copied(moves: Callable[..., Moves]) -> None:
    assert moves(draft("/a.md", PARKING), there=["/a.md"]).tell(draft("/b.md", PARKING)).moved_from is None


def test_each_becomes_one_other(moves: Callable[..., Moves]) -> None:
    tell = moves(draft("/a.md", PARKING)).tell
    assert [tell(draft(uri, PARKING)).moved_from for uri in ("/b.md", "/c.md")] == ["/a.md", None]


def test_of_copies_the_one_is_taken_whose_path_ends_most_alike(moves: Callable[..., Moves]) -> None:
    tell = moves(*(draft(f"/old/{name}/index.md", PARKING) for name in "abc")).tell
    found = {name: tell(draft(f"/mnt/docs/{name}/index.md", PARKING)).moved_from for name in "cab"}
    assert found == {name: f"/old/{name}/index.md" for name in "abc"}


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        (VISA.replace("five", "six"), "/b.md"),
        (VISA + " " + "Ask them in their channel.", "/b.md"),
        (VISA.upper(), "/b.md"),
        ("Lunch is served from noon until two.", None),
        ("?!", None),
        (" ".join(reversed(VISA.split())), None),
    ],
)
def test_an_edit_on_the_way_is_seen_through_if_most_words_stayed(
    moves: Callable[..., Moves], text: str, origin: str | None
) -> None:
    tell = moves(draft("/a.md", PARKING), draft("/b.md", VISA), draft("/empty.md", "…")).tell
    assert tell(draft("/c.md", text)).moved_from == origin


def test_nothing_is_read_where_nothing_is_new(engine: sa.Engine) -> None:
    def is_gone(uri: str) -> Any:
        raise AssertionError

    Moves(engine, is_gone)
