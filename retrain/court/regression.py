"""The regression set: questions of another kind than a team's own, on which a candidate must not fall far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from db.corpus import sign_text
from db.generations import StoredVectors
from db.search import Passages, WordsInMemory, Written, copy_of
from retrain.court.evidence import Paired
from retrain.court.serve import Portion, Shelf, Side, count_refusals_from, ranked, serve_questions
from retrain.lesson import cluster_questions
from retrain.measures import AskedText, judge_answers, ndcg_at_k


@dataclass(frozen=True, slots=True)
class RegressionSet:
    """A fixed set, the same for every night.

    `passages` are as they are encoded, `document_of_passage` says which document (≥ 0) each belongs to, and
    `relevant` has the right documents of each of `questions`, with their gains. No document answers the `unanswerable`.
    `written` has the passages' parts, where they are known apart.
    """

    passages: tuple[str, ...]
    document_of_passage: tuple[int, ...]
    questions: tuple[str, ...]
    relevant: tuple[Mapping[int, float], ...]
    unanswerable: tuple[str, ...] = ()
    written: tuple[Written, ...] = ()


@dataclass(frozen=True, slots=True)
class OnRegressionSet:
    """Both sides on the set: ndcg@10 of its questions, and what `judge_answers` found of all of them, by its names."""

    ndcg: Paired
    answers: Mapping[str, Paired] = field(default_factory=dict)


FindRegressionSet = Callable[[], RegressionSet | None]
"""Called by a night when it has a candidate to judge; None where there is no such set, or it is what is learnt from."""


def judge_regression(
    incumbent: Side,
    candidate: Side,
    regression: RegressionSet,
    portion: Portion,
    on_progress: Callable[[int, int], None],
) -> OnRegressionSet:
    """Has both answer the set's questions from its passages, and refuse as they would if these were all there are.

    `on_progress` gets passages encoded and to be encoded.
    """
    total, done = 2 * len(regression.passages), 0

    def advance(n: int) -> None:
        nonlocal done
        done += n
        on_progress(done, total)

    places = np.arange(len(regression.passages))
    nobodys = np.zeros_like(places)
    sides = [
        Side(
            side.generation,
            side.encoder,
            StoredVectors(places, nobodys, side.encoder.encode_passages(regression.passages, advance)),
        )
        for side in (incumbent, candidate)
    ]
    documents = np.array(regression.document_of_passage, dtype=np.int64)
    copies = np.array([copy_of(passage) for passage in regression.passages], dtype=np.int64)
    written = regression.written or [Written("", "", passage) for passage in regression.passages]
    said: dict[int, list[str]] = {}
    for own, passage in zip(regression.document_of_passage, regression.passages, strict=True):
        said.setdefault(own, []).append(passage)
    signatures = {own: sign_text(passages) for own, passages in said.items()}
    shelf = Shelf(
        Passages(places, documents, copies, signatures), nobodys, lambda ids: [written[place] for place in ids]
    )
    texts = (*regression.questions, *regression.unanswerable)
    score = WordsInMemory(regression.passages).score
    sides = [count_refusals_from(side, shelf, score, portion) for side in sides]
    both = serve_questions(sides, [AskedText(text) for text in texts], shelf, score, portion)
    clusters = cluster_questions(texts, incumbent.encoder.encode_questions(texts))
    n, relevant = len(regression.questions), regression.relevant
    before, after = (ndcg_at_k(ranked(served[:n]), relevant) for served in both)
    judged = (*relevant, *({} for _ in regression.unanswerable))
    was, now = (judge_answers([own.answered for own in served], judged) for served in both)
    return OnRegressionSet(
        Paired(before, after, clusters=clusters[:n]),
        {name: Paired(values, now[name], clusters=clusters) for name, values in was.items()},
    )
