"""What was chosen, as Markdown: a quotation for each place in a document, under its title and number; pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bot.model_text import without_marks
from bot.quoting.choosing import Candidate
from bot.quoting.pieces import Piece
from db.search import Hit

QUOTING = "Quoted from the sources:"
"""The first words of every quoted answer: nobody should take it for a written one."""


def lay_out(chosen: Sequence[Candidate]) -> str:
    """The quotations, the best source's first, of a source in the order of its passages; source n is cited as [n]."""
    sources = list(dict.fromkeys(candidate.number for candidate in chosen))
    ordered = sorted(
        chosen, key=lambda own: (sources.index(own.number), own.passage.ordinal, own.passage.chunk_id, own.piece.place)
    )
    quotations = [
        _quotation(number, [candidate.passage for candidate in own][0], [candidate.piece for candidate in own])
        for (number, _), together in groupby(ordered, key=lambda own: (own.number, _place_name(own.passage)))
        for own in [list(together)]
    ]
    return "\n\n".join([QUOTING, *quotations])


def _quotation(number: int, passage: Hit, pieces: Sequence[Piece]) -> str:
    parts: list[str] = []
    heading = passage.section.rpartition(" > ")[2]
    for piece in pieces:
        if piece.heading not in ("", heading):
            parts.append(f"**{piece.heading}**")
        heading = piece.heading or heading
        parts.append(piece.text)
    lines = [f"> {line}".rstrip() for line in without_marks("\n\n".join(parts)).split("\n")]
    return "\n".join([f"**{without_marks(_place_name(passage))}** [{number}]", "", *lines])


def _place_name(passage: Hit) -> str:
    """Title and headings on one line; a first heading that only repeats the title is left out."""
    parts = [" ".join(part.split()) for part in (passage.title, *passage.section.split(" > "))]
    if len(parts) > 1 and parts[1].casefold() == parts[0].casefold():
        parts.pop(1)
    return " › ".join(part for part in parts if part)
