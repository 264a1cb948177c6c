"""An answer without a language model: the best pieces of the best sources, quoted and cited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.citations import without_marks
from bot.passages import Piece, cut_pieces
from db.encoder import Encoder, passage_text
from db.search import Hit

QUOTING = "Quoted from the sources:"
"""The first words of every quoted answer: nobody should take it for a written one."""

MAX_PIECES = 48
"""Pieces that are compared with the question: they bound what quoting costs."""

MAX_QUOTES = 3
MAX_QUOTED_CHARS = 1_000
ENCODED_CHARS = 500
MARGIN = 0.12
"""Cosine by which a further quote may be less like the question than the best one."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    number: int
    piece: Piece
    score: float


def quote_sources(question: NDArray[np.float32], sources: Sequence[Hit], encoder: Encoder) -> str:
    """Chooses what of the sources answers the question, and lays it out as Markdown; source n is cited as [n].

    One call of the encoder. Pieces are compared within their title and headings, as chunks are, so that a list of
    dates is known to be the roadmap's.

    Args:
        question: its vector, (dim,) float32, unit length.
        sources: at least one, best first.
        encoder: the one that made `question`.
    """
    candidates = _score(question, sources, encoder)
    if not candidates:
        first = " ".join(sources[0].text.split())[:MAX_QUOTED_CHARS]
        candidates = [_Candidate(1, Piece("sentence", first or sources[0].title, "", 0), 1.0)]
    return "\n\n".join([QUOTING, *_lay_out(_choose(candidates), sources)])


def _score(question: NDArray[np.float32], sources: Sequence[Hit], encoder: Encoder) -> list[_Candidate]:
    pieces = [(number, piece) for number, source in enumerate(sources, start=1) for piece in cut_pieces(source.text)]
    pieces = _spread(pieces, len(sources))
    if not pieces:
        return []
    texts = []
    for number, piece in pieces:
        source = sources[number - 1]
        section = " > ".join(part for part in (source.section, piece.heading) if part)
        texts.append(passage_text(source.title, section, piece.text[:ENCODED_CHARS]))
    scores = encoder.encode_passages(texts) @ question
    return [_Candidate(number, piece, float(score)) for (number, piece), score in zip(pieces, scores, strict=True)]


def _spread(pieces: list[tuple[int, Piece]], n_sources: int) -> list[tuple[int, Piece]]:
    """At most `MAX_PIECES`: every source's first ones, and the better sources' later ones while there is room."""
    share = MAX_PIECES // max(n_sources, 1)
    first = [item for item in pieces if item[1].place < share]
    later = [item for item in pieces if item[1].place >= share]
    return first + later[: MAX_PIECES - len(first)]


def _choose(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    ranked = sorted(candidates, key=lambda candidate: -candidate.score)
    chosen: list[_Candidate] = []
    room = MAX_QUOTED_CHARS
    for candidate in ranked:
        text = candidate.piece.text
        if len(chosen) == MAX_QUOTES or candidate.score < ranked[0].score - MARGIN:
            break
        if chosen and (len(text) > room or any(_same(text, other.piece.text) for other in chosen)):
            continue
        chosen.append(candidate)
        room -= len(text)
    return chosen


def _same(text: str, other: str) -> bool:
    """Chunks overlap, and documents copy each other: nothing is quoted twice."""
    shorter, longer = sorted((" ".join(part.split()).casefold() for part in (text, other)), key=len)
    return shorter in longer


def _lay_out(chosen: Sequence[_Candidate], sources: Sequence[Hit]) -> list[str]:
    """One quotation per source, the best source first; its pieces stand in the document's order."""
    parts = []
    for number in dict.fromkeys(candidate.number for candidate in chosen):
        of_source = sorted(
            (candidate.piece for candidate in chosen if candidate.number == number), key=lambda piece: piece.place
        )
        source = sources[number - 1]
        where = " › ".join(" ".join(part.split()) for part in (source.title, source.section) if part)
        quoted = without_marks("\n\n".join(_with_heading(piece) for piece in of_source))
        lines = [f"> {line}".rstrip() for line in quoted.split("\n")]
        parts.append("\n".join([f"**{without_marks(where)}** [{number}]", "", *lines]))
    return parts


def _with_heading(piece: Piece) -> str:
    return f"**{piece.heading}**\n\n{piece.text}" if piece.heading and piece.kind == "block" else piece.text
