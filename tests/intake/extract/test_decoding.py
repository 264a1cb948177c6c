"""Bytes are read as the text they are, or refused with a reason."""

from __future__ import annotations

import gzip
import os

import pytest

from db.errors import BadInputError
from intake.extract.decoding import decode_text

GERMAN = "Die Größe der Tür ist für alle Büros gleich. " * 5
POLISH = "Pracownik zgłasza urlop co najmniej trzy dni wcześniej. Przełożony zatwierdza wniosek w tygodniu. " * 3
CZECH = "Zaměstnanec žádá o dovolenou nejméně tři dny předem. Nadřízený žádost schvaluje do příštího dne. " * 3
TURKISH = "Çalışan izin talebini en az üç gün önceden yapar. Şirket aracı için ayrı form gerekir. " * 3
HEBREW = "העובד מבקש חופשה לפחות שלושה ימים מראש במערכת. המנהל מאשר את הבקשה. " * 3
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
        ("The café asks £5 – it’s the team’s “naïve” price at 21°C for ½ of it.", "cp1252"),
        (GERMAN, "mac_roman"),
        (GERMAN, "cp850"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
        (RUSSIAN, "cp866"),
        (CZECH, "cp1250"),
        (POLISH, "iso8859_2"),
        (TURKISH, "cp1254"),
        (HEBREW, "cp1255"),
        (JAPANESE, "shift_jis"),
    ],
)
def test_text_in_a_usual_encoding_is_read(text: str, encoding: str) -> None:
    assert decode_text(text.encode(encoding)) == text


def test_a_page_may_say_its_encoding() -> None:
    page = '<html><head><meta charset="iso-8859-2"></head><body>Zażółć gęślą jaźń</body></html>'
    assert "gęślą" in decode_text(page.encode("iso-8859-2"), is_html=True)


def test_what_a_page_says_is_nothing_in_a_text() -> None:
    text = f'In the old pages stood <meta charset="koi8-r">. {GERMAN}'
    assert decode_text(text.encode("cp1252")) == text


def test_a_page_cannot_choose_a_codec_that_is_no_encoding() -> None:
    with pytest.raises(BadInputError):
        decode_text(b'<meta charset="punycode">' + b"\x81\xfe\xff" * 100, is_html=True)


def test_a_page_that_says_a_wrong_encoding_is_not_read_in_it() -> None:
    page = b'<meta charset="euc-jp"><p>' + GERMAN.encode("cp1252")
    assert "Größe" in decode_text(page, is_html=True)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "iso2022_jp"])
def test_letters_in_bytes_of_other_letters_are_never_read_as_those(encoding: str) -> None:
    text = f"{JAPANESE[:27]}\n" * 10
    assert decode_text(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "text", ["a+bcd-e, +49-30-123, C++", "~{ home ~}", "\x1b[31mred\x1b(B", "git +AAA- +BBB-", "#+AUDIENCE: x"]
)
def test_ascii_stays_what_it_is(text: str) -> None:
    assert decode_text(text.encode()) == text


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
