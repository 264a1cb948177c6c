"""Clean text: without what nobody sees and what PostgreSQL refuses; pure."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_LINE_ENDS = re.compile("[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_SPACES = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile(
    "[\x80-\x9f\xad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffd"
    "\U000e0000-\U000e0fff]"
)
_JOINERS = re.compile("(?<=[\x00-\u024f])[\u200c\u200d]+")
"""They shape Arabic, Indic scripts and emoji; between Latin letters they only hide."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_BEYOND_LATIN = re.compile("[\u0300-\U0010ffff]")
_RARE_SCRIPT = re.compile("[\U00010000-\U0001efff]")
_MAX_MARKS = 8


def clean_text(text: str) -> str:
    r"""Takes out what nobody sees and PostgreSQL refuses; the same text always comes out in the same characters.

    NUL, controls, lone surrogates, zero-width and direction characters go; every line ends in "\n" and in no space;
    other spaces become " "; the rest is composed (NFC).
    """
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    text = _CONTROLS.sub("", _LINE_ENDS.sub("\n", text.replace("\r\n", "\n")))
    if not text.isascii():
        text = _JOINERS.sub("", _INVISIBLE.sub("", _SPACES.sub(" ", text)))
    if _BEYOND_LATIN.search(text):
        # composing takes time quadratic in the number of marks on one letter
        # (a set of characters within 16 bits is searched several times as fast)
        runs = _mark_runs(0x1EFFF if _RARE_SCRIPT.search(text) else 0xFFFF)
        text = unicodedata.normalize("NFC", runs.sub(r"\1", text))
    return "\n".join(line.rstrip() for line in text.split("\n"))


@cache
def _mark_runs(last: int) -> re.Pattern[str]:
    marks = "".join(re.escape(chr(code)) for code in range(0x300, last + 1) if unicodedata.combining(chr(code)))
    return re.compile(f"([{marks}]{{{_MAX_MARKS}}})[{marks}]+")
