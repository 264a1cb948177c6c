"""Rich text is its words."""

from __future__ import annotations

import pytest

from db.errors import BadInputError
from intake.formats.rtf import read_rtf
from tests.intake.formats.making import unheard

TABLE = r"\trowd\cellx1\cellx2 Deck\cell Cars\cell\row\trowd\cellx1\cellx2 A\cell 40\cell\row\pard "


def test_paragraphs_letters_and_tables_are_kept() -> None:
    data = rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\f0 Leave is \b long\b0 .\par " + TABLE.encode() + rb"\u228? gut.\par}"
    (part,) = read_rtf(data, unheard).parts
    assert part.text == "Leave is long.\n\n| Deck | Cars |\n|---|---|\n| A | 40 |\n\nä gut."


@pytest.mark.parametrize("data", [b"words", b"\x00\x01"])
def test_what_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(BadInputError, match="no RTF"):
        read_rtf(data, unheard)


@pytest.mark.parametrize(
    "hidden", [r"{\v secret}", r"\v secret\v0 ", r"\v secret\plain ", r"{\b\v\fs20 sec\}ret}", r"{\v \'73ecret}"]
)
def test_hidden_text_is_left_out(hidden: str) -> None:
    (part,) = read_rtf(rb"{\rtf1\ansi\viewkind4 seen " + hidden.encode() + rb" by all.\par}", unheard).parts
    assert " ".join(part.text.split()) == "seen by all."
