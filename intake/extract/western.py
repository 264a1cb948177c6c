"""Which of the encodings that Western Europe used makes words of a text that is in one of its languages; pure."""

from __future__ import annotations

import re

_LETTERS = "àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßœ"
_SMALL_WORDS = frozenset(
    "the and of is for with are be this that it our"
    " der die das und ist nicht mit den von ein eine zu auf werden"
    " le les des une est dans pour que qui sur avec du"
    " el los las una con para del"
    " il che di sono della"
    " uma com dos"
    " het een van voor niet zijn"
    " och att det som till med"
    " og til er ikke".split()
)
"""Of the languages whose letters these are; none that another language has, too."""

_TELLING = 0.12
"""A language's small words are at least such a share of all words in which nothing is encoded."""

_MOST_ACCENTED = 0.2
_CANDIDATES = ("cp1252", "mac_roman", "cp850", "cp437")
_CAPITALS = _LETTERS.upper().replace("SS", "") + "Ÿ"
_APOSTROPHE = r"’(?!(?:s|t|re|ll|ve|d|m)\b)(?<!\b[cdjlmnstCDJLMNST]’)(?<!\b[Qq]u’)"
_IN_WORDS = re.compile(
    rf"[^\W\d_](?:[^\w\s'’\x00-\x7f]|{_APOSTROPHE}|[²³¼½¾ªº])(?=[^\W\d_])"
    rf"|[^\W\d_][„‚«†‡]|[”…»‰ˆ²³¼½¾ªº](?=[^\W\d_])|[a-z{_LETTERS}](?=[{_CAPITALS}])"
)
"""A sign or a capital within a word: nobody writes them there."""

_QUOTED = re.compile(r"[^\W\d_][“‘]|(?:^|\s)[”“](?:\s|$)")
"""The ends of „such“ quotations; without their beginnings they are none."""

_KNOWN = frozenset(_LETTERS + _LETTERS.upper() + "‘’“”„‚–—…•«»€£§©®™°±×½¼¾²³µ·¿¡ªº\xa0´")


def western_encoding(sample: bytes) -> str | None:
    """The only one of the candidates in which every word is one that could be; None where none is, or several are."""
    words = re.findall(rb"(?<![\x80-\xff])\b[A-Za-z]+\b(?![\x80-\xff])", sample)
    small = sum(word.decode().lower() in _SMALL_WORDS for word in words)
    accented = sum(byte > 0x7F for byte in sample)
    if small < max(2.0, _TELLING * len(words)) or accented > _MOST_ACCENTED * len(sample):
        return None
    fitting: dict[str, str] = {}
    for encoding in _CANDIDATES:
        text = sample.decode(encoding, "replace")
        if _KNOWN.issuperset(char for char in text if not char.isascii()) and _is_plausible(text):
            fitting.setdefault(text, encoding)
    only_signs = next(
        (text for text, encoding in fitting.items() if encoding == "cp1252" and _has_only_signs(text)), ""
    )
    return fitting[only_signs] if only_signs else next(iter(fitting.values())) if len(fitting) == 1 else None


def _is_plausible(text: str) -> bool:
    return not _IN_WORDS.search(text) and ("„" in text or "‚" in text or not _QUOTED.search(text))


def _has_only_signs(text: str) -> bool:
    """Quotation marks, dashes and the like, among them one that is no letter of another encoding at its place."""
    signs = {char for char in text if not char.isascii()}
    return not any(map(str.isalpha, signs)) and bool(signs - set("…„‚†‡ˆ"))
