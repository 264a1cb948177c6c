"""Bytes of a file become text, or a plain reason why they can't."""

from __future__ import annotations

import codecs
import re

from db.errors import BadInputError

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

_LEGACY = ["cp1252", "cp1251", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr"]
_DECLARED = re.compile(rb"""charset\s{0,9}=\s{0,9}["']?([A-Za-z0-9_-]{3,30})""")
_DECLARABLE = re.compile(r"cp125\d|iso8859.{1,3}|koi8.{1,3}|shift_jis|euc_..|gb\w{2,7}|big5")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")
_BINARY = "it is binary, not text"
_NO_ENCODING = "its bytes are not text in any encoding that could be told; save it as UTF-8"
_SAMPLE_BYTES = 1 << 18


def decode_text(data: bytes) -> str:
    """Reads bytes as text: UTF-8 first, then what a byte order mark, the page itself or its letters tell.

    Raises:
        BadInputError: it is empty, binary, or in no encoding that makes sense of it.
    """
    if not data:
        raise BadInputError("it is empty")
    kind = next((kind for magic, kind in _MAGIC.items() if data.startswith(magic)), None)
    if kind is not None:
        raise BadInputError(f"it is {kind}, not text")
    text = _decode(data)
    sample = text[:_SAMPLE_BYTES]
    if 10 * len(_CONTROL.findall(sample)) > len(sample) + 80:
        raise BadInputError(_BINARY)
    return text


def _decode(data: bytes) -> str:
    for bom, encoding in _BOMS.items():
        if data.startswith(bom):
            return _decode_strictly(data[len(bom) :], encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    damaged = _decode_damaged(data)
    if damaged is not None:
        return damaged
    if b"\0" in data:
        raise BadInputError(_BINARY)
    return _decode_strictly(data, _declared(data) or _guessed(data))


def _decode_strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise BadInputError(_NO_ENCODING) from None


def _decode_damaged(data: bytes) -> str | None:
    """UTF-8 with a few bad bytes, which are left out; None where it isn't UTF-8 at all."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(char > "\x7f" for char in text) - bad
    return text if 10 * bad < good else None


def _declared(data: bytes) -> str | None:
    found = _DECLARED.search(data, 0, 2048)
    if found is None:
        return None
    try:
        name = codecs.lookup(found[1].decode("ascii")).name
    except LookupError:
        return None
    return name if _DECLARABLE.fullmatch(name.replace("-", "")) else None


def _guessed(data: bytes) -> str:
    from charset_normalizer import from_bytes

    sample = data[:_SAMPLE_BYTES]
    best = from_bytes(sample, cp_isolation=_LEGACY).best()
    mostly_ascii = 2 * sum(byte < 0x80 for byte in sample) > len(sample)
    if best is None or best.chaos > 0.1 or not (best.coherence > 0 or mostly_ascii):
        raise BadInputError(_NO_ENCODING)
    return best.encoding
