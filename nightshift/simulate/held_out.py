"""Held-out questions answered as people would be, by a generation's vectors, and what that is worth."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bot.quoting import Vocabulary, quote_sources
from db.corpus import read_uris_of_chunks
from db.generations import serving
from db.search import FoundDocument, read_hits, read_shelf, read_written, score_words
from nightshift.simulate.score import Scored, score_served
from retrain.court import Portion, Served, Shelf, Side, serve_questions
from retrain.measures import RIGHT, WRONGLY_SILENT, WRONGLY_TALKATIVE, AskedText, holds_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    import sqlalchemy as sa

    from nightshift.simulate.dataset import DataSet

MAX_QUOTED = 500
"""Questions whose quoted answers are looked at: the texts of each one's sources are read."""

QUOTED = "quoted"
"""The measure of a quoted answer: whether the words that answer the question stand in it."""

NAMES = {
    RIGHT: "right answers",
    WRONGLY_SILENT: "wrongly silent",
    WRONGLY_TALKATIVE: "wrongly talkative",
    QUOTED: "the quote answers",
}
"""What the measures of answers are called for people."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The questions that judge, by the data set's ids: none of them comes near the store.

    `judged` have a document that answers them, or were to have one; `unanswerable` have none. `repeats` say in other
    words what others ask.
    """

    dataset: DataSet
    judged: tuple[str, ...]
    unanswerable: tuple[str, ...]
    repeats: tuple[str, ...] = ()

    @classmethod
    def of(cls, dataset: DataSet, held_out: Sequence[str], asked: Collection[str] = ()) -> HeldOut:
        """Those with something to judge by, all that nothing answers, and what repeats a question of `asked`."""
        return cls(
            dataset,
            tuple(filter(dataset.relevant.get, held_out)),
            tuple(dataset.unanswerable),
            tuple(own for own, (_, of) in dataset.repeats.items() if of in asked and dataset.relevant[of]),
        )

    def texts(self) -> list[str]:
        """All questions, the judged ones first, the repeats last."""
        return [self.dataset.text_of(own) for own in (*self.judged, *self.unanswerable, *self.repeats)]


def answer_held_out(
    engine: sa.Engine, side: Side, held_out: HeldOut, portion: Portion, id_of_uri: Mapping[str, str]
) -> Scored:
    """Answers all of them, exactly, from everything that is stored.

    Args:
        engine: the store, for words and texts.
        side: a generation with vectors of chunks that are stored.
        held_out: what is asked.
        portion: how much people get.
        id_of_uri: the data set's id of a document, by its address.
    """
    shelf, asked = _read_shelf(engine, side), [AskedText(text) for text in held_out.texts()]
    [served] = serve_questions([side], asked, shelf, partial(score_words, engine), portion)
    uris = read_uris_of_chunks(engine)
    chunks = zip(shelf.passages.chunk_ids.tolist(), shelf.passages.document_ids.tolist(), strict=True)
    names = {document_id: id_of_uri[uris[chunk_id]] for chunk_id, document_id in chunks}
    first = served[: len(served) - len(held_out.repeats)]
    quoted = {QUOTED: _judge_quotes(engine, side, held_out, first)} if held_out.dataset.answers else {}
    scored = score_served(first, held_out.dataset, held_out.judged, names, quoted)
    return replace(scored, repeats=_judge_repeats(held_out, served[len(first) :], names))


def _judge_repeats(held_out: HeldOut, served: Sequence[Served], names: Mapping[int, str]) -> dict[str, float]:
    """ndcg@10 of each."""
    if not held_out.repeats:
        return {}
    others = [held_out.dataset.repeats[own].of for own in held_out.repeats]
    values = score_served(served, held_out.dataset, others, names).measured["ndcg@10"]
    return dict(zip(held_out.repeats, map(float, values), strict=True))


def _read_shelf(engine: sa.Engine, side: Side) -> Shelf:
    """All that is stored and has a vector."""
    stored = read_shelf(engine)
    _, places, rows = np.intersect1d(stored.chunk_ids, side.stored.chunk_ids, return_indices=True)
    return Shelf(stored.at(places), side.stored.audience_ids[rows], partial(read_written, engine))


def _judge_quotes(engine: sa.Engine, side: Side, held_out: HeldOut, served: Sequence[Served]) -> NDArray[np.float64]:
    """`(n,)` whether each quoted answer holds one of the known answers; NaN for questions that weren't looked at."""
    known = [row for row, own in enumerate(held_out.judged) if held_out.dataset.answers.get(own)][:MAX_QUOTED]
    texts = held_out.texts()
    vocabulary = Vocabulary(side.encoder, serving(engine).languages)
    holds = np.full(len(served), np.nan)
    for row in known:
        quote = _quote(engine, texts[row], served[row], vocabulary)
        holds[row] = any(holds_answer(quote, answer) for answer in held_out.dataset.answers[held_out.judged[row]])
    return holds


def _quote(engine: sa.Engine, question: str, served: Served, vocabulary: Vocabulary) -> str:
    """What people would read without a language model; nothing where they are told that there is nothing."""
    if served.refused:
        return ""
    texts = {
        hit.chunk_id: hit for hit in read_hits(engine, [own for source in served.sources for own in source.passages])
    }
    sources = [FoundDocument(tuple(texts[own.chunk_id] for own in source.passages)) for source in served.sources]
    return quote_sources(question, sources, vocabulary).text
