"""How well the pieces of the sources answer a question: by words, by their passage, by names and dates."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

from bot.quoting.choosing import Candidate
from bot.quoting.facets import contradicts, fits, name_facets
from bot.quoting.focusing import find_items
from bot.quoting.pieces import Piece, cut_pieces
from bot.quoting.rivals import (
    facets_of,
    find_rivalled,
    find_superseded,
    is_of_another_year,
    title_words,
    year_of,
)
from bot.quoting.vocabulary import Vocabulary, Words
from bot.quoting.wording import Wording, read_wording
from db.generations import SHIPPED
from db.models import Scale
from db.search import FoundDocument, Hit, score_features

MAX_PIECES = 60
"""Pieces that are compared with the question."""

WORDS_WEIGHT = 0.6
OF_CONTEXT = 0.85
SOURCE_WEIGHT = 0.8
LENGTH_WEIGHT = 0.03
"""A piece's score is the share of the question's words that it has (those that stand above it, in title and headings,
count `OF_CONTEXT`), plus its passage's score in the search, plus the logarithm of its number of words, so weighted.
Found on the sample handbook's own questions and on half of covidqa's. Encoding the pieces as well brings .01 there and
nothing here, and takes fifteen times as long as encoding the question."""

FITTING = 0.3
AGAINST = 1.0
OLDER = 0.25
ANOTHER_YEAR = 0.1
"""What names and dates are worth. Added, where a source is called by the time or place that the question names. Taken
off, where the question names another; where another source is a newer edition of the same, so that this one is quoted
only if it says more about it; where it is dated in another year."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece with the passage of source `number` that it was cut from."""

    number: int
    passage: Hit
    piece: Piece

    @property
    def section(self) -> str:
        """All headings above it."""
        return " > ".join(filter(None, (self.passage.section, self.piece.heading)))


def score_pieces(
    question: str, sources: Sequence[FoundDocument[Hit]], vocabulary: Vocabulary
) -> tuple[list[Candidate], Wording]:
    """All that may be quoted of the sources, with how well it answers; and the question's words."""
    cuts = list(_cut_sources(sources))
    of_items = [[vocabulary.read(item) for item in cut.piece.items] for cut in cuts]
    contexts = [vocabulary.read(" ".join((cut.passage.title, cut.section, cut.piece.introduction))) for cut in cuts]
    wording = read_wording(question, vocabulary, [_together(own) for own in of_items], contexts)
    named = _judge_names(question, wording, sources, cuts, vocabulary)
    kept_of = _find_items(cuts, of_items, wording)
    candidates = []
    for cut, own, context, bonus, kept in zip(cuts, of_items, contexts, named, kept_of, strict=True):
        if not kept:
            continue
        words = _together([own[place] for place in kept])
        having = wording.having(words)
        in_context = wording.same(context) * (1.0 - wording.same(words))
        score = (
            WORDS_WEIGHT * (wording.weigh(having) + OF_CONTEXT * wording.weigh(in_context))
            + SOURCE_WEIGHT * _score_of(cut.passage, vocabulary.scale)
            + LENGTH_WEIGHT * math.log1p(len(words.lexemes))
            + bonus
        )
        piece = replace(cut.piece, items=tuple(cut.piece.items[place] for place in kept))
        candidates.append(Candidate(cut.number, cut.passage, piece, score, having))
    return candidates, wording


def _find_items(cuts: Sequence[Cut], of_items: Sequence[Sequence[Words]], wording: Wording) -> list[list[int]]:
    """Of each piece the places of what matters to the question.

    A table that was cut into several passages is looked at as one, so that of some of them nothing may matter.
    """
    tables: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for number, cut in enumerate(cuts):
        is_table = cut.piece.kind == "table"
        tables[(cut.number, cut.passage.section, cut.piece.header) if is_table else (number,)].append(number)
    kept_of: list[list[int]] = [[] for _ in cuts]
    for own in tables.values():
        whole = replace(cuts[own[0]].piece, items=tuple(item for number in own for item in cuts[number].piece.items))
        places = [(number, place) for number in own for place in range(len(of_items[number]))]
        for found in find_items(whole, [words for number in own for words in of_items[number]], wording):
            number, place = places[found]
            kept_of[number].append(place)
    return kept_of


def _together(words: Sequence[Words]) -> Words:
    return reduce(or_, words, Words())


def _cut_sources(sources: Sequence[FoundDocument[Hit]]) -> Iterator[Cut]:
    """At most `MAX_PIECES`: every passage's first ones, and the better ones' later ones while there is room."""
    passages = [(number, passage) for number, source in enumerate(sources, start=1) for passage in source.passages]
    cuts = [Cut(number, passage, piece) for number, passage in passages for piece in cut_pieces(passage.text)]
    share = MAX_PIECES // max(len(passages), 1)
    first = [cut for cut in cuts if cut.piece.place < share]
    later = [cut for cut in cuts if cut.piece.place >= share]
    yield from first
    yield from later[: MAX_PIECES - len(first)]


def _score_of(passage: Hit, scale: Scale) -> float:
    """The search's score, its cosine as a share of the scale, by the weights that ship.

    Pieces are weighed against those. Fitted ones may be many times larger, and no gate judges what is quoted.
    """
    return scale.share_of(passage.similarity) + score_features(passage.features[1:], SHIPPED.weights[1:])


def _judge_names(
    question: str,
    wording: Wording,
    sources: Sequence[FoundDocument[Hit]],
    cuts: Sequence[Cut],
    vocabulary: Vocabulary,
) -> list[float]:
    """What names and dates say for each piece, or against it."""
    asked = name_facets(question)
    titles = [title_words(source.lead, vocabulary.tokenizer) for source in sources]
    rivalled = find_rivalled(frozenset[str]().union(*wording.forms), titles)
    superseded = set() if "year" in asked else find_superseded(titles, [year_of(source.lead) for source in sources])
    named = [facets_of(cut.passage, cut.piece.heading) for cut in cuts]
    return [
        FITTING * fits(asked, facets)
        - AGAINST * (cut.number - 1 in rivalled or contradicts(asked, facets))
        - OLDER * (cut.number - 1 in superseded)
        - ANOTHER_YEAR * is_of_another_year(asked, cut.passage)
        for cut, facets in zip(cuts, named, strict=True)
    ]
