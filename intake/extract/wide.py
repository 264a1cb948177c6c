"""UTF-16 without a byte order mark, told by its letters; pure."""

from __future__ import annotations

import unicodedata
from collections import Counter

_FEWEST_CHARS = 16
_ONE_SCRIPT = 0.9
_LARGEST_GAP = 400
"""Characters to a space or a line's end, at most, on the mean."""

_UNWRITTEN = frozenset(("Cc", "Cn", "Co", "Cs"))
_EAST_ASIAN = frozenset(("CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH"))


def wide_by_letters(sample: bytes) -> str | None:
    """The codec by which bytes are words in one script, besides Latin, with spaces between them; None where none is.

    Of short samples, and of what has both orders' spaces, it is None: binary data can look like a few rare letters.
    """
    sample = sample[: len(sample) // 2 * 2]
    fitting = [codec for codec in ("utf-16-le", "utf-16-be") if _is_text(sample, codec)]
    return fitting[0] if len(fitting) == 1 else None


def _is_text(sample: bytes, codec: str) -> bool:
    try:
        text = sample.decode(codec)
    except UnicodeDecodeError as error:
        if error.end < len(sample):
            return False
        text = sample[: error.start].decode(codec)  # half of a pair at the sample's end
    gaps = sum(map(text.count, " \n"))
    if len(text) < _FEWEST_CHARS or gaps * _LARGEST_GAP < len(text):
        return False
    chars = Counter(char for char in text if not char.isspace())
    if any(unicodedata.category(char) in _UNWRITTEN for char in chars):
        return False
    scripts: Counter[str] = Counter()
    for char, n in chars.items():
        if char.isalpha():
            scripts[script_of(char)] += n
    most = max((n for name, n in scripts.items() if name != "LATIN"), default=0)
    return bool(scripts) and most + scripts["LATIN"] >= _ONE_SCRIPT * scripts.total()


def script_of(letter: str) -> str:
    """What a letter is of, as LATIN: what is written together in Chinese and Japanese is one."""
    name = unicodedata.name(letter, "").partition(" ")[0]
    return "EAST ASIAN" if name.partition("-")[0] in _EAST_ASIAN else name
