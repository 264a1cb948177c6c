"""By which suffix a page is read, and in what encoding."""

from __future__ import annotations

import pytest

from intake.websites.content_types import charset_of, content_type_of, suffix_for, with_its_encoding


@pytest.mark.parametrize(
    ("address", "told", "suffix"),
    [
        ("https://h/a", "text/html; charset=utf-8", ".html"),
        ("https://h/a.php", "Text/HTML", ".html"),
        ("https://h/a.pdf", "application/pdf", ".pdf"),
        ("https://h/download?id=7", "application/pdf", ".pdf"),
        ("https://h/a.md", "text/plain", ".md"),
        ("https://h/a.md", "application/octet-stream", ".md"),
        ("https://h/a", "text/plain", ".txt"),
        ("https://h/a.png", "image/png", None),
        ("https://h/a.html", "image/png", None),
        ("https://h/a", "application/octet-stream", None),
        ("https://h/a.zip", "application/zip", None),
        ("https://h/a.pdf", None, ".pdf"),
        ("https://h/a", None, None),
    ],
)
def test_suffixes(address: str, told: str | None, suffix: str | None) -> None:
    assert suffix_for(address, content_type_of(told)) == suffix


def test_what_the_server_says_of_the_encoding_goes_before() -> None:
    assert charset_of('text/html; Charset="ISO-8859-2"; x=1') == "iso-8859-2" and charset_of("text/html") is None
    assert with_its_encoding("ő".encode("iso-8859-2"), "iso-8859-2") == "\ufeffő".encode()
    for charset in (None, "utf-8", "nonsense", "ascii", "base64", "idna"):
        assert with_its_encoding("ő".encode(), charset) == "ő".encode()


@pytest.mark.parametrize("charset", ["punycode", "idna", "utf-7", "unicode_escape", "a\0b"])
def test_what_only_python_calls_an_encoding_is_none(charset: str) -> None:
    assert with_its_encoding(b"a+AGE-\\x61", charset) == b"a+AGE-\\x61"
