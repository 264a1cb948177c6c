"""The lists that questions would get: the best 50 passages by words and vectors, each with all of its features."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.task import Scores, Task
from db.generations import SHIPPED, Ranking
from db.search import CANDIDATES, Found, Passages, QuestionTerms, Written, copy_of, find_best, fuse
from db.words import DEFAULT_LANGUAGES

SHOWN = 5
"""Documents that an answer has for sources."""

_BELOW = 100.0
"""By so much what isn't among the best 50 stands below what is."""


def list_found(
    task: Task, questions: NDArray[np.int64], cosines: Scores, ranking: Ranking = SHIPPED
) -> list[list[Found]]:
    """The best passages of each question, best first; ids are rows of the task.

    Args:
        task: whose passages are searched; a question of the regression set sees that set's, all others the others.
        questions: rows of n questions.
        cosines: `(n, m)`, of these and all passages.
        ranking: what orders them.
    """
    known = set(task.regression.tolist())
    shelves = {of_set: _shelf(task, of_set) for of_set in {question in known for question in questions.tolist()}}

    def written(rows: Sequence[int]) -> list[Written]:
        return [task.written[row] for row in rows]

    listed = []
    for question, of_one in zip(questions.tolist(), cosines, strict=True):
        passages = shelves[question in known]
        terms = QuestionTerms(task.questions[question], DEFAULT_LANGUAGES)
        similarity = of_one[passages.chunk_ids]
        words = task.score_words_of(question)
        listed.append(find_best(passages, similarity, words, ranking, CANDIDATES, terms, written))
    return listed


def rank_listed(task: Task, questions: NDArray[np.int64], cosines: Scores, ranking: Ranking) -> Scores:
    """`(n, m)` scores that order passages as those lists do, and below them the others by words and vectors."""
    words = task.score_by_words(questions)
    scores: Scores = (fuse(cosines, words, ranking.words_weight) - _BELOW).astype(np.float32)
    for row, found in zip(scores, list_found(task, questions, cosines, ranking), strict=True):
        row[[own.chunk_id for own in found]] = [own.score for own in found]
    return scores


@lru_cache(maxsize=2)
def lists_before(task: Task) -> dict[int, list[Found]]:
    """What was found before any night for each question that has votes or is a golden pair, by its row."""
    rows = sorted({vote.question for vote in task.votes} | {question for question, _ in task.golden})
    questions = np.array(rows, dtype=np.int64)
    cosines = task.question_vectors[questions] @ task.passage_vectors.T
    return dict(zip(rows, list_found(task, questions, cosines), strict=True))


def sources_of(found: Sequence[Found]) -> list[int]:
    """The best passage of each of the best documents, best first: what an answer shows."""
    first: dict[int, int] = {}
    for own in found:
        first.setdefault(own.document_id, own.chunk_id)
    return list(first.values())[:SHOWN]


def _shelf(task: Task, of_regression: bool) -> Passages:
    rows = np.flatnonzero(task.of_regression == of_regression)
    copies = np.array([copy_of(task.written[row].text) for row in rows.tolist()], dtype=np.int64)
    return Passages(rows, task.document_of_passage[rows], copies)
