"""Leaves out sentences whose only source is one that the model made up; pure."""

from __future__ import annotations

import re

from bot.model_text.citations import given_numbers
from bot.model_text.fences import unfenced
from bot.model_text.marks import CODE, MASKS, Ranges, replace_marks

_INVENTED = "\ue000"
_FIRST_CODE = 0xF0000
"""Each piece of code is one character of this private plane meanwhile, so that no mark or sentence's end is in it."""
_END = re.compile(
    rf"(?:[.!?…]+[\"'”’»)\]*_~]*(?=[\s{_INVENTED}\[]|\Z)|[。！？｡．؟।]+[」』”）)*_]*)"
    rf"(?:[ \t]*(?:\[\d+\]|{_INVENTED}))*[ \t]*"
)
_BRACKETS_AROUND = re.compile(rf"\[\s?((?:(?:\[\d+\]|{_INVENTED})[ ,;]{{0,2}})+)\](?:\([^()\s]*\))?")
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|z\.\s?B|d\.\s?h|u\.\s?a|etc|vs|cf|approx|ca|bzw|ggf|inkl|max|min|fig|art|abs|no|nr|mr|mrs|ms|dr|prof"
    r"|st|inc|ltd|dept|est|jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec)|\b[A-Za-z]|\A\W*\d+)\.\Z",
    re.IGNORECASE,
)
_LEAD = re.compile(r"[ \t>]*(?:(?:[-*+•]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?|#{1,6}[ \t]+)?")
_TABLE_ROW = re.compile(r"[ \t>]*\|.*\||[^|\n]+\|[^|\n]+\|")


def without_invented(text: str, given: int) -> str:
    """The text without each sentence that cites only sources which weren't given, whole rows of tables likewise.

    Citations become [n]; a sentence that also cites one of 1..`given` keeps that. Sentences without citations stay.
    Where nothing was invented, only citations are brought to [n]. A fence around all of it goes.
    """
    text = unfenced(MASKS.sub("", text))
    parts = CODE.split(text)
    hidden = "".join(chr(_FIRST_CODE + place) if place % 2 else part for place, part in enumerate(parts))

    def mark(gap: str, ranges: Ranges) -> str:
        real = given_numbers(ranges, given)
        return gap + ("".join(f"[{number}]" for number in real) or _INVENTED)

    marked = _BRACKETS_AROUND.sub(r"\1", replace_marks(hidden, mark))
    if _INVENTED in marked:
        lines = [_kept(line) for line in marked.split("\n")]
        marked = re.sub(r"\n{3,}", "\n\n", "\n".join(line for line in lines if line is not None)).strip()
    shown = re.sub(rf"[ \t]*{_INVENTED}", "", marked)
    return MASKS.sub(lambda mask: parts[ord(mask[0]) - _FIRST_CODE], shown)


def _kept(line: str) -> str | None:
    """What stays of a line; None: nothing."""
    if _INVENTED not in line:
        return line
    if _TABLE_ROW.match(line):
        return line if _is_supported(line) else None
    lead = _LEAD.match(line)
    start = lead.end() if lead else 0
    kept = "".join(sentence for sentence in _sentences(line[start:]) if _is_supported(sentence)).rstrip()
    if not re.search("[\\w\U000f0000-\U000ffffd]", kept):
        return None
    return line[:start] + (kept.replace("**", "") if kept.count("**") % 2 else kept)


def _is_supported(sentence: str) -> bool:
    return _INVENTED not in sentence or re.search(r"\[\d+\]", sentence) is not None


def _sentences(text: str) -> list[str]:
    """Cuts after each sentence and the citations behind it; abbreviations and initials end none."""
    sentences: list[str] = []
    start = 0
    for end in _END.finditer(text):
        first_mark = re.search(r"[.!?…。！？｡．؟।]+", end[0])
        before = text[start : end.start()] + (first_mark[0] if first_mark else "")
        if _ABBREVIATED.search(before) or text[end.end() : end.end() + 1].islower():
            continue
        sentences.append(text[start : end.end()])
        start = end.end()
    return [*sentences, text[start:]]
