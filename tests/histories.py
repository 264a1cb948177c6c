"""Documents that are changed in any way, and BM25 of their passages as its definition says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from numpy.typing import NDArray

from db.corpus import DocumentDraft, draft_chunk, remove_documents, write_documents
from db.generations import Generation
from db.models import passage_text
from db.search import score_words
from db.search.statement import SHARE
from db.store import raw_connection
from db.words import merging, postings, read_indexed, rebuild
from db.words.bm25 import SCALE
from db.words.merging import Segment
from db.words.tokens import Tokenizer, tokenizer_of
from tests.synthetic import HashingEncoder


def scores_by_definition(raw: Any, question: str, audience_ids: Sequence[int]) -> tuple[dict[int, float], int]:
    """BM25 / Σ idf of every passage that these audiences may see and that has a word of the question's.

    Words that no such passage has count nowhere; with it how many count.
    """
    indexed = read_indexed(raw)
    if indexed is None or indexed.average_length is None:
        return {}, 0
    tokenizer = Tokenizer(indexed.languages)
    query = (
        "SELECT c.id, d.title, c.section, c.text FROM chunk c JOIN document d ON d.id = c.document_id"
        " WHERE d.audience_id = ANY(%s)"
    )
    passages = {row[0]: tokenizer.count(passage_text(*row[1:])) for row in raw.execute(query, (list(audience_ids),))}
    scores: Counter[int] = Counter()
    idfs = []
    for forms in tokenizer.forms(question):
        times = {chunk_id: sum(counted.times.get(form, 0) for form in forms) for chunk_id, counted in passages.items()}
        df = sum(n > 0 for n in times.values())
        if df:
            idfs.append(math.log(1 + (len(passages) - df + 0.5) / (df + 0.5)))
            for chunk_id, n in times.items():
                relative = passages[chunk_id].length / indexed.average_length
                scores[chunk_id] += idfs[-1] * n * 2.2 / (n + 1.2 * (0.25 + 0.75 * relative)) if n else 0
    return {chunk_id: score / sum(idfs) for chunk_id, score in scores.items() if score}, len(idfs)


def assert_scores(engine: sa.Engine, questions: Sequence[str], readers: Sequence[Sequence[int]]) -> None:
    """What the words score is what the definition says, up to the bits that impacts and shares are stored in."""
    for audience_ids in readers:
        for question, found in zip(questions, score_words(engine, questions, audience_ids, n=10_000), strict=True):
            with raw_connection(engine) as raw:
                expected, words = scores_by_definition(raw, question, audience_ids)
            scores = dict(zip(found.chunk_ids.tolist(), found.scores.tolist(), strict=True))
            tolerance = 1 / SCALE + 2.2 * words / SHARE
            assert scores == pytest.approx(expected, abs=tolerance), (question, audience_ids)


def assert_counts(engine: sa.Engine) -> None:
    """What the counts say is what there is: chunks and lengths of each audience, and removed ones that still stand."""
    counted = (
        "SELECT audience_id, chunks, words, dead FROM words_of_audience WHERE chunks <> 0 OR dead <> 0 OR words <> 0"
    )
    standing = """
        SELECT p.audience_id, count(DISTINCT base + (element >> 15)) FROM posting p CROSS JOIN unnest(packed) element
        LEFT JOIN chunk c ON c.id = base + (element >> 15) WHERE c.id IS NULL GROUP BY 1
    """
    elsewhere = """
        SELECT count(*) FROM posting p CROSS JOIN unnest(packed) element JOIN chunk c ON c.id = base + (element >> 15)
        JOIN document d ON d.id = c.document_id WHERE d.audience_id <> p.audience_id
    """
    with raw_connection(engine) as raw:
        indexed = read_indexed(raw)
        tokenizer = tokenizer_of(indexed.languages if indexed else ("english",))
        expected: dict[int, Counter[str]] = {}
        query = "SELECT d.audience_id, d.title, c.section, c.text FROM chunk c JOIN document d ON d.id = c.document_id"
        for audience_id, *parts in raw.execute(query):
            counts = expected.setdefault(audience_id, Counter())
            counts.update(chunks=1, words=tokenizer.count(passage_text(*parts)).length)
        for audience_id, dead in raw.execute(standing):
            expected.setdefault(audience_id, Counter())["dead"] = dead
        rows = {row[0]: dict(zip(("chunks", "words", "dead"), row[1:], strict=True)) for row in raw.execute(counted)}
        assert rows == {
            key: {name: counts[name] for name in ("chunks", "words", "dead")} for key, counts in expected.items()
        }
        assert raw.execute(elsewhere).fetchone() == (0,)
        unknown = "SELECT FROM posting WHERE NOT EXISTS (SELECT FROM words_segment WHERE id = segment)"
        assert raw.execute(unknown).fetchone() is None


class History:
    """Documents as they are changed, by the functions that everybody uses."""

    def __init__(self, engine: sa.Engine, audience_ids: Sequence[int]) -> None:
        self.engine = engine
        self.audience_ids = audience_ids
        self.drafts: dict[int, DocumentDraft] = {}

    def write(self, name: int, title: str, texts: Sequence[str], audience: int) -> None:
        chunks = [draft_chunk(title, "", text) for text in texts]
        content_hash = repr((title, texts)).encode()
        audience_id = self.audience_ids[audience]
        self.drafts[name] = DocumentDraft(f"file:{name}", title, content_hash, chunks, audience_id)
        write_documents(self.engine, [self.drafts[name]], encode)

    def move(self, name: int, audience: int) -> None:
        if name in self.drafts:
            draft = self.drafts[name]
            self.write(name, draft.title, [chunk.text for chunk in draft.chunks], audience)

    def remove(self, names: Sequence[int]) -> None:
        remove_documents(self.engine, [f"file:{name}" for name in names])
        for name in names:
            self.drafts.pop(name, None)

    def merge(self, random: Any) -> None:
        """Any segments of a span, whether or not it is worth it."""
        with raw_connection(self.engine) as raw:
            segments = [Segment(*row) for row in raw.execute("SELECT id, base, chunks FROM words_segment ORDER BY id")]
            if segments:
                base = random.choice(segments).base
                own = [segment for segment in segments if segment.base == base]
                postings.hold_words(raw)
                merging._merge(raw, random.sample(own, random.randint(1, len(own))))

    def rebuild(self, languages: Sequence[str]) -> None:
        with raw_connection(self.engine) as raw:
            rebuild.rebuild_words(raw, languages)


def encode(_: Generation, texts: Sequence[str]) -> NDArray[np.float32]:
    return HashingEncoder().encode_passages(texts)
