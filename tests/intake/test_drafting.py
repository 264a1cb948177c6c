"""Bytes become a document's draft, or a plain reason why not."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePath

import pytest

from db.corpus import draft_chunk
from db.errors import BadInputError
from db.settings import Settings
from intake.drafting import draft_chunks, draft_document, hash_content
from intake.extract import html_to_markdown
from intake.sources import Listed

SETTINGS = Settings(data_dir=Path("unused"))
LEAVE = b"---\nowner: ada\n---\n# Leave\nTwenty-eight days.\n"


def test_a_draft_has_all_that_is_stored() -> None:
    listed = Listed("file:///docs/leave.md", "docs/leave.md", audience_id=3)
    draft = draft_document(SETTINGS, listed, LEAVE, b"hash", html_to_markdown)
    assert (draft.uri, draft.title, draft.content_hash) == ("file:///docs/leave.md", "Leave", b"hash")
    assert (draft.audience_id, draft.owner, draft.front_matter) == (3, "ada", {"owner": "ada"})
    assert draft.chunks == [draft_chunk("Leave", "Leave", "Twenty-eight days.")]


def test_words_are_counted_in_the_languages_that_are_set() -> None:
    settings = SETTINGS.model_copy(update={"languages": "german,english"})
    _, (chunk,) = draft_chunks(settings, b"Die Vertr\xc3\xa4ge sind da.", PurePath("notes.txt"))
    assert chunk.counted.languages == ("german", "english") and "vertrag" in chunk.counted.times


def test_a_suffix_tells_whether_there_are_headings() -> None:
    _, (chunk,) = draft_chunks(SETTINGS, b"# Not a heading\n\nText.", PurePath("notes.txt"))
    assert (chunk.section, chunk.text) == ("", "# Not a heading\n\nText.")


def test_what_a_parser_trips_over_is_a_reason() -> None:
    def trip(html: str) -> tuple[str | None, str]:
        raise RecursionError

    listed = Listed("file:///a.html", "a.html")
    with pytest.raises(BadInputError, match=r"^it can't be read \(RecursionError\)$"):
        draft_document(SETTINGS, listed, b"<p>Text", b"", trip)
    with pytest.raises(BadInputError, match="^it is empty$"):
        draft_document(SETTINGS, listed, b"", b"", trip)


def test_a_document_is_another_when_it_is_split_otherwise() -> None:
    hashes = {
        hash_content(settings, told)
        for told in (b"one", b"two")
        for settings in (
            SETTINGS,
            SETTINGS.model_copy(update={"chunk_size": 500}),
            SETTINGS.model_copy(update={"chunk_overlap": 100}),
        )
    }
    assert len(hashes) == 6


def test_what_a_document_is_known_by_stays_from_release_to_release() -> None:
    assert hash_content(SETTINGS, b"one") == hashlib.sha256(b"2/1000/200/one").digest()
