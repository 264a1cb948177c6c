"""An answer without a language model: the best pieces of the best sources, quoted and cited."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.model_text import without_marks
from bot.quoting.passages import Piece, cut_pieces
from bot.quoting.remembering import RememberingEncoder
from db.models import USUAL_SCALE, EncodedQuestion, Encoder, Scale, passage_text
from db.search import FoundDocument, Hit

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
class Quotes:
    """What is quoted, as Markdown, and of which of each quoted source's passages its best piece is, by chunk id."""

    text: str
    passage_of: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A piece of a passage of source `number`."""

    number: int
    passage: Hit
    piece: Piece
    score: float


def quote_sources(
    question: EncodedQuestion,
    sources: Sequence[FoundDocument[Hit]],
    encoder: Encoder | RememberingEncoder,
    scale: Scale = USUAL_SCALE,
) -> Quotes:
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
        lead = sources[0].lead
        first = " ".join(lead.text.split())[:MAX_QUOTED_CHARS]
        candidates = [_Candidate(1, lead, Piece("sentence", first or lead.title, "", 0), 1.0)]
    chosen = _choose(candidates)
    best = {candidate.number: candidate.passage.chunk_id for candidate in reversed(chosen)}
    return Quotes("\n\n".join([QUOTING, *_lay_out(chosen)]), best)


def _score(
    question: EncodedQuestion,
    sources: Sequence[FoundDocument[Hit]],
    encoder: Encoder | RememberingEncoder,
    scale: Scale,
) -> list[_Candidate]:
    passages = [(number, passage) for number, source in enumerate(sources, start=1) for passage in source.passages]
    pieces = [(number, passage, piece) for number, passage in passages for piece in cut_pieces(passage.text)]
    pieces = _spread(pieces, len(passages))
    if not pieces:
        return []
    sections = [" > ".join(filter(None, (passage.section, piece.heading))) for _, passage, piece in pieces]
    words = [
        _words(f"{section.split(' > ')[-1]} {piece.text}")
        for section, (_, _, piece) in zip(sections, pieces, strict=True)
    ]
    scores = WORDS_WEIGHT * _shared_words(_words(question.text), words)
    of_passage = np.array([passage.similarity for _, passage, _ in pieces], dtype=np.float32)
    scores += SOURCE_WEIGHT * scale.share_of(of_passage)
    likely = _likeliest(scores, [number for number, _, _ in pieces])
    in_context = [
        passage_text(passage.title, sections[row], piece.text[:ENCODED_CHARS])
        for row in likely
        for _, passage, piece in [pieces[row]]
    ]
    scores[likely] += scale.share_of(encoder.encode_passages(in_context) @ question.vector)
    return [_Candidate(*pieces[row], float(scores[row])) for row in likely]


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


def _spread(pieces: list[tuple[int, Hit, Piece]], n_passages: int) -> list[tuple[int, Hit, Piece]]:
    """At most `MAX_PIECES`: every passage's first ones, and the better ones' later ones while there is room."""
    share = MAX_PIECES // max(n_passages, 1)
    first = [item for item in pieces if item[2].place < share]
    later = [item for item in pieces if item[2].place >= share]
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


def _lay_out(chosen: Sequence[_Candidate]) -> list[str]:
    """One quotation per passage, the best source first; a passage's pieces stand in its own order."""
    parts = []
    quoted = {(candidate.number, candidate.passage.chunk_id): candidate.passage for candidate in chosen}
    best = list(dict.fromkeys(candidate.number for candidate in chosen))
    for (number, chunk_id), passage in sorted(quoted.items(), key=lambda own: best.index(own[0][0])):
        of_passage = sorted(
            (candidate.piece for candidate in chosen if candidate.passage.chunk_id == chunk_id),
            key=lambda piece: piece.place,
        )
        text = without_marks("\n\n".join(_with_heading(piece) for piece in of_passage))
        lines = [f"> {line}".rstrip() for line in text.split("\n")]
        parts.append("\n".join([f"**{without_marks(_place_name(passage))}** [{number}]", "", *lines]))
    return parts


def _place_name(passage: Hit) -> str:
    """Title and headings on one line; a first heading that only repeats the title is left out."""
    parts = [" ".join(part.split()) for part in (passage.title, *passage.section.split(" > "))]
    if len(parts) > 1 and parts[1].casefold() == parts[0].casefold():
        parts.pop(1)
    return " › ".join(part for part in parts if part)


def _with_heading(piece: Piece) -> str:
    return f"**{piece.heading}**\n\n{piece.text}" if piece.heading and piece.kind == "block" else piece.text
