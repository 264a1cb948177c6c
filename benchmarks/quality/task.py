"""The frozen problem that every learner gets: texts, base vectors, votes, golden pairs, and what judges it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.matches import WordMatches
from db.errors import BadInputError
from db.models import passage_text
from db.search import WordScores, Written, fuse

Scores = NDArray[np.float32]
"""What a learner returns: `(j, m)`, a row for each of `Task.judging`, a column for each passage; more is better."""

_ARRAYS = {
    "document_of_passage": np.int64,
    "passage_vectors": np.float32,
    "question_vectors": np.float32,
    "held_out": np.int64,
    "repeats": np.int64,
    "regression": np.int64,
    "of_regression": np.bool_,
}
_OF_WORDS = {"starts": np.int64, "passages": np.int64, "scores": np.float32, "coverage": np.float32}


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's vote, +1 or -1, on one chunk as a source for one question; both are row numbers of the task.

    `rank` is where the source was shown, 1 being the best, if that is known.
    """

    person: str
    question: int
    chunk: int
    value: int
    rank: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What a learner may know, and what judges it. Everything refers to everything else by row number.

    Learners see votes and golden pairs alike. `relevant` is for judging; only the ceiling may look up others there.

    Attributes:
        written: what the chunks say.
        document_of_passage: `(m,)`, the document's row for each chunk.
        documents: ids, as in the qrels.
        question_ids: ids, as in the qrels.
        questions: their texts.
        passage_vectors: `(m, dim)`, by the base model, L2-normalised.
        question_vectors: `(n, dim)`, likewise.
        votes: on asked questions.
        golden: a question's row and the right chunks' rows: the curated pairs that the night was given.
        held_out: `(h,)`, rows of the questions that judge.
        repeats: `(q,)`, rows of questions that say in other words what was asked; they judge too.
        words: the passages that each question's words find, as they were found when the night began.
        words_weight: what their scores count beside a cosine.
        regression: `(r,)`, rows of the questions of the regression set; `(0,)` where there is none.
        of_regression: `(m,)`, the passages of that set: they are ranked for its own questions alone.
        relevant: for each question, the gain of each right document's row.
        seed: of the split, the votes, and whatever a learner draws.

    Raises:
        ValueError: sizes disagree, a vote or a golden pair is on a held-out question, or the regression set's passages
            aren't the last.
    """

    written: tuple[Written, ...]
    document_of_passage: NDArray[np.int64]
    documents: tuple[str, ...]
    question_ids: tuple[str, ...]
    questions: tuple[str, ...]
    passage_vectors: NDArray[np.float32]
    question_vectors: NDArray[np.float32]
    votes: tuple[Vote, ...]
    golden: tuple[tuple[int, tuple[int, ...]], ...]
    held_out: NDArray[np.int64]
    repeats: NDArray[np.int64]
    words: WordMatches
    words_weight: float
    regression: NDArray[np.int64]
    of_regression: NDArray[np.bool_]
    relevant: tuple[Mapping[int, float], ...]
    seed: int

    def __post_init__(self) -> None:
        passages, questions = len(self.written), len(self.questions)
        if not passages == len(self.document_of_passage) == len(self.passage_vectors) == len(self.of_regression):
            raise ValueError("passages, their documents, their vectors and their sets must be as many")
        if not (
            questions == len(self.question_ids) == len(self.question_vectors) == len(self.words) == len(self.relevant)
        ):
            raise ValueError("questions, their ids, vectors, words and right documents must be as many")
        learnt = {vote.question for vote in self.votes} | {question for question, _ in self.golden}
        if learnt.intersection(self.judging.tolist()):
            raise ValueError("a held-out question has a vote or a golden pair")
        if (np.diff(self.of_regression.astype(int)) < 0).any():
            raise ValueError("the regression set's passages must come last")

    @property
    def judging(self) -> NDArray[np.int64]:
        """`(j,)`, rows of all questions that judge: held-out ones, repeats, and last those of the regression set."""
        return np.concatenate([self.held_out, self.repeats, self.regression])

    @property
    def passages(self) -> tuple[str, ...]:
        """The chunks' texts, as they are encoded; made anew each time."""
        return tuple(passage_text(*own) for own in self.written)

    @property
    def own_vectors(self) -> NDArray[np.float32]:
        """`(m - those of the regression set, dim)`: all that learners may choose by; the set's passages come after."""
        return self.passage_vectors[~self.of_regression]

    def score_by_words(self, questions: NDArray[np.int64]) -> Scores:
        """What each passage has of these questions' words, `(len(questions), m)`."""
        return self.words.scores_of(questions.tolist(), len(self.written))

    def serve(self, cosines: Scores, weight: float | None = None) -> Scores:
        """These cosines, `(j, m)`, and beside them the words, with the weight that ships unless another is given."""
        words = self.score_by_words(self.judging)
        served: Scores = fuse(cosines, words, self.words_weight if weight is None else weight).astype(np.float32)
        return served

    def score_words(self, texts: Sequence[str], audience_ids: Sequence[int] | None = None) -> list[WordScores]:
        """What the words of these questions of the task find, as the store's `score_words` told it; all see all."""
        row_of = {text: row for row, text in enumerate(self.questions)}
        return [self.score_words_of(row_of[text]) for text in texts]

    def score_words_of(self, question: int) -> WordScores:
        """The same of one question, by its row."""
        found = self.words.matched(question)
        order = np.argsort(found.passages)
        return WordScores(found.passages[order], found.scores[order], found.coverage[order])

    def save(self, folder: Path) -> None:
        """Writes the task into a folder, the text part last: where that is, the task is whole."""
        folder.mkdir(parents=True, exist_ok=True)
        with _replacing(folder / "task.npz").open("wb") as file:
            words = {f"words_{name}": getattr(self.words, name) for name in _OF_WORDS}
            np.savez(file, **{name: getattr(self, name) for name in _ARRAYS}, **words)
        os.replace(_replacing(folder / "task.npz"), folder / "task.npz")
        texts = {name: getattr(self, name) for name in self.__slots__ if name not in _ARRAYS and name != "words"}
        texts["votes"] = [astuple(vote) for vote in self.votes]
        texts["relevant"] = [list(gains.items()) for gains in self.relevant]
        _replacing(folder / "task.json").write_text(json.dumps(texts), encoding="utf-8")
        os.replace(_replacing(folder / "task.json"), folder / "task.json")

    @classmethod
    def load(cls, folder: Path) -> Task:
        """Reads what `save` wrote.

        Raises:
            BadInputError: there is no whole task in the folder.
        """
        try:
            read = json.loads((folder / "task.json").read_text(encoding="utf-8"))
            with np.load(folder / "task.npz") as file:
                arrays = {name: file[name].astype(kind, copy=False) for name, kind in _ARRAYS.items()}
                words = {name: file[f"words_{name}"].astype(kind, copy=False) for name, kind in _OF_WORDS.items()}
            return cls(
                written=tuple(Written(*own) for own in read["written"]),
                documents=tuple(read["documents"]),
                question_ids=tuple(read["question_ids"]),
                questions=tuple(read["questions"]),
                votes=tuple(Vote(*vote) for vote in read["votes"]),
                golden=tuple((question, tuple(chunks)) for question, chunks in read["golden"]),
                relevant=tuple(dict(gains) for gains in read["relevant"]),
                words=WordMatches(**words),
                words_weight=read["words_weight"],
                seed=read["seed"],
                **arrays,
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadInputError(f"There is no whole task in {folder}; delete the folder and run again.") from error


def unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vectors L2-normalised; one of zeros stays."""
    units: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    return units


def _replacing(path: Path) -> Path:
    return path.with_name(path.name + ".part")
