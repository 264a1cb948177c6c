"""Bytes become a document's draft, or a plain reason why not."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePath

import pytest

from db.corpus import draft_chunk
from db.errors import BadInputError, ModelError
from db.models import token_budget
from db.settings import Settings
from intake.drafting import draft_chunks, draft_document, hash_content
from intake.extract import read_apart
from intake.formats import Reading
from intake.sources import Listed

SETTINGS = Settings(data_dir=Path("unused"))
LEAVE = b"---\nowner: ada\n---\n# Leave\nTwenty-eight days.\n"


def test_a_draft_has_all_that_is_stored() -> None:
    listed = Listed("file:///docs/leave.md", "docs/leave.md", audience_id=3)
    draft = draft_document(SETTINGS, listed, LEAVE, b"hash", read_apart)
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


@pytest.mark.parametrize(
    "text",
    [
        "公司为所有正式员工提供每年十五天的带薪年假。申请需要提前两周提交给直属主管审批。" * 40,
        "```sh\n" + "kubectl -n prod get pods -l app=x7f3 -o jsonpath='{.items[*].metadata.uid}'\n" * 60 + "```\n",
        "| id | at |\n| --- | --- |\n" + "| 7f3a-91c2-44d0 | 2026-01-07T09:13:55Z |\n" * 90,
        "x7F3.q9Zp," * 400,
        "## A\n\n" + "9f-2c-41 7b-03-aa " * 24 + "\n\n## B\n\n" + "1d-88-c0 f4-5e-19 " * 24,
    ],
)
def test_the_encoder_reads_every_passage_to_its_end(text: str) -> None:
    extracted, chunks = draft_chunks(SETTINGS, f"# Notes\n\n{text}".encode(), PurePath("notes.md"))
    budget = token_budget(SETTINGS.base_model)
    assert budget is not None and max(budget.shares([chunk.encoded for chunk in chunks])) <= 1
    assert max(budget.shares([text])) > 1.5
    assert set(extracted.title) and len(chunks) >= 2


def test_title_and_headings_leave_the_encoder_room_for_the_text() -> None:
    title, chapter, part = ("".join(map(chr, range(start, start + 115))) for start in (0x4E10, 0x5310, 0x6310))
    end = "末尾在此"
    page = f"---\ntitle: {title}\n---\n# {chapter}\n## {part}\n### 请假\n" + "每年十五天年假。" * 60 + end
    extracted, chunks = draft_chunks(SETTINGS, page.encode(), PurePath("notes.md"))
    budget = token_budget(SETTINGS.base_model)
    assert budget is not None and max(budget.shares([chunk.encoded for chunk in chunks])) <= 1
    assert len(extracted.title) < 64 and title.startswith(extracted.title.removesuffix("…"))
    assert set(title + chapter + part + end) <= set("".join(chunk.text for chunk in chunks))
    assert chunks[-1].section.endswith("请假")


def test_a_model_that_is_not_there_is_no_fault_of_a_document(tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(update={"base_model": str(tmp_path)})
    with pytest.raises(ModelError):
        draft_document(settings, Listed("file:///a.md", "a.md"), LEAVE, b"", read_apart)


def test_what_a_parser_trips_over_is_a_reason() -> None:
    def trip(suffix: str, data: bytes) -> Reading:
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
            SETTINGS.model_copy(update={"base_model": "another"}),
        )
    }
    assert len(hashes) == 8


def test_what_a_document_is_known_by_stays_from_release_to_release() -> None:
    assert hash_content(SETTINGS, b"one") == hashlib.sha256(b"6/1000/200/all-MiniLM-L6-v2/one").digest()
