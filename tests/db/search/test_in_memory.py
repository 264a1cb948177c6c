"""Words' scores without a store are those of a store."""

from __future__ import annotations

import numpy as np
import pytest
import sqlalchemy as sa

from db.search import WordsInMemory, score_words
from tests.corpus import add_document

TEXTS = ["zebra zebra ant", "ant bee cat", "elk PROJ-1234", "elk elk elk"]
"""As long as one another: a store goes by the average length of its first passages."""


@pytest.mark.parametrize("question", ["Zebras and ants?", "cat unheard", "1234", "elk", "", "the of and", "?!"])
def test_they_are_the_store_s(engine: sa.Engine, question: str) -> None:
    hits = add_document(engine, "Animals", [("", text) for text in TEXTS])
    [stored] = score_words(engine, [question], None)
    [found] = WordsInMemory([f"Animals. {text}" for text in TEXTS]).score([question])
    ids = np.array([hit.chunk_id for hit in hits])
    assert ids[found.chunk_ids].tolist() == stored.chunk_ids.tolist()
    assert found.scores.tolist() == stored.scores.tolist()
    assert found.coverage.tolist() == stored.coverage.tolist()


def test_without_passages_nothing_is_found() -> None:
    for passages in ([], [""]):
        [found] = WordsInMemory(passages).score(["ant"])
        assert not len(found.chunk_ids)


def test_of_several_languages_a_word_has_its_form_in_each() -> None:
    words = WordsInMemory(["Die Verträge sind fertig und gut.", "The contracts are ready."], ("english", "german"))
    german, english = words.score(["Vertrag", "contract"])
    assert (german.chunk_ids.tolist(), english.chunk_ids.tolist()) == ([0], [1])
