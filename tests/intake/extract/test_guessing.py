"""An encoding is told where more than one thing tells it, or not at all."""

from __future__ import annotations

import pytest

from intake.extract.guessing import SAMPLE_BYTES, guess_encoding, seven_bit_encoding, wide_encoding

POLISH = "Pracownik zgłasza urlop co najmniej trzy dni wcześniej. Przełożony zatwierdza wniosek jeszcze w tygodniu. "


def test_what_stands_far_behind_is_seen() -> None:
    data = b"Plain words. " * (SAMPLE_BYTES // 6) + (POLISH * 20).encode("cp1250")
    assert guess_encoding(data) == "windows-1250"


@pytest.mark.parametrize("data", [b"a\xe9", b"word \x8a\x8e\x9a", "Il valore 7 non è una scelta".encode("cp1252")])
def test_too_little_is_not_told(data: bytes) -> None:
    assert guess_encoding(data) is None


def test_bytes_of_ascii_may_be_other_letters() -> None:
    assert seven_bit_encoding("休暇の方針について".encode("iso2022_jp")) == "iso-2022-jp"
    assert seven_bit_encoding(POLISH.encode()) is None
    assert wide_encoding(POLISH.encode("utf-16-le")) == "utf-16-le"
    assert wide_encoding(b"one\0two") is None
    assert wide_encoding(b"\x00\x01\x02\xff" * 100) is None
    assert wide_encoding(b"# T\xc3\xafdy\nNUL\0 and \xed\xa0\x80 go, \xe2\x80\x8bwords stay.") is None


def test_the_wrong_order_of_bytes_is_not_read() -> None:
    """The detector takes Thai of either order for the other."""
    thai = "พนักงานต้องขอลาล่วงหน้าอย่างน้อยสามวันในระบบ\n" * 5
    for order in ("utf-16-le", "utf-16-be"):
        assert wide_encoding(thai.encode(order)) in (None, order)
