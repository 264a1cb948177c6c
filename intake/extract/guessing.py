"""In which encoding bytes are that don't say so, told by more than one guess; pure."""

from __future__ import annotations

import re

from intake.extract.western import western_encoding
from intake.extract.wide import wide_by_letters

SAMPLE_BYTES = 1 << 18

_USUAL = frozenset(
    "windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 windows-1256 windows-1257"
    " windows-1258 iso-8859-1 iso-8859-2 iso-8859-5 iso-8859-7 iso-8859-8 iso-8859-9 iso-8859-13 iso-8859-15"
    " koi8-r koi8-u ibm866 cp437 cp850 cp852 cp866 cp874 cp932 cp949 macroman maccyrillic"
    " shift_jis euc-jp euc-kr gb18030 gbk big5 big5hkscs".split()
)
"""Of a rarer one, a guess is mostly wrong."""

_UNSURE = 0.15
_SURE = 0.2
_AHEAD = 0.01
"""Chardet's confidence must be `_SURE`, and other letters less likely by a share of it, `_AHEAD`; where one of the two
fails, charset-normalizer must find the same. Of 6,074 texts of 40 to 1,500 letters in 34 languages and 24 encodings,
Django's translations, five were read wrong, none of them of 200 letters or more; a fifth are refused, mostly short."""

_LATIN_9 = re.compile("(?i)¤|[a-z][¦¨´¸¼½¾]|[¦¨´¸¼½¾][a-z]")
"""Windows' signs at the bytes of ISO 8859-15's letters, where no sign would stand."""

_SAID = re.compile(rb"(?i)charset|coding")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_BEFORE_BYTES = 200
_CERTAIN = 0.9
_BELOW_LETTERS = re.compile(rb"[\x00-\x1f]")
_FEWEST_BELOW = 4
"""UTF-16's letters of small alphabets are UTF-8, too, but every other one is NUL, or the alphabet's number."""

_LONGEST_CHARACTER = 4
_SWAPPED = re.compile("[\u2000\u0a00\u0d00]")
_SEVEN_BIT = re.compile(rb"\x1b[$(]|~\{")


def guess_encoding(data: bytes) -> str | None:
    """The codec of bytes that are no UTF-8; None where it can't be told for sure."""
    import chardet

    sample = _sample(data)
    guesses = [
        (_as_windows(guess["encoding"].lower(), sample), guess["confidence"])
        for guess in chardet.detect_all(sample)
        if guess["encoding"]
    ]
    best, confidence = guesses[0] if guesses else ("", 0.0)
    if best in _USUAL and confidence >= _UNSURE:
        text = sample.decode(best, "replace")
        rival = max((sure for other, sure in guesses[1:] if _rivals(best, other, sample, text)), default=0.0)
        is_ahead = rival < (1.0 - _AHEAD) * confidence
        if (confidence >= _SURE and is_ahead) or (is_ahead or confidence >= _SURE) and text == _second_guess(sample):
            return best
    return western_encoding(data[:SAMPLE_BYTES]) or western_encoding(sample)


def _as_windows(encoding: str, sample: bytes) -> str:
    """What browsers take ISO's Western encodings for."""
    if encoding in ("iso-8859-1", "iso8859-15", "iso-8859-15"):
        return "iso-8859-15" if _LATIN_9.search(sample.decode("cp1252", "replace")) else "windows-1252"
    return encoding


def _rivals(best: str, other: str, sample: bytes, text: str) -> bool:
    """Whether another guess has other letters; none of ISO's is a rival to Windows' own, which has more of them."""
    if best.startswith("windows") and other.startswith("iso"):
        return False
    return sample.decode(other, "replace") != text


def wide_encoding(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a byte order mark; None for anything else, and for what has neither spaces nor lines."""
    sample = data[:SAMPLE_BYTES]
    if b"\0" not in sample:
        return None
    if _FEWEST_BELOW * len(_BELOW_LETTERS.findall(sample)) < len(sample) and _is_utf8(sample):
        return None
    name = _certain(data, ("utf-16", "utf-32")) or wide_by_letters(sample)
    return name if name is not None and any(char.isspace() for char in sample.decode(name, "replace")) else None


def seven_bit_encoding(data: bytes) -> str | None:
    """What writes other letters in ASCII's bytes, as ISO-2022-JP does; None for what is only ASCII, or has more.

    Never UTF-7: no browser reads it, and to it `#+AUDIENCE:` is Korean. `is_utf7` tells it, so that it is named.
    """
    if not _SEVEN_BIT.search(data) or not data.isascii():
        return None
    return _certain(data, ("iso-2022", "iso2022", "hz"))


def _is_utf8(sample: bytes) -> bool:
    try:
        sample[:-_LONGEST_CHARACTER].decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def _certain(data: bytes, kinds: tuple[str, ...]) -> str | None:
    import chardet

    guess = chardet.detect(data[:SAMPLE_BYTES])
    name = (guess["encoding"] or "").lower()
    if not name.startswith(kinds) or guess["confidence"] < _CERTAIN:
        return None
    # spaces and line ends of the other byte order are rare letters in this one
    text = data[:SAMPLE_BYTES].decode(name, "replace")
    return None if len(_SWAPPED.findall(text)) > text.count(" ") + text.count("\n") else name


def _second_guess(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return None if best is None else sample.decode(best.encoding, "replace")


def _sample(data: bytes) -> bytes:
    """The lines that tell something, without what they say of encodings: that is a page's to say, not a text's."""
    lines = [line for line in data.split(b"\n") if not line.isascii()]
    told = b"\n".join(line[max(0, _first_beyond_ascii(line) - _BEFORE_BYTES) :] for line in lines)
    return _SAID.sub(b"", told[:SAMPLE_BYTES])


def _first_beyond_ascii(line: bytes) -> int:
    found = _BEYOND_ASCII.search(line)
    return found.start() if found else 0
