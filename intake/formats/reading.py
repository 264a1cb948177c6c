"""What reading a file gives: its title, and its text by the places that a citation can open at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Tell = Callable[[int, int], None]
"""Told how many pages, slides or sheets are read, and of how many."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A part of a document: Markdown, or HTML where `is_html`.

    Where a person wrote the Markdown, `is_written`, there may be comments and HTML in it.

    `place` is what its address ends in so that it opens there, "#page=3"; "" is the document's beginning.
    """

    text: str
    place: str = ""
    is_html: bool = False
    is_written: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A document's own title, None where it has none, and its parts in their order."""

    title: str | None
    parts: Sequence[Placed]
