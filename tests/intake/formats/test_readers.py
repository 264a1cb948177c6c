"""Every kind has its reader, and a file of every kind may be anything at all."""

from __future__ import annotations

from pathlib import PurePath

import pytest

from db.errors import BadInputError
from intake.extract import FileReader, extract_document
from intake.formats import CODE_SUFFIXES, SUFFIXES
from intake.formats import zipped as zipped_module
from intake.formats.source_code import LANGUAGES
from tests.intake.formats.making import zipped

JUNK = (
    b"\x00\xff\xfe" * 50,
    b"words",
    b"PK\x03\x04" + b"\0" * 40,
    b"{\\rtf1" + b"{" * 5_000,
    b"%PDF-1.4\n" + b"[" * 5_000,
)


def test_whatever_a_file_holds_it_is_read_or_refused_in_words() -> None:
    with FileReader() as read_file:
        for suffix in sorted(SUFFIXES - CODE_SUFFIXES):
            for data in JUNK:
                try:
                    extract_document(data, PurePath(f"a{suffix}"), read_file)
                except BadInputError as error:
                    assert str(error)[0].islower()


@pytest.mark.parametrize("suffix", sorted(LANGUAGES))
def test_code_is_one_block_under_its_file_s_name(suffix: str) -> None:
    document = extract_document(b"---\na: 1\n\n# no heading\n", PurePath(f"deploy/a{suffix}"))
    assert document.title == f"a{suffix}"
    assert [own.text for own in document.sections] == [f"```{LANGUAGES[suffix]}\n---\na: 1\n\n# no heading\n```"]


@pytest.mark.parametrize("suffix", [".docx", ".pptx", ".xlsx", ".odt", ".epub"])
def test_no_archive_is_unpacked_beyond_bounds(suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped_module, "MAX_UNPACKED_BYTES", 1_000_000)
    with pytest.raises(BadInputError, match="it would unpack to 2 MB in 1 files"):
        extract_document(zipped({"content.xml": b"0" * 2_000_000}), PurePath(f"a{suffix}"))
