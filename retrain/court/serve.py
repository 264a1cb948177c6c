"""Questions as a generation would answer them: the list, the sources and the refusals that people would get."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from db.generations import Generation, StoredVectors
from db.models import ChosenRows, EncodedQuestion, Encoder, VectorRows
from db.search import (
    CANDIDATES,
    NOTHING,
    Found,
    FoundDocument,
    Ints,
    Passages,
    QuestionTerms,
    ReadWritten,
    WordScores,
    Written,
    find_best,
    gather,
    nearness,
    score_features,
    unanswerable_questions,
    unrelated_of,
    unrelated_to,
    why_refused,
    worth_showing,
)
from retrain.measures import (
    Answered,
    AskedText,
    ScoreWords,
    rows_in_block,
    score_asked,
    score_chunks,
    score_in_blocks,
    visible_to,
)

_AUDIENCES_AT_ONCE = 16
"""Different readers whose view of the shelf is in memory at once: each may see as much as there is."""

_BLANK = Written("", "", "")


def nothing_written(chunk_ids: Sequence[int]) -> list[Written]:
    """Of passages that nobody can read."""
    return [_BLANK] * len(chunk_ids)


@dataclass(frozen=True, slots=True)
class Side:
    """A generation in court: its encoder, and the vectors that it made and that would serve."""

    generation: Generation
    encoder: Encoder
    stored: StoredVectors

    def on_chunks(self, chunk_ids: NDArray[np.int64]) -> VectorRows:
        """Vectors of these chunks, `(n, dim)`; both ids ascend."""
        if len(chunk_ids) == len(self.stored.chunk_ids):
            return self.stored.vectors
        return ChosenRows(self.stored.vectors, np.searchsorted(self.stored.chunk_ids, chunk_ids))


@dataclass(frozen=True, slots=True)
class Portion:
    """How much people get: the passages that a search returns, and the sources that an answer may cite."""

    candidates: int
    sources: int


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """What is searched: passages, the audience of each, `(n,)`, and what they say."""

    passages: Passages
    audience_ids: Ints
    written: ReadWritten = nothing_written

    def seen_by(self, audience_ids: tuple[int, ...] | None) -> tuple[NDArray[np.bool_], Passages]:
        """Which of them these audiences may see, `(n,)`, and these."""
        seen = visible_to(audience_ids, self.audience_ids)
        return seen, self.passages.at(seen)


@dataclass(frozen=True, slots=True)
class Served:
    """What a question gets.

    Args:
        documents: all that were found, best first.
        sources: those that its answer cites, or would have cited had it not `refused`.
        refused: whether people are told that there is nothing relevant.
        scores: of the chunks that were asked about, NaN for those that its readers don't see.
    """

    documents: tuple[int, ...]
    sources: tuple[FoundDocument[Found], ...]
    refused: bool
    scores: Mapping[int, float]

    @property
    def answered(self) -> Answered:
        """The answer, as it is judged."""
        return Answered(tuple(source.document_id for source in self.sources), self.refused)


def serve_questions(
    sides: Sequence[Side],
    asked: Sequence[AskedText],
    shelf: Shelf,
    score: ScoreWords,
    portion: Portion,
    judged: Sequence[Collection[int]] | None = None,
    *,
    refusing: bool = True,
) -> list[list[Served]]:
    """Answers all questions by each of the sides, on the same passages, exactly.

    Questions are scored by their words once, a block at a time: memory doesn't grow with their number.

    Args:
        sides: generations that hold every passage of `shelf`.
        asked: n questions.
        shelf: what is searched.
        score: the words' scores; what words are worth doesn't depend on the encoder.
        portion: how much people get.
        judged: for each question the chunks whose scores are wanted besides.
        refusing: whether they may be refused. That takes nearly all of the time, and no ranking depends on it.
    """
    wanted = judged or [()] * len(asked)
    chunks = [side.on_chunks(shelf.passages.chunk_ids) for side in sides]
    vectors = [side.encoder.encode_questions([question.text for question in asked]) for side in sides]
    seen_by = lru_cache(_AUDIENCES_AT_ONCE)(shelf.seen_by)
    served: list[list[Served]] = [[] for _ in sides]
    rows = rows_in_block(len(shelf.passages.chunk_ids))
    for start in range(0, len(asked), rows):
        own = slice(start, start + rows)
        words = score_asked(asked[own], score)
        for side, of_chunks, of_questions, answers in zip(sides, chunks, vectors, served, strict=True):
            cosines = score_chunks(of_questions[own], of_chunks)
            each = zip(asked[own], of_questions[own], cosines, words, wanted[own], strict=True)
            for question, vector, of_one, found, also in each:
                seen, passages = seen_by(question.audience_ids)
                encoded = EncodedQuestion(question.text, vector)
                why = partial(why_refused, written=shelf.written, generation=side.generation, encoder=side.encoder)
                looking = partial(why, encoded, found.tells) if refusing else None
                own_view = _View(side.generation, question.text, of_one[seen], passages, found, shelf.written)
                answers.append(_serve(own_view, portion, looking, also))
    return served


def find_listed(side: Side, asked: Sequence[AskedText], shelf: Shelf, score: ScoreWords) -> list[list[Found]]:
    """The list that each of these questions would get from a generation that holds every passage of `shelf`."""
    chunks = side.on_chunks(shelf.passages.chunk_ids)
    vectors = side.encoder.encode_questions([question.text for question in asked])
    listed = []
    cosines = chain.from_iterable(score_in_blocks(vectors, chunks))
    for question, of_one, words in zip(asked, cosines, score_asked(asked, score), strict=True):
        seen, passages = shelf.seen_by(question.audience_ids)
        view = _View(side.generation, question.text, of_one[seen], passages, words, shelf.written)
        listed.append(view.find_best(CANDIDATES))
    return listed


def count_refusals_from(side: Side, shelf: Shelf, score: ScoreWords, portion: Portion) -> Side:
    """The same side as it would refuse had it been measured on this shelf, which isn't empty, as it is on its store's.

    How near questions come that nothing answers depends on the documents: other ones' say nothing of these.
    """
    questions, own = unanswerable_questions(), side.generation
    cosines = score_chunks(side.encoder.encode_questions(questions), side.on_chunks(shelf.passages.chunk_ids))
    found = (
        gather(_View(own, text, of_one, shelf.passages, words, shelf.written).find_best(portion.candidates))
        for text, of_one, words in zip(questions, cosines, score(questions, None), strict=True)
    )
    nearnesses = [nearness(documents[: portion.sources]) for documents in found]
    measured = unrelated_of(nearnesses, trained=side.generation.is_trained)
    return replace(
        side,
        generation=replace(own, unrelated_nearness=measured.nearness, unrelated_spread=measured.spread),
    )


def ranked(served: Sequence[Served]) -> Ints:
    """`(n, CANDIDATES)` documents, best first, `NOTHING` where there are no more."""
    rows = np.full((len(served), CANDIDATES), NOTHING, dtype=np.int64)
    for row, own in zip(rows, served, strict=True):
        documents = own.documents[:CANDIDATES]
        row[: len(documents)] = documents
    return rows


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """A question before the passages that its readers may see, by one generation."""

    generation: Generation
    text: str
    cosines: NDArray[np.float32]
    passages: Passages
    words: WordScores
    written: ReadWritten

    @property
    def terms(self) -> QuestionTerms:
        return QuestionTerms(self.text, self.generation.languages)

    def find_best(self, k: int) -> list[Found]:
        """As the store's search would."""
        own = self.generation.ranking
        return find_best(self.passages, self.cosines, self.words, own, k, self.terms, self.written)

    def scores_of(self, chunk_ids: Collection[int]) -> Iterator[tuple[int, float]]:
        """What each of these is ordered by, found or not; NaN for those that can't be seen."""
        places = np.searchsorted(self.words.chunk_ids, list(chunk_ids))
        weights, terms = self.generation.ranking.weights, self.terms
        for chunk_id, place, written in zip(chunk_ids, places, self.written(list(chunk_ids)), strict=True):
            row = np.searchsorted(self.passages.chunk_ids, chunk_id)
            if row == len(self.passages.chunk_ids) or self.passages.chunk_ids[row] != chunk_id:
                yield chunk_id, float("nan")
                continue
            found = place < len(self.words.chunk_ids) and self.words.chunk_ids[place] == chunk_id
            by_words = (self.words.scores[place], self.words.coverage[place]) if found else (0.0, 0.0)
            features = (self.cosines[row], *by_words, *terms.said_by(written))
            yield chunk_id, float(score_features(features, weights))


def _serve(
    view: _View,
    portion: Portion,
    looking: Callable[[Sequence[FoundDocument[Found]]], str | None] | None,
    judged: Collection[int],
) -> Served:
    found = view.find_best(max(portion.candidates, CANDIDATES))
    documents = gather(found[: portion.candidates])
    refused = looking is not None and looking(documents[: portion.sources]) is not None
    shown = [documents[rank - 1] for rank in worth_showing(documents, unrelated_to(view.generation))]
    return Served(
        tuple(document.document_id for document in gather(found)),
        tuple((documents if refused else shown)[: portion.sources]),
        refused,
        dict(view.scores_of(judged)),
    )
