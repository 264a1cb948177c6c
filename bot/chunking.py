"""A document becomes passages: cut at its headings, then recursively at paragraphs, lines and words; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.headings import Section, split_sections

_WINDOW_CHARS = 100_000
"""The splitter's memory is a hundred times its input where there is no space to cut at."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage, and the headings above it: "Benefits > Leave", or ""."""

    section: str
    text: str


def split_document(
    text: str, chunk_size: int = 1000, chunk_overlap: int = 200, *, headings: bool = True
) -> list[Piece]:
    """Cuts clean text into passages of at most `chunk_size` characters, in their order.

    Passages of one section share up to `chunk_overlap` characters; no passage spans two sections. Passages without a
    letter or digit are left out. With `headings` False (plain text), "#" begins no section.
    """
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=chunk_size, chunk_overlap=chunk_overlap)
    sections = split_sections(text) if headings else [Section((), text)]
    return [
        Piece(" > ".join(section.path), passage)
        for section in sections
        for window in _windows(section.text)
        for passage in splitter.split_text(window)
        if any(char.isalnum() for char in passage)
    ]


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
