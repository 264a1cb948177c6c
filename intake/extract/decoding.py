"""Bytes of a file become text, or a plain reason why they can't."""

from __future__ import annotations

import codecs
import re

from db.errors import BadInputError, NoTextError
from intake.extract.declared import declared_encoding
from intake.extract.guessing import SAMPLE_BYTES, guess_encoding, seven_bit_encoding, wide_encoding
from intake.extract.utf7 import is_utf7

_MAGIC = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a zip archive or an Office file",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"\x1f\x8b": "a gzip archive",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
    b"\x7fELF": "a program",
}
_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
"""In this order: UTF-16's little-endian mark begins UTF-32's."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_BINARY = "it is binary, not text"
_NO_ENCODING = "its bytes are not text in any encoding that could be told for sure; save it as UTF-8"
_UTF7 = "it seems to be in UTF-7, which nothing reads any more; save it as UTF-8"
_MOST_BAD = 0.01
"""So much of a page may be no text in the encoding that it says: browsers show it, too."""


def decode_text(data: bytes, *, is_html: bool = False) -> str:
    """Reads bytes as text: a byte order mark, UTF-8, what an HTML page itself says, what two guesses agree on.

    Raises:
        BadInputError: it is empty, binary, or in no encoding that is sure: other letters than were written are never
            read.
    """
    if not data:
        raise NoTextError("it is empty")
    kind = next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), None)
    if kind is not None:
        raise BadInputError(f"it is {kind}, not text")
    text = _decode(data, declared_encoding(data) if is_html else None)
    sample = text[:SAMPLE_BYTES]
    if 10 * len(_CONTROL.findall(sample)) > len(sample) + 80:
        raise BadInputError(_BINARY)
    return text


def _decode(data: bytes, declared: str | None) -> str:
    for bom, encoding in _BOMS.items():
        if data.startswith(bom):
            return _decode_strictly(data[len(bom) :], encoding)
    if told := wide_encoding(data) or seven_bit_encoding(data):
        return _decode_strictly(data, told)
    if is_utf7(data):
        raise BadInputError(_UTF7)
    damaged = _decode_damaged(data)
    if damaged is not None:
        return damaged
    if b"\0" in data:
        raise BadInputError(_BINARY)
    if declared is not None:
        text = data.decode(declared, "replace")
        if text.count("\ufffd") <= _MOST_BAD * len(text):
            return text
    guessed = guess_encoding(data)
    if guessed is None:
        raise BadInputError(_NO_ENCODING)
    return _decode_strictly(data, guessed)


def _decode_strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise BadInputError(_NO_ENCODING) from None


def _decode_damaged(data: bytes) -> str | None:
    """UTF-8, of which a few bad bytes are left out; None where it isn't UTF-8 at all."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(char > "\x7f" for char in text) - bad
    return text if 10 * bad < good else None
