"""Rich text (RTF): its words, by striprtf; it says nothing of headings that could be relied on."""

from __future__ import annotations

import re

from striprtf.striprtf import rtf_to_text

from db.errors import BadInputError
from intake.formats.escaping import escape_text, table
from intake.formats.reading import Placed, Reading, Tell

_HIDDEN = re.compile(r"(?<!\\)\\v(?![a-zA-Z0-9])(?:[^{}\\]|\\[{}\\]|\\(?!v0(?!\d)|plain(?![a-z])|[{}\\]).)*", re.DOTALL)
"""Hidden text, up to where it is told to end, or its group does."""


def read_rtf(data: bytes, tell: Tell) -> Reading:
    """Its paragraphs, and rows of tables as tables; pictures, objects and hidden text left out.

    Raises:
        BadInputError: it is no RTF.
    """
    if not data.lstrip().startswith(b"{\\rt"):
        raise BadInputError("it is damaged, or no RTF; open it and save it anew")
    text = rtf_to_text(_HIDDEN.sub("", data.decode("latin-1")), errors="ignore")  # type: ignore[no-untyped-call]
    blocks: list[str] = []
    rows: list[list[str]] = []
    for line in [*text.split("\n"), ""]:
        if line.endswith("|"):
            rows.append([escape_text(cell) for cell in line.removesuffix("|").split("|")])
            continue
        if rows:
            blocks.append(table(rows))
            rows = []
        if line.strip():
            blocks.append(escape_text(line.strip()))
    return Reading(None, [Placed("\n\n".join(blocks))])
