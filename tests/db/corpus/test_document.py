"""A draft of a chunk carries what is encoded and its hash."""

from __future__ import annotations

import hashlib

import pytest

from db.corpus.document import KnownDocument, draft_chunk
from db.models import passage_text
from db.words import tokenizer_of


def test_the_hash_is_of_what_is_encoded() -> None:
    chunk = draft_chunk("Leave", "Leave > Sick", "Bring a note.")
    assert chunk.encoded == passage_text("Leave", "Leave > Sick", "Bring a note.")
    assert chunk.text_hash == hashlib.sha256(chunk.encoded.encode()).digest()


def test_the_words_are_those_of_what_is_encoded_in_its_languages() -> None:
    for languages in ("english",), ("german",):
        chunk = draft_chunk("Verträge", "", "The contracts", languages)
        assert chunk.counted == tokenizer_of(languages).count(chunk.encoded)
        assert chunk.counted.languages == languages


@pytest.mark.parametrize(
    ("known", "audience_id", "same"),
    [
        (KnownDocument(1, b"hash", 5, False, "a"), None, True),
        (KnownDocument(1, b"hash", 5, False, "a"), 5, True),
        (KnownDocument(1, b"hash", 5, False, "a"), 1, False),
        (KnownDocument(1, b"other", 5, False, "a"), None, False),
        (KnownDocument(1, b"hash", 5, True, "a"), None, False),
    ],
)
def test_a_document_is_unchanged_if_bytes_audience_and_being_there_are(
    known: KnownDocument, audience_id: int | None, same: bool
) -> None:
    assert known.is_as(b"hash", audience_id) is same
