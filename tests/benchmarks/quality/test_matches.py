from __future__ import annotations

import numpy as np

from benchmarks.quality.matches import NOTHING_MATCHED, Matched, WordMatches

MATCHES = WordMatches.of(
    [
        Matched(np.array([2, 0]), np.array([0.5, 1.5]), np.array([0.25, 1.0])),
        NOTHING_MATCHED,
        Matched(np.array([1]), np.array([2.0]), np.array([0.5])),
    ]
)


def test_passages_without_a_questions_words_have_nothing() -> None:
    assert len(MATCHES) == 3
    assert MATCHES.scores_of([2, 0, 1], 4).tolist() == [[0, 2, 0, 0], [1.5, 0, 0.5, 0], [0, 0, 0, 0]]


def test_more_questions_come_after() -> None:
    more = MATCHES.followed_by(WordMatches.of([Matched(np.array([3]), np.array([1.0]), np.array([0.75]))]))
    assert len(more) == 4
    np.testing.assert_array_equal(more.scores_of(range(3), 4), MATCHES.scores_of(range(3), 4))
    assert more.scores_of([3], 4).tolist() == [[0, 0, 0, 1]]
    assert [own.tolist() for own in more.matched(3)] == [[3], [1.0], [0.75]]
    assert [own.tolist() for own in more.matched(0)] == [[2, 0], [0.5, 1.5], [0.25, 1.0]]


def test_no_question_is_no_error() -> None:
    assert WordMatches.of([]).scores_of([], 5).shape == (0, 5)
