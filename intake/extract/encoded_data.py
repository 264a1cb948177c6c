"""What is written into a text and is none: pictures and files as `data:` addresses, base64 and the like; pure."""

from __future__ import annotations

import re
from typing import NamedTuple

_ADDRESS = re.compile(
    r"(?:^ {0,3}\[[^\]\n]{1,300}\]:[ \t]{0,9}(?P<opened><)?)?"
    r"\bdata:[\w.+-]{1,80}/[\w.+-]{1,80}(?:;[\w=.+-]{1,80}){0,5},[A-Za-z0-9+/=_%.,;:!~*$&@?#-]{60,}+(?(opened)>?)",
    re.IGNORECASE | re.MULTILINE,
)
_RUN = re.compile(
    r"(?<![A-Za-z0-9+/=_%-])[A-Za-z0-9+/=_%-]{60,}+(?:[ \t>]{0,20}\n[ \t>]{0,20}[A-Za-z0-9+/=_%-]{60,}+)*+"
    r"(?:\n[ \t>]{0,20}[A-Za-z0-9+/]{1,59}={1,2}(?!\S))?"
)
"""Without a break, or in lines as mail and certificates have it."""

LONGEST_RUN = 1000
"""Characters; an address or a key is shorter."""

_KEPT = 60


class Shortened(NamedTuple):
    """A text without encoded data, and how often there was any."""

    text: str
    n: int


def without_data_addresses(text: str) -> str:
    """The text without the pictures and files that are written into it as `data:` addresses; short ones are examples.

    Of a picture in Markdown its description stays, and of an element all else.
    """
    return _ADDRESS.sub("", text) if "data:" in text or "DATA:" in text else text


def shorten_runs(text: str) -> Shortened:
    """The text with no more than the beginning of each run of letters and digits that no person reads."""
    n = 0

    def shortened(found: re.Match[str]) -> str:
        nonlocal n
        if len(found[0]) <= LONGEST_RUN:
            return found[0]
        n += 1
        return f"{found[0][:_KEPT]}…"

    return Shortened(_RUN.sub(shortened, text), n)
