"""Bytes are read as the text they are, or refused with a reason."""

from __future__ import annotations

import gzip
import os

import pytest

from db.errors import BadInputError
from intake.extract.decoding import decode_text

GERMAN = "Die Größe der Tür ist für alle Büros gleich. " * 5
RUSSIAN = "Это документ на русском языке. Политика отпусков компании. " * 10
JAPANESE = "これは日本語の文書です。休暇の方針について説明します。" * 10


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "utf-8"),
        (GERMAN, "utf-8-sig"),
        (GERMAN, "utf-16"),
        (GERMAN, "utf-32"),
        (GERMAN, "latin-1"),
        ("“Quotes” — and dashes… It’s the policy.", "cp1252"),
        (RUSSIAN, "cp1251"),
        (JAPANESE, "shift_jis"),
    ],
)
def test_text_in_a_usual_encoding_is_read(text: str, encoding: str) -> None:
    assert decode_text(text.encode(encoding)) == text


def test_a_page_may_say_its_encoding() -> None:
    page = '<html><head><meta charset="iso-8859-2"></head><body>Zażółć gęślą jaźń</body></html>'
    assert "gęślą" in decode_text(page.encode("iso-8859-2"))


def test_a_page_cannot_choose_a_codec_that_is_no_encoding() -> None:
    with pytest.raises(BadInputError):
        decode_text(b'<meta charset="punycode">' + b"\x81\xfe\xff" * 100)


def test_a_few_bad_bytes_in_utf8_cost_nothing_else() -> None:
    text = "Ça coûte très cher – déjà vu. " * 20
    assert text.strip() in decode_text(text.encode() + b"\xff end").replace("\ufffd", "")
    assert text in decode_text((text + "é").encode()[:-1])


def test_surrogates_written_as_utf8_are_read() -> None:
    assert decode_text(b"before \xed\xa0\x80 after") == "before \ud800 after"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"%PDF-1.7\n...", "PDF"),
        (b"PK\x03\x04rest", "zip"),
        (gzip.compress(b"text", mtime=0), "gzip"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (bytes(2000), "binary"),
        (bytes(range(256)) * 8, "binary"),
        (b"\xff\xfea\x00b", "encoding"),
        (b"\xff\xfe\xfa\x80\x81", "encoding"),
        (b"\x80\x81\xfe\xff", "encoding"),
        (b"\xff" * 100, "encoding"),
        (os.urandom(3000).replace(b"\0", b"\1"), "text"),
    ],
)
def test_what_is_no_text_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(BadInputError, match=reason):
        decode_text(data)


def test_one_nul_does_not_make_a_text_binary() -> None:
    assert decode_text(b"one\0two") == "one\0two"
