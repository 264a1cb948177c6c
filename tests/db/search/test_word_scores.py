"""Many questions' words are weighed as the statement of each weighs them."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import sqlalchemy as sa

from db.corpus import DocumentDraft, draft_chunk, remove_documents, write_documents
from db.generations import Generation, read_vectors
from db.models import EncodedQuestion
from db.search import word_scores
from db.search.features import QuestionTerms
from db.search.found import copy_of
from db.search.ranking import Passages, find_best
from db.search.searching import search
from db.search.texts import read_written
from db.search.word_scores import score_words
from tests.synthetic import HashingEncoder, add_audience, make_generation, serve

TEXTS = [
    " ".join(np.random.default_rng(number).choice([f"w{rank}" for rank in range(60)], 12)) for number in range(260)
]
QUESTIONS = ["w1 w2 w3", "w59", "which w4 and w5-w6?", "", "unheard of", "w7 " * 50, " ".join(TEXTS[:20])]


@pytest.fixture
def few(engine: sa.Engine) -> int:
    return add_audience(engine, "few")


@pytest.fixture
def generation(engine: sa.Engine, few: int) -> Generation:
    """A corpus with a history: some passages were removed, some moved to a few readers."""
    made = make_generation(engine)
    serve(engine, made)

    def write(first: int, last: int, audience_id: int) -> None:
        drafts = [
            DocumentDraft(
                f"d:{number // 2}",
                "",
                b"",
                [draft_chunk("", "", text) for text in TEXTS[number : number + 2]],
                audience_id,
            )
            for number in range(first, last, 2)
        ]
        write_documents(engine, drafts, lambda _, texts: HashingEncoder().encode_passages(texts))

    write(0, 140, 1)
    write(140, 260, few)
    remove_documents(engine, [f"d:{number}" for number in range(20)])
    write(60, 80, few)
    return made


@pytest.mark.parametrize("block", [500, 2])
def test_the_court_finds_what_is_served(
    engine: sa.Engine, generation: Generation, few: int, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_scores, "BLOCK", block)
    stored = read_vectors(engine, generation)
    asked = [
        EncodedQuestion(text, vector)
        for text, vector in zip(QUESTIONS, HashingEncoder().encode_questions(QUESTIONS), strict=True)
    ]
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT id, document_id, text FROM chunk ORDER BY id")).all()
    documents = np.array([row.document_id for row in rows], np.int64)
    copies = np.array([copy_of(row.text) for row in rows], np.int64)
    for audience_ids in [1], [few], [1, few], None:
        seen = np.isin(stored.audience_ids, [1, few] if audience_ids is None else audience_ids)
        passages = Passages(stored.chunk_ids[seen], documents[seen], copies[seen])
        scored = score_words(engine, QUESTIONS, audience_ids)
        for question, words in zip(asked, scored, strict=True):
            served = search(engine, generation, question, audience_ids or [1, few], 60, exact=True)
            similarity = {hit.chunk_id: hit.similarity for hit in served}
            cosines = np.array([similarity.get(chunk_id, -1.0) for chunk_id in passages.chunk_ids.tolist()])
            terms = QuestionTerms(question.text, generation.languages)
            written = partial(read_written, engine)
            best = find_best(passages, cosines, words, generation.ranking, 60, terms, written)
            assert [(each.chunk_id, each.document_id, each.copy, each.features, each.score) for each in best] == [
                (hit.chunk_id, hit.document_id, hit.copy, hit.features, hit.score) for hit in served
            ]


def test_only_the_best_are_told_and_by_their_ids(engine: sa.Engine, generation: Generation) -> None:
    [all_of_them], [best] = score_words(engine, ["w1 w2 w3"], [1]), score_words(engine, ["w1 w2 w3"], [1], 5)
    assert 5 < len(all_of_them.chunk_ids) and (np.diff(best.chunk_ids) > 0).all()
    wanted = np.sort(all_of_them.scores)[::-1][:5]
    assert np.sort(best.scores)[::-1][:5].tolist() == wanted.tolist()


def test_nobody_s_words_are_none(engine: sa.Engine, generation: Generation) -> None:
    [words] = score_words(engine, ["w1"], [])
    assert len(words.chunk_ids) == len(words.scores) == len(words.coverage) == 0
    assert score_words(engine, [], None) == []
