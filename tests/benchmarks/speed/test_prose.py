"""Made text is the same for a seed, and its words are spread as in the wild."""

from __future__ import annotations

from collections import Counter

import numpy as np

from benchmarks.speed.prose import DIMENSION, PASSAGES_OF_DOCUMENT, ask_about, write_prose

PROSE = write_prose(400)


def test_a_seed_always_writes_the_same() -> None:
    again, other = write_prose(400), write_prose(400, seed=1)
    assert again.texts == PROSE.texts and again.titles == PROSE.titles
    np.testing.assert_array_equal(again.vectors, PROSE.vectors)
    assert set(other.texts).isdisjoint(PROSE.texts)


def test_few_words_are_everywhere_and_most_hardly_anywhere() -> None:
    counts = Counter(word for text in PROSE.texts for word in text.split())
    ranked = [count for _, count in counts.most_common()]
    assert sum(ranked[:50]) > 0.25 * sum(ranked)
    assert sum(count <= 2 for count in ranked) > 0.6 * len(ranked)
    assert 60 < np.median([len(text.split()) for text in PROSE.texts]) < 100


def test_passages_of_a_document_are_nearer_to_each_other_than_to_others() -> None:
    assert PROSE.vectors.shape == (400, DIMENSION)
    np.testing.assert_allclose(np.linalg.norm(PROSE.vectors, axis=1), 1, atol=1e-5)
    cosines = PROSE.vectors @ PROSE.vectors.T
    document = np.arange(400) // PASSAGES_OF_DOCUMENT
    same = document[:, None] == document[None, :]
    assert cosines[same & ~np.eye(400, dtype=bool)].mean() > cosines[~same].mean() + 0.2


def test_a_question_has_words_of_the_passage_it_is_about_and_lies_near_it() -> None:
    asked = ask_about(PROSE, 50)
    for text, row in zip(asked.texts, asked.about.tolist(), strict=True):
        assert 5 <= len(text.split()) <= 15
        assert set(text.split()) <= set(PROSE.texts[row].split())
    assert ((asked.vectors @ PROSE.vectors.T).argmax(axis=1) == asked.about).mean() > 0.8
