"""LangChain's recursive splitter, which knows what in Markdown is one: a table and a block of code; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from langchain_text_splitters import RecursiveCharacterTextSplitter

from intake.cutting import cut_code, cut_table
from intake.extract import line_starts, parse_blocks

_WINDOW_CHARS = 100_000
"""The splitter's memory is a hundred times its input where there is no space to cut at."""

_BLOCK_MARKS = re.compile(r"```|~~~|\|")
_KINDS = {"fence": "code", "table_open": "table"}

Span = tuple[int, int, str]
"""Where a block begins and ends, and whether it is "code" or "table"."""


class MarkdownSplitter(RecursiveCharacterTextSplitter):
    """Splits at paragraphs, else at lines, else at words, as LangChain does; but tables and code stay whole.

    One that is longer than a passage is cut into several, each with its header, or fenced as it is. Without such, it is
    LangChain's own splitting to the letter.
    """

    def split_text(self, text: str) -> list[str]:
        """The passages, in their order."""
        passages: list[str] = []
        small: list[str] = []
        for kind, unit in _units(text, self._chunk_size):
            if len(unit) < self._chunk_size:
                small.append(unit)
                continue
            passages += self._merge_splits(small, "")
            small = []
            if kind:
                cut = cut_table if kind == "table" else cut_code
                passages += cut(unit.strip("\n"), self._chunk_size, _cut_plainly)
            else:
                for window in _windows(unit):
                    passages += self._split_text(window, self._separators[1:])
        return passages + self._merge_splits(small, "")


def _units(text: str, size: int) -> Iterator[tuple[str, str]]:
    """The paragraphs, each after its empty line, and what kind of block they are; a small one may hold blocks."""
    spans = list(_spans(text)) if len(text) >= size and _BLOCK_MARKS.search(text) else []
    ends = [found.start() for found in re.finditer("\n\n", text)]
    inside = iter(spans)
    span = next(inside, None)
    edges = [0]
    for end in ends:
        while span is not None and span[1] <= end:
            span = next(inside, None)
        if end and (span is None or end < span[0]):
            edges.append(end)
    place = 0
    for start, end in pairwise([*edges, len(text)]):
        own: list[Span] = []
        while place < len(spans) and spans[place][0] < end:
            own.append(spans[place])
            place += 1
        if end - start < size:
            yield "", text[start:end]
        else:
            yield from _apart(text, start, end, own)


def _apart(text: str, start: int, end: int, spans: list[Span]) -> Iterator[tuple[str, str]]:
    for begins, ends, kind in spans:
        if begins > start:
            yield "", text[start:begins]
        yield kind, text[begins:ends]
        start = ends
    if end > start:
        yield "", text[start:end]


def _spans(text: str) -> Iterator[Span]:
    starts = line_starts(text)
    for token in parse_blocks(text):
        if token.type in _KINDS and token.map is not None:
            end = starts[token.map[1]] - 1
            while end > starts[token.map[0]] and text[end - 1] == "\n":
                end -= 1
            yield starts[token.map[0]], end, _KINDS[token.type]


def _cut_plainly(text: str, size: int) -> list[str]:
    recipe = RecursiveCharacterTextSplitter(chunk_size=size, chunk_overlap=0, strip_whitespace=False)
    return [piece for window in _windows(text) for piece in recipe.split_text(window)]


def _windows(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > _WINDOW_CHARS:
        end = start + _WINDOW_CHARS
        for separator in ("\n\n", "\n", " "):
            found = text.rfind(separator, start + _WINDOW_CHARS // 2, end)
            if found >= 0:
                end = found
                break
        yield text[start:end]
        start = end
    yield text[start:]
