"""An answer without a language model: the best pieces of the sources, by words and meaning, quoted and cited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.quoting.choosing import MAX_QUOTED_CHARS, Candidate, choose
from bot.quoting.layout import lay_out
from bot.quoting.pieces import Piece
from bot.quoting.scoring import score_pieces
from bot.quoting.vocabulary import Vocabulary
from db.search import FoundDocument, Hit


@dataclass(frozen=True, slots=True)
class Quotes:
    """What is quoted, as Markdown, and of which of each quoted source's passages its best piece is, by chunk id."""

    text: str
    passage_of: Mapping[int, int]


def quote_sources(question: str, sources: Sequence[FoundDocument[Hit]], vocabulary: Vocabulary) -> Quotes:
    """Chooses what of the sources answers the question, and lays it out as Markdown; source n is cited as [n].

    Nothing is encoded: what passages mean was compared by the search, and what words mean is looked up.

    Args:
        question: as it was searched for.
        sources: at least one, best first.
        vocabulary: of the encoder that encoded the question.
    """
    candidates, wording = score_pieces(question, sources, vocabulary)
    chosen = choose(candidates, wording) if candidates else [_opening(sources[0].lead)]
    return Quotes(lay_out(chosen), {candidate.number: candidate.passage.chunk_id for candidate in reversed(chosen)})


def _opening(passage: Hit) -> Candidate:
    """What a source that has no words of its own is quoted with."""
    text = " ".join(passage.text.split())[:MAX_QUOTED_CHARS]
    return Candidate(1, passage, Piece("sentence", (text or passage.title,)))
