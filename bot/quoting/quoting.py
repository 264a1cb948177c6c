"""An answer without a language model: the best pieces of the best sources, quoted and cited."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.model_text import without_marks
from bot.quoting.passages import Piece, cut_pieces
from bot.quoting.remembering import RememberingEncoder
from db.models import USUAL_SCALE, EncodedQuestion, Encoder, Scale, passage_text
from db.search import Hit

QUOTING = "Quoted from the sources:"
"""The first words of every quoted answer: nobody should take it for a written one."""

MAX_PIECES = 40
"""Pieces whose words are compared with the question's."""

MAX_ENCODED = 16
"""Pieces that are compared by meaning too, the likeliest by their words and source: they bound what quoting costs. On
the sample corpus as many answers are among the quotes as when all are compared."""

OF_EACH_SOURCE = 2
"""Of these, so many are its likeliest: a question in other words than the documents' may be answered by any source."""

MAX_QUOTES = 4
MAX_QUOTED_CHARS = 1_000
ENCODED_CHARS = 300

WORDS_WEIGHT = 0.4
SOURCE_WEIGHT = 0.5
MARGIN = 0.2
"""A piece's score is its likeness to the question, plus the share of the question's rare words that it has, plus its
source's likeness, so weighted; a further quote may score so much less than the best. Likeness is the cosine as a share
of the encoder's `Scale`. On the sample corpus, over questions whose answer is in a source, the answer was among the
quotes for 84%; for 73% by the cosine alone."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    number: int
    piece: Piece
    score: float


def quote_sources(
    question: EncodedQuestion,
    sources: Sequence[Hit],
    encoder: Encoder | RememberingEncoder,
    scale: Scale = USUAL_SCALE,
) -> str:
    """Chooses what of the sources answers the question, and lays it out as Markdown; source n is cited as [n].

    One call of the encoder. Pieces are compared within their title and headings, as chunks are, so that a list of
    dates is known to be the roadmap's.

    Args:
        question: as it was searched for.
        sources: at least one, best first.
        encoder: the one that encoded the question.
        scale: the encoder's.
    """
    candidates = _score(question, sources, encoder, scale)
    if not candidates:
        first = " ".join(sources[0].text.split())[:MAX_QUOTED_CHARS]
        candidates = [_Candidate(1, Piece("sentence", first or sources[0].title, "", 0), 1.0)]
    return "\n\n".join([QUOTING, *_lay_out(_choose(candidates), sources)])


def _score(
    question: EncodedQuestion,
    sources: Sequence[Hit],
    encoder: Encoder | RememberingEncoder,
    scale: Scale,
) -> list[_Candidate]:
    pieces = [(number, piece) for number, source in enumerate(sources, start=1) for piece in cut_pieces(source.text)]
    pieces = _spread(pieces, len(sources))
    if not pieces:
        return []
    sections = [" > ".join(filter(None, (sources[number - 1].section, piece.heading))) for number, piece in pieces]
    words = [
        _words(f"{section.split(' > ')[-1]} {piece.text}") for section, (_, piece) in zip(sections, pieces, strict=True)
    ]
    scores = WORDS_WEIGHT * _shared_words(_words(question.text), words)
    of_source = np.array([sources[number - 1].similarity for number, _ in pieces], dtype=np.float32)
    scores += SOURCE_WEIGHT * scale.share_of(of_source)
    likely = _likeliest(scores, [number for number, _ in pieces])
    in_context = [
        passage_text(sources[pieces[row][0] - 1].title, sections[row], pieces[row][1].text[:ENCODED_CHARS])
        for row in likely
    ]
    scores[likely] += scale.share_of(encoder.encode_passages(in_context) @ question.vector)
    return [_Candidate(pieces[row][0], pieces[row][1], float(scores[row])) for row in likely]


def _likeliest(scores: NDArray[np.float32], numbers: Sequence[int]) -> list[int]:
    """Rows of at most `MAX_ENCODED` pieces: each source's best, and then the best of all; in their order."""
    taken: Counter[int] = Counter()
    later = {}
    for row in np.argsort(-scores, kind="stable").tolist():
        later[row] = taken[numbers[row]] >= OF_EACH_SOURCE
        taken[numbers[row]] += 1
    return sorted(sorted(later, key=lambda row: later[row])[:MAX_ENCODED])


def _words(text: str) -> set[str]:
    """Words by their first five letters, which brings most of a word's forms together, in many languages."""
    return {word[:5] for word in re.findall(r"\w+", re.sub(r"\]\([^)]*\)", "]", text).casefold())}


def _shared_words(question: set[str], pieces: Sequence[set[str]]) -> NDArray[np.float32]:
    """The share of the question's words that each piece has, (n,), 0 to 1: rare ones weigh more (BM25's idf)."""
    n = len(pieces)
    has = np.array([[word in piece for word in sorted(question)] for piece in pieces], dtype=np.float32).reshape(n, -1)
    frequency = has.sum(axis=0)
    weights = np.log1p((n - frequency + 0.5) / (frequency + 0.5))
    return np.asarray((has * weights).sum(axis=1) / max(float(weights.sum()), 1e-9), dtype=np.float32)


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
        where = _place_name(source)
        quoted = without_marks("\n\n".join(_with_heading(piece) for piece in of_source))
        lines = [f"> {line}".rstrip() for line in quoted.split("\n")]
        parts.append("\n".join([f"**{without_marks(where)}** [{number}]", "", *lines]))
    return parts


def _place_name(source: Hit) -> str:
    """Title and headings on one line; a first heading that only repeats the title is left out."""
    parts = [" ".join(part.split()) for part in (source.title, *source.section.split(" > "))]
    if len(parts) > 1 and parts[1].casefold() == parts[0].casefold():
        parts.pop(1)
    return " › ".join(part for part in parts if part)


def _with_heading(piece: Piece) -> str:
    return f"**{piece.heading}**\n\n{piece.text}" if piece.heading and piece.kind == "block" else piece.text
