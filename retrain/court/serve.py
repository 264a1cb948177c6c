"""Questions as a generation would answer them: the list, the sources and the refusals that people would get."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from db.generations import Generation, StoredVectors
from db.models import Encoder
from db.search import (
    CANDIDATES,
    NOTHING,
    Found,
    FoundDocument,
    Ints,
    Passages,
    WordScores,
    find_best,
    fuse,
    gather,
    nearest_line,
    nearness,
    unanswerable_questions,
    unrelated_of,
    unrelated_to,
    why_nothing,
    worth_showing,
)
from db.words import QuestionWords
from retrain.measures import Answered, AskedText, ScoreWords, rows_in_block, score_asked, visible_to

_AUDIENCES_AT_ONCE = 16
"""Different readers whose view of the shelf is in memory at once: each may see as much as there is."""

Texts = Callable[[Sequence[int]], Sequence[str]]
"""What the chunks of these ids say."""


def no_texts(chunk_ids: Sequence[int]) -> list[str]:
    """`Texts` that nobody has."""
    return [""] * len(chunk_ids)


@dataclass(frozen=True, slots=True)
class Side:
    """A generation in court: its encoder, and the vectors that it made and that would serve."""

    generation: Generation
    encoder: Encoder
    stored: StoredVectors

    def on_chunks(self, chunk_ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Vectors of these chunks, `(n, dim)`; both ids ascend."""
        if len(chunk_ids) == len(self.stored.chunk_ids):
            return self.stored.vectors
        return self.stored.vectors[np.searchsorted(self.stored.chunk_ids, chunk_ids)]


@dataclass(frozen=True, slots=True)
class Portion:
    """How much people get: the passages that a search returns, and the sources that an answer may cite."""

    candidates: int
    sources: int


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """What is searched: passages, the audience of each, `(n,)`, and what those say that refusals look at."""

    passages: Passages
    audience_ids: Ints
    texts: Texts = no_texts

    def seen_by(self, audience_ids: tuple[int, ...] | None) -> tuple[NDArray[np.bool_], Passages]:
        """Which of them these audiences may see, `(n,)`, and these."""
        seen = visible_to(audience_ids, self.audience_ids)
        own = self.passages
        return seen, Passages(own.chunk_ids[seen], own.document_ids[seen], own.copies[seen])


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
            cosines = of_questions[own] @ of_chunks.T
            each = zip(asked[own], of_questions[own], cosines, words, wanted[own], strict=True)
            for question, vector, of_one, found, also in each:
                seen, passages = seen_by(question.audience_ids)
                looking = partial(_why_nothing, side, found.tells, vector, shelf.texts) if refusing else None
                answers.append(_serve(side.generation, of_one[seen], passages, found, portion, looking, also))
    return served


def count_refusals_from(side: Side, shelf: Shelf, score: ScoreWords, portion: Portion) -> Side:
    """The same side as it would refuse had it been measured on this shelf, which isn't empty, as it is on its store's.

    How near questions come that nothing answers depends on the documents: other ones' say nothing of these.
    """
    questions, own = unanswerable_questions(), side.generation
    cosines = side.encoder.encode_questions(questions) @ side.on_chunks(shelf.passages.chunk_ids).T
    found = (
        gather(find_best(shelf.passages, of_one, words, own.words_weight, portion.candidates))
        for of_one, words in zip(cosines, score(questions, None), strict=True)
    )
    nearnesses = [nearness(documents[: portion.sources]) for documents in found]
    measured = unrelated_of(nearnesses, trained=side.generation.run_id is not None)
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


def _serve(
    generation: Generation,
    cosines: NDArray[np.float32],
    passages: Passages,
    words: WordScores,
    portion: Portion,
    looking: Callable[[Sequence[FoundDocument[Found]]], str | None] | None,
    judged: Collection[int],
) -> Served:
    found = find_best(passages, cosines, words, generation.words_weight, max(portion.candidates, CANDIDATES))
    documents = gather(found[: portion.candidates])
    refused = looking is not None and looking(documents[: portion.sources]) is not None
    shown = [documents[rank - 1] for rank in worth_showing(documents, unrelated_to(generation))]
    return Served(
        tuple(document.document_id for document in gather(found)),
        tuple((documents if refused else shown)[: portion.sources]),
        refused,
        dict(_scores(generation, cosines, passages, words, judged)),
    )


def _why_nothing(
    side: Side,
    words: QuestionWords,
    vector: NDArray[np.float32],
    texts: Texts,
    documents: Sequence[FoundDocument[Found]],
) -> str | None:
    return why_nothing(
        words,
        documents,
        unrelated_to(side.generation),
        texts,
        lambda lines: nearest_line(vector, lines, side.encoder.encode_passages),
        side.generation.languages,
    )


def _scores(
    generation: Generation,
    cosines: NDArray[np.float32],
    passages: Passages,
    words: WordScores,
    judged: Collection[int],
) -> Iterator[tuple[int, float]]:
    for chunk_id in judged:
        row, place = np.searchsorted(passages.chunk_ids, chunk_id), np.searchsorted(words.chunk_ids, chunk_id)
        if row == len(passages.chunk_ids) or passages.chunk_ids[row] != chunk_id:
            yield chunk_id, float("nan")
            continue
        has_words = place < len(words.chunk_ids) and words.chunk_ids[place] == chunk_id
        of_words = words.scores[place : place + 1] if has_words else np.zeros(1)
        yield chunk_id, float(fuse(cosines[row : row + 1], of_words, generation.words_weight)[0])
