"""The floors of searching: the least that PostgreSQL does for fifty ids, by bare psycopg, prepared and binary."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pgvector import HalfVector
from psycopg import sql

from db.store import raw_connection
from db.words import tokenizer_of

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.generations import Generation
    from db.models import EncodedQuestion

K = 50
"""Ids that each side gives, as many as are candidates in the product."""

_WORDS = """
    WITH seen AS MATERIALIZED (
        SELECT sum(chunks) AS chunks FROM words_of_audience WHERE audience_id = ANY(%(audiences)s::bigint[])
    ), asked AS MATERIALIZED (
        SELECT lexeme, ln(1 + ((SELECT chunks FROM seen) - sum(n) + 0.5::float8) / (sum(n) + 0.5::float8)) AS idf
        FROM posting WHERE lexeme = ANY(%(lexemes)s) AND audience_id = ANY(%(audiences)s::bigint[])
        GROUP BY lexeme
    ), matched AS (
        SELECT base, idf, unnest(packed) AS element FROM asked JOIN posting USING (lexeme)
        WHERE audience_id = ANY(%(audiences)s::bigint[])
    )
    SELECT base + (element >> 15) AS chunk_id, sum(idf * (element & 32767)) AS score
    FROM matched GROUP BY 1 ORDER BY score DESC LIMIT {k}
"""


@dataclass(frozen=True, slots=True)
class Bare:
    """What each does for a question, of whatever audiences; both give ids, the best first."""

    vectors: Callable[[EncodedQuestion, Sequence[int]], list[int]]
    words: Callable[[EncodedQuestion, Sequence[int]], list[int]]


@contextmanager
def bare_searches(engine: sa.Engine, generation: Generation) -> Iterator[Bare]:
    """On one connection, at the generation's own breadth. The vectors' one asks for no audience: it finds among all."""
    nearest = sql.SQL("SELECT chunk_id FROM {} ORDER BY embedding <=> %(vector)b LIMIT {}").format(
        sql.Identifier(generation.table), sql.Literal(K)
    )
    matching = sql.SQL(_WORDS).format(k=sql.Literal(K))
    tokenizer = tokenizer_of(("english",))
    with raw_connection(engine) as raw, raw.cursor(binary=True) as cursor:
        raw.execute("SELECT set_config('hnsw.ef_search', %s, true)", (str(generation.ef_search),))

        def vectors(question: EncodedQuestion, audiences: Sequence[int]) -> list[int]:
            return [row[0] for row in cursor.execute(nearest, {"vector": HalfVector(question.vector)}, prepare=True)]

        def words(question: EncodedQuestion, audiences: Sequence[int]) -> list[int]:
            lexemes = [lexeme for forms in tokenizer.forms(question.text) for lexeme in forms]
            asked = {"lexemes": lexemes, "audiences": list(audiences)}
            return [row[0] for row in cursor.execute(matching, asked, prepare=True)]

        yield Bare(vectors, words)
