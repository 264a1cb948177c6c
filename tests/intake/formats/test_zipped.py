"""An archive is opened only if what it unpacks to is bounded."""

from __future__ import annotations

import pytest

from db.errors import BadInputError
from intake.formats import zipped as zipped_module
from intake.formats.zipped import PROTECTED, open_zip
from tests.intake.formats.making import zipped


def test_what_is_within_bounds_is_opened() -> None:
    with open_zip(zipped({"a": "text"}), "an archive") as archive:
        assert archive.read("a") == b"text"


def test_more_files_than_any_document_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped_module, "MAX_MEMBERS", 2)
    with pytest.raises(BadInputError, match="in 3 files"):
        open_zip(zipped({"a": "", "b": "", "c": ""}), "an archive")


def test_an_encrypted_member_is_told() -> None:
    data = bytearray(zipped({"a": "text"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(BadInputError) as caught:
        open_zip(bytes(data), "an archive")
    assert str(caught.value) == PROTECTED


def test_a_member_gives_no_more_than_it_says() -> None:
    data = bytearray(zipped({"a": b"0" * 1_000_000}))
    place = data.index(b"PK\x01\x02") + 24
    data[place : place + 4] = (10).to_bytes(4, "little")
    with open_zip(bytes(data), "an archive") as archive, pytest.raises(Exception, match="CRC"):
        archive.read("a")
