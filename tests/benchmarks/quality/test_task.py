from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality.matches import Matched, WordMatches
from benchmarks.quality.task import Task, Vote
from db.errors import BadInputError
from tests.benchmarks.quality.small_task import make_task


def test_a_saved_task_comes_back_whole(tmp_path: Path) -> None:
    task = make_task(relevant=({3: 2.0, 1: 0.5}, *make_task().relevant[1:]), questions=("Größe?\n",) * 120)
    task.save(tmp_path / "new" / "folder")
    back = Task.load(tmp_path / "new" / "folder")
    questions, passages = range(len(task.questions)), len(task.passages)
    np.testing.assert_array_equal(task.words.scores_of(questions, passages), back.words.scores_of(questions, passages))
    for name in sorted(set(Task.__slots__) - {"words"}):
        mine, other = getattr(task, name), getattr(back, name)
        if isinstance(mine, np.ndarray):
            assert mine.dtype == other.dtype, name
            np.testing.assert_array_equal(mine, other)
        else:
            assert mine == other, name


def test_a_half_written_task_is_none(tmp_path: Path) -> None:
    make_task().save(tmp_path)
    (tmp_path / "task.json").unlink()
    with pytest.raises(BadInputError, match="no whole task"):
        Task.load(tmp_path)


@pytest.mark.parametrize("learnt", [{"votes": (Vote("ann", 100, 0, 1),)}, {"golden": ((100, (0,)),)}])
def test_nothing_may_be_learnt_on_a_held_out_question(learnt: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="held-out"):
        make_task(**learnt)


@pytest.mark.parametrize("short", [{"written": ()}, {"questions": ()}, {"words": WordMatches.of([])}, {"relevant": ()}])
def test_sizes_must_agree(short: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="as many"):
        make_task(**short)


def test_what_is_served_has_the_words_beside_the_cosine() -> None:
    task = make_task()
    cosines = task.question_vectors[task.judging] @ task.passage_vectors.T
    added = task.serve(cosines) - cosines
    words = task.words.scores_of(task.judging.tolist(), len(task.passages))
    np.testing.assert_allclose(added, 0.35 * words, atol=1e-6)
    assert ((words > 0).sum(axis=1) == 1).all()
    np.testing.assert_allclose(task.serve(cosines, 1.5) - cosines, 1.5 * words, atol=1e-6)


def test_what_the_words_of_a_question_find_comes_by_passage() -> None:
    found = Matched(np.array([9, 4]), np.array([0.5, 1.0]), np.array([0.25, 0.75]))
    task = make_task(words=WordMatches.of([found] * 120))
    [scored] = task.score_words([task.questions[7]])
    assert scored.chunk_ids.tolist() == [4, 9]
    assert (scored.scores.tolist(), scored.coverage.tolist()) == ([1.0, 0.5], [0.75, 0.25])
