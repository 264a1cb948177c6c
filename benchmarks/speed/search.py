"""Searching: all of `db.search.statement` beside a bare `ORDER BY embedding <=> … LIMIT k` on the same table."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from pgvector import HalfVector
from psycopg import sql

from benchmarks.speed.measure import OURS, Comparison, Show, take_turns
from db.corpus import PUBLIC_AUDIENCE_ID, DocumentDraft, draft_chunk, write_documents
from db.generations import build_and_measure_index, ensure_base_generation
from db.models import EncodedQuestion, encode_questions
from db.search import search
from db.settings import Settings
from db.store import open_store, raw_connection

if TYPE_CHECKING:
    from db.generations import Generation
    from db.models import SentenceEncoder

BARE = "ORDER BY … LIMIT"
K = 10
_CHUNKS_A_DOCUMENT = 10
_NOISE = 0.02  # in each of a vector's numbers: copies of a passage are near each other, and no two are alike


def compare_searching(
    encoder: SentenceEncoder, passages: Sequence[str], questions: Sequence[str], chunks: int, rounds: int, show: Show
) -> Iterator[Comparison]:
    """One, over so many chunks; every round is a search."""
    with (
        stocked_store(encoder, passages, chunks) as (engine, generation),
        searchers(engine, generation, encode_questions(encoder, questions)) as contenders,
    ):
        seconds = take_turns(contenders, rounds, show=show)
    yield Comparison(f"search {chunks:,} chunks", "search", None, seconds)


@contextmanager
def stocked_store(
    encoder: SentenceEncoder, passages: Sequence[str], chunks: int
) -> Iterator[tuple[sa.Engine, Generation]]:
    """An embedded server of its own with so many public chunks, indexed as after a load; gone afterwards."""
    vectors = encoder.encode_passages(passages)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)  # root's server runs in another account
        settings = Settings(data_dir=Path(folder), database_url=None)
        with open_store(settings, bounded=False) as engine:
            generation = ensure_base_generation(engine, settings)
            write_documents(engine, _documents(passages, chunks), lambda _, texts: _copies(vectors, len(texts)))
            yield engine, build_and_measure_index(engine, generation, settings.index_recall_floor)[0]


@contextmanager
def searchers(
    engine: sa.Engine, generation: Generation, questions: Sequence[EncodedQuestion]
) -> Iterator[Mapping[str, Callable[[], list[int]]]]:
    """Each searches with the next of `questions` and gives the ids of the `K` nearest chunks."""
    for_ours = cycle([EncodedQuestion("", question.vector) for question in questions])  # no words: vectors alone
    for_bare = cycle(questions)
    query = sql.SQL("SELECT chunk_id FROM {} ORDER BY embedding <=> %(vector)b LIMIT {}").format(
        sql.Identifier(generation.table), sql.Literal(K)
    )
    with raw_connection(engine) as raw, raw.cursor(binary=True) as cursor:
        raw.execute("SELECT set_config('hnsw.ef_search', %s, true)", (str(generation.ef_search),))
        raw.execute("ANALYZE")

        def bare() -> list[int]:
            found = cursor.execute(query, {"vector": HalfVector(next(for_bare).vector)}, prepare=True)
            return [row[0] for row in found]

        def ours() -> list[int]:
            hits = search(engine, generation, next(for_ours), [PUBLIC_AUDIENCE_ID], K)
            return [hit.chunk_id for hit in hits]

        yield {OURS: ours, BARE: bare}


def _documents(passages: Sequence[str], chunks: int) -> list[DocumentDraft]:
    drafts = [draft_chunk(f"Copy {n // len(passages)}", "", passages[n % len(passages)]) for n in range(chunks)]
    return [
        DocumentDraft(f"copy:{start}", f"Document {start}", b"", drafts[start : start + _CHUNKS_A_DOCUMENT])
        for start in range(0, chunks, _CHUNKS_A_DOCUMENT)
    ]


def _copies(vectors: NDArray[np.float32], n: int) -> NDArray[np.float32]:
    noise = np.random.default_rng(0).standard_normal((n, vectors.shape[1]), dtype=np.float32)
    copies = np.resize(vectors, noise.shape) + _NOISE * noise
    unit: NDArray[np.float32] = copies / np.linalg.norm(copies, axis=1, keepdims=True)
    return unit
