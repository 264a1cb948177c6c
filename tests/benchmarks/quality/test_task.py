from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality.matches import WordMatches
from benchmarks.quality.task import Task, Vote, net_votes, positives
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


@pytest.mark.parametrize(
    "short", [{"passages": ()}, {"questions": ()}, {"words": WordMatches.of([])}, {"relevant": ()}]
)
def test_sizes_must_agree(short: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="as many"):
        make_task(**short)


def test_positives_are_golden_pairs_and_what_most_votes_call_right_the_surest_first() -> None:
    votes = [
        Vote("ann", 1, 7, 1),
        Vote("ann", 1, 9, 1),
        Vote("bob", 1, 9, 1),
        Vote("ann", 0, 4, 1),
        Vote("bob", 0, 4, -1),
        Vote("ann", 0, 5, -1),
    ]
    task = make_task(votes=tuple(votes), golden=((2, (8, 3)), (1, (11,))))
    assert positives(task) == [(1, 11), (1, 9), (1, 7), (2, 3), (2, 8)]
    assert net_votes(task) == {(1, 7): 1, (1, 9): 2, (0, 4): 0, (0, 5): -1}


def test_what_is_served_has_the_words_beside_the_cosine() -> None:
    task = make_task()
    cosines = task.question_vectors[task.judging] @ task.passage_vectors.T
    added = task.serve(cosines) - cosines
    words = task.words.scores_of(task.judging.tolist(), len(task.passages))
    np.testing.assert_allclose(added, 0.35 * words, atol=1e-6)
    assert ((words > 0).sum(axis=1) == 1).all()
