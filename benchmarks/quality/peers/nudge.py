"""NUDGE-N: passages' vectors move toward the questions they answer, by its authors' own package."""

from __future__ import annotations

import contextlib
import io

import numpy as np

from benchmarks.quality.peers import untrained
from benchmarks.quality.peers.development import Answers, split_by_question
from benchmarks.quality.peers.golden_weight import choose_weight
from benchmarks.quality.said import positives
from benchmarks.quality.task import Scores, Task


def rank(task: Task) -> Scores:
    """Question times moved passage, words beside it, `(j, m)`.

    Passages are moved by four fifths of the positives, as far as suits the last fifth, which chooses what words count.

    `NUDGEN.finetune_embeddings` of nudge-ft (Zeighami, Wellmer, Parameswaran, "NUDGE: Lightweight Non-Parametric
    Fine-Tuning of Embeddings for Retrieval", ICLR 2025, arXiv 2409.02343) with its defaults: γ is the one of
    0, .02, … .48 that puts a right passage first for the most development questions.
    """
    from nudge import NUDGEN

    train, development = split_by_question(positives(task), seed=task.seed)
    if not train or not development:
        return task.serve(untrained.rank(task))
    with contextlib.redirect_stdout(io.StringIO()):  # it tells its progress there
        moved = NUDGEN().finetune_embeddings(
            task.own_vectors.copy(), _as_nudge_has_it(task, train), _as_nudge_has_it(task, development)
        )
    passages = np.concatenate([moved, task.passage_vectors[task.of_regression]])
    weight = choose_weight(task, development, task.question_vectors[list(development)] @ moved.T)
    return task.serve(task.question_vectors[task.judging] @ passages.T, weight)


def _as_nudge_has_it(task: Task, answers: Answers) -> dict[str, object]:
    return {"q_embs": task.question_vectors[list(answers)], "q_ans_indx": list(answers.values())}
