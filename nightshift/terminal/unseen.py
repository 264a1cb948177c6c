"""What others called their files and pages, as a terminal may show it; pure."""

from __future__ import annotations

import re

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Moves a terminal's cursor, changes its colours, or turns the direction of a line. The marks that Hebrew and Arabic
texts have beside letters and numbers turn no more than those."""


def seen(text: str) -> str:
    """The text with an escape in place of each character that would do something to a terminal."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
