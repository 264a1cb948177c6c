from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from db.search import WordScores
from retrain.measures import AskedText, Words, score_asked, visible_to
from retrain.measures.served import WITHOUT_WORDS


def test_questions_of_the_same_audiences_are_scored_at_once_and_come_back_in_their_order() -> None:
    calls: list[tuple[list[str], Sequence[int] | None]] = []

    def score(texts: Sequence[str], audience_ids: Sequence[int] | None) -> list[WordScores]:
        calls.append((list(texts), audience_ids))
        return [WordScores(np.array([len(text)]), np.ones(1), np.ones(1)) for text in texts]

    asked = [AskedText("a"), AskedText("bb", (1, 2)), AskedText("ccc"), AskedText("dddd", ()), AskedText("e", (1, 2))]
    assert [own.chunk_ids.tolist() for own in score_asked(asked, score)] == [[1], [2], [3], [4], [1]]
    assert calls == [(["a", "ccc"], None), (["bb", "e"], (1, 2)), (["dddd"], ())]
    assert [own.chunk_ids.tolist() for own in Words(score, 0.5).of(asked[:2])] == [[1], [2]]
    assert score_asked([], score) == []


def test_without_words_nothing_is_found_by_any() -> None:
    [found] = WITHOUT_WORDS.of([AskedText("a")])
    assert not len(found.chunk_ids)


def test_who_is_in_no_audience_sees_nothing_and_none_means_all() -> None:
    audiences = np.array([1, 2, 3])
    assert visible_to(None, audiences).tolist() == [True, True, True]
    assert visible_to((1, 3), audiences).tolist() == [True, False, True]
    assert visible_to((), audiences).tolist() == [False, False, False]
