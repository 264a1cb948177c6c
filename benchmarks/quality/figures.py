"""What a learner's scores are worth: measures per question, slices, TREC files, and p against another learner."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.task import Scores, Task
from retrain.metrics import NOTHING, mrr_at_k, ndcg_at_k, rank_documents, recall_at_k
from retrain.significance import p_better

RUN_DEPTH = 100
RANDOMISATIONS = 20_000
_STEP = 1e-6  # the last digit of a score in a run file; float32 can tell steps of it apart below 8

Floats = NDArray[np.float64]


def judge_scores(task: Task, scores: Scores) -> dict[str, Floats]:
    """ndcg@10, mrr@10 and recall@10 over documents of each held-out question, `(h,)` each."""
    ranked = rank_documents(scores, task.document_of_passage)
    relevant = [task.relevant[question] for question in task.held_out]
    return {
        "ndcg@10": ndcg_at_k(ranked, relevant),
        "mrr@10": mrr_at_k(ranked, relevant),
        "recall@10": recall_at_k(ranked, relevant),
    }


def slice_questions(task: Task) -> dict[str, NDArray[np.bool_]]:
    """Which held-out questions have a right document that got votes, and which have none such, `(h,)` each."""
    voted = {int(task.document_of_passage[vote.chunk]) for vote in task.votes}
    right = ({document for document, gain in task.relevant[row].items() if gain > 0} for row in task.held_out)
    has_votes = np.array([not voted.isdisjoint(documents) for documents in right], dtype=bool)
    return {"voted": has_votes, "never_voted": ~has_votes}


def write_run(path: Path, task: Task, scores: Scores, *, tag: str) -> None:
    """Writes each held-out question's 100 best documents in TREC's form: `qid Q0 docid rank score tag`.

    Scores fall strictly, by at least the last digit written, so that no reader's way with ties changes the order.

    Raises:
        ValueError: a score isn't a finite number.
    """
    if not np.isfinite(scores).all():
        raise ValueError(f"the scores of {tag} aren't all numbers")
    ranked = rank_documents(scores, task.document_of_passage, k=RUN_DEPTH)
    lines = []
    for question, documents, row in zip(task.held_out, ranked, scores, strict=True):
        best = np.full(len(task.documents), -np.inf)
        np.maximum.at(best, task.document_of_passage, row)
        previous = np.inf
        for rank, document in enumerate(documents[documents != NOTHING], start=1):
            previous = min(round(float(best[document]), 6), previous - _STEP)
            names = _name(task.question_ids[question]), _name(task.documents[document])
            lines.append(f"{names[0]} Q0 {names[1]} {rank} {previous:.6f} {tag}\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines), encoding="utf-8")


def write_qrels(path: Path, task: Task) -> None:
    """Writes the held-out questions' judgements in TREC's form: `qid 0 docid gain`."""
    lines = [
        f"{_name(task.question_ids[question])} 0 {_name(task.documents[document])} {gain:g}\n"
        for question in task.held_out
        for document, gain in sorted(task.relevant[question].items())
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines), encoding="utf-8")


def p_vs(question_ids: Sequence[str], ours: Floats, theirs: Floats) -> float:
    """One-sided p that `ours` is better, by a paired randomisation test pooled over seeds.

    A question that is held out at several seeds is one question: its gains are summed and their sign drawn once, or
    the same question would count as independent evidence again and again.

    Args:
        question_ids: of all seeds, one after the other.
        ours: a measure of each of them, `(len(question_ids),)`.
        theirs: the same measure under the other learner.
    """
    _, inverse = np.unique(question_ids, return_inverse=True)
    gains = np.zeros(inverse.max(initial=-1) + 1)
    np.add.at(gains, inverse, ours - theirs)
    return p_better(gains, RANDOMISATIONS, seed=0)


def _name(identifier: str) -> str:
    """The forms are split at white space, so an id that holds some is written with it percent-encoded."""
    return re.sub(r"\s", lambda found: f"%{ord(found[0]):02X}", identifier)
