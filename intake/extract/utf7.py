"""Whether ASCII is UTF-7, which writes other letters as `+APw-`: never read, as by no browser, but named; pure."""

from __future__ import annotations

import re

from intake.extract.wide import script_of

_RUN = re.compile(rb"\+([A-Za-z0-9+/]{3,})-?")
_FEWEST_LETTERS = 3
_FEWEST_RARE_LETTERS = 12
_LAST_OF_ALPHABETS = "\u1fff"
"""Two fifths of all numbers are Chinese letters, so that of those it takes more; one in eight is of an alphabet."""


def is_utf7(data: bytes) -> bool:
    """Whether every `+` begins a run as UTF-7 has them, and the runs are several letters of one script besides Latin.

    So no sum, C++, address, diff or base64 is taken for it; nor is a text with less than three such letters.
    """
    runs = _RUN.findall(data)
    if not runs or not data.isascii():
        return False
    try:
        data.decode("utf-7")
        letters = "".join(b"".join((b"+", run, b"-")).decode("utf-7") for run in runs)
    except UnicodeDecodeError:
        return False
    told = [char for char in letters if char.isalpha()]
    rare = {char for char in told if char > _LAST_OF_ALPHABETS}
    is_enough = len(rare) >= _FEWEST_RARE_LETTERS if rare else len(told) >= _FEWEST_LETTERS
    is_plausible = all(char.isalpha() or not char.isascii() and char.isprintable() for char in letters)
    return is_enough and is_plausible and len({script_of(char) for char in told} - {"LATIN"}) <= 1
