"""Which of a source's passages leads: that which an answer draws on; pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from db.search import FoundDocument, Hit

_MARKS = re.compile(r"(?:\[\d{1,3}\])+")


def find_drawn_on(text: str, sources: Sequence[FoundDocument[Hit]]) -> dict[int, int]:
    """The chunk id of the passage that a written answer draws on, by the number of each source that it cites.

    A model cites documents. What it says stands before the citation, back to the one before: the passage that shares
    most words with it is meant, of as many the better one.

    Args:
        text: checked, every [n] naming a source.
        sources: what it was written from.
    """
    said: dict[int, set[str]] = defaultdict(set)
    start = 0
    for marks in _MARKS.finditer(text):
        for number in re.findall(r"\d+", marks[0]):
            said[int(number)] |= _words(text[start : marks.start()])
        start = marks.end()
    return {
        number: max(sources[number - 1].passages, key=lambda passage: len(words & _words(passage.text))).chunk_id
        for number, words in said.items()
    }


def led_by(sources: Sequence[FoundDocument[Hit]], drawn_on: Mapping[int, int]) -> list[FoundDocument[Hit]]:
    """The sources, each led by its passage in `drawn_on` (by its number: a chunk id), where there is one."""
    return [source.led_by(drawn_on.get(number, source.lead.chunk_id)) for number, source in enumerate(sources, start=1)]


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))
