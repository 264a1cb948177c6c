"""What stands in the place of stretches of a text, and the text with all of that done; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_GONE = "\0"
"""Stands where something was taken away; no clean text has it."""

_GONE_LINE = re.compile(r"^[ \t]*\0[ \t\0]*$", re.MULTILINE)
_GONE_ROW = re.compile(r"(?<=\|\n)(?:\0\n)+(?=[ \t>]*\|)")
_GONE_GAP = re.compile(r"(\A|(?<!\n)\n+)\0(?=\n|\Z)(?:\n+\0(?=\n|\Z))*(\n*)")
_GONE_SPACE = re.compile(r"(^[ \t]*|[ \t])\0[ \t\0]*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Edit:
    """What stands in the place of a stretch; what is "" leaves no empty line."""

    start: int
    end: int
    new: str = ""


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """The text with every edit made; of two that overlap, the one that begins first, or is longer, counts."""
    out: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end)):
        if edit.start >= position:
            out += [text[position : edit.start], edit.new or _GONE]
            position = min(edit.end, len(text))
    written = _GONE_LINE.sub(_GONE, "".join([*out, text[position:]]))
    written = _GONE_ROW.sub("", written)
    written = _GONE_GAP.sub(lambda gap: "\n\n" if gap[1] and gap[2].strip(" ") else "", written)
    return _GONE_SPACE.sub(r"\1", written).replace(_GONE, "")
