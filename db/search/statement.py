"""The one statement of a question: the best of vectors and of words among what may be seen, both scores on each."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

from psycopg import sql

from db.search.features import Said, Written
from db.search.found import DATES, Hit, copy_of, date_of
from db.search.ranking import CANDIDATES
from db.words import SCALE, tokenizer_of

WORDS_SCORED = 200
"""Of so many chunks, the best by words, a question's words are weighed; any other that the vectors find counts as 0,
which loses .0002 of ndcg@10."""

MOST_WORDS = 32
"""Words of a question that are looked for: of a longer one the rarest."""

LOOKED_UP = 512
"""Different words of a question of which it is looked up how rare they are, the first ones."""

SHARE = 65_535
"""A word's share of the question's idf in whole numbers, so that sums don't depend on the order in which rows are read:
times the greatest impact it fits in an int4."""

Way = Literal["index", "most", "few"]
"""How vectors are read: through their index; all of them, where most may be seen; or those that may be seen."""

# What is cheap to hide from the planner is hidden in `asked`: it would else take each question's own plan for better
# than the one that is kept, and planning takes as long as searching by vectors. Each CTE is there for a reason: in one
# statement the planner may join what belongs apart, and inside the index scan a join can lose the index. A passage that
# has several forms of a word is counted for each: a word is in no more passages than there are.
_WORDS = """
WITH asked AS MATERIALIZED (
    SELECT %(lexemes)s::text[] AS lexemes, %(words)s::int[] AS words, %(audiences)s::bigint[] AS audiences
), visible AS MATERIALIZED (
    SELECT coalesce(sum(chunks) FILTER (WHERE may_be_seen), 0) AS chunks, coalesce(sum(chunks), 0) AS of,
           greatest(coalesce(sum(dead) FILTER (WHERE may_be_seen), 0), 0) AS dead
    FROM (
        SELECT chunks, dead, audience_id = ANY((SELECT audiences FROM asked)::bigint[]) AS may_be_seen
        FROM words_of_audience
    ) counted
), listed AS MATERIALIZED (
    SELECT q.word, p.base, p.n, p.packed
    FROM (SELECT unnest(lexemes) COLLATE "C" AS lexeme, unnest(words) AS word FROM asked) q
    JOIN posting p ON p.lexeme = q.lexeme AND p.audience_id = ANY((SELECT audiences FROM asked)::bigint[])
), rare AS MATERIALIZED (
    SELECT word, ln((chunks + 1) / (least(sum(n), chunks) + 0.5::float8)) AS idf
    FROM listed, (SELECT chunks::float8 FROM visible) seen
    GROUP BY word, chunks HAVING sum(n) > 0 ORDER BY idf DESC, word LIMIT {most_words}
), weighed AS MATERIALIZED (
    SELECT word, ({share} * idf / (SELECT sum(idf) FROM rare))::int4 AS share FROM rare
), scored AS MATERIALIZED (
    SELECT base + (element >> 15) AS chunk_id, sum(share * (element & 32767)) AS score, sum(share) AS coverage
    FROM (SELECT base, share, unnest(packed) AS element FROM listed JOIN weighed USING (word)) elements
    GROUP BY 1 ORDER BY score DESC, chunk_id LIMIT {scored} + (SELECT dead FROM visible)
), """

_NEAREST = """
nearest AS MATERIALIZED (
    SELECT chunk_id, 1 - (embedding <=> %(vector)b) AS similarity
    FROM {table}
    WHERE {may_be_seen}
    ORDER BY {order}
    LIMIT {each_side}
), """

# What is dead drops out where its vector is looked for; in the order of the scores, so that no more are looked for than
# are wanted (before PostgreSQL 17 nobody knows that a CTE is in order).
_BOTH = """
worded AS (
    SELECT s.chunk_id, 1 - (embedding <=> %(vector)b) AS similarity, s.score, s.coverage
    FROM (SELECT * FROM scored ORDER BY score DESC, chunk_id) s JOIN {table} e ON e.chunk_id = s.chunk_id
    WHERE audience_id = ANY((SELECT audiences FROM asked)::bigint[])
    ORDER BY s.score DESC, s.chunk_id
    LIMIT {each_side}
), candidates AS (
    SELECT chunk_id, similarity, coalesce(score, 0) AS score, coalesce(coverage, 0) AS coverage
    FROM nearest LEFT JOIN scored USING (chunk_id)
    UNION ALL
    SELECT * FROM worded WHERE (chunk_id IN (SELECT chunk_id FROM nearest)) IS NOT TRUE
), best AS MATERIALIZED (
    SELECT chunk_id, similarity, words, coverage, similarity + %(weight)s::float8 * words AS fused
    FROM (
        SELECT chunk_id, similarity, score / {full_score}::float8 AS words,
               least(coverage / {share}::float8, 1) AS coverage
        FROM candidates
    ) scaled
    ORDER BY fused DESC FETCH FIRST {k} ROWS WITH TIES
)"""

_WORDLESS = """
WITH asked AS MATERIALIZED (
    SELECT %(audiences)s::bigint[] AS audiences
), visible AS MATERIALIZED (
    SELECT coalesce(sum(chunks) FILTER (WHERE may_be_seen), 0) AS chunks, coalesce(sum(chunks), 0) AS of
    FROM (
        SELECT chunks, audience_id = ANY((SELECT audiences FROM asked)::bigint[]) AS may_be_seen
        FROM words_of_audience
    ) counted
), """

_BY_VECTORS = """
best AS MATERIALIZED (
    SELECT chunk_id, similarity, 0::float8 AS words, 0::float8 AS coverage, similarity AS fused
    FROM nearest ORDER BY fused DESC FETCH FIRST {k} ROWS WITH TIES
)"""

# the audience is checked once more beside the text, whatever the vectors' table says
_TEXTS = """
SELECT c.id, c.document_id, c.text_hash, d.title, coalesce(d.front_matter->>'url', d.source_uri), c.section, c.text,
       c.ordinal, d.owner, {dated}, c.place,
       coalesce(d.signature, ''),
       b.similarity, b.words, b.coverage, b.fused,
       (SELECT count(*) FROM nearest), (SELECT chunks::bigint FROM visible), (SELECT of::bigint FROM visible)
FROM best b JOIN chunk c ON c.id = b.chunk_id JOIN document d ON d.id = c.document_id
WHERE d.audience_id = ANY((SELECT audiences FROM asked)::bigint[])
"""

# IS TRUE keeps the index on audiences out
_ALL = "audience_id = ANY((SELECT audiences FROM asked)::bigint[]) IS TRUE"
_MAY_BE_SEEN: dict[Way, str] = {"index": _ALL, "most": _ALL, "few": "audience_id = ANY(%(audiences)s::bigint[])"}

_TITLE, _SECTION, _TEXT, _SCORES = 3, 5, 6, slice(12, 15)
NEAREST, SEEN = -3, slice(-2, None)
"""Columns of each row: how many vectors came up; how many chunks may be seen, and how many there are."""

_DATED = sql.SQL("coalesce({})").format(
    sql.SQL(", ").join(sql.SQL("d.front_matter->>{}").format(sql.Literal(name)) for name in DATES)
)


@lru_cache(maxsize=64)
def statement(table: str, k: int, way: Way, *, has_words: bool = True) -> str:
    """The statement over these vectors for the `k` best, its numbers in it, so that its plan can be kept.

    Through the index vectors are read until enough of them may be seen (pgvector's iterative scan), or it gives up. The
    last columns are `NEAREST` and `SEEN`.
    """
    parts = (_WORDS, _NEAREST, _BOTH, _TEXTS) if has_words else (_WORDLESS, _NEAREST, _BY_VECTORS, _TEXTS)
    distance = "embedding <=> %(vector)b"
    return (
        sql.SQL("".join(parts))
        .format(
            table=sql.Identifier(table),
            may_be_seen=sql.SQL(_MAY_BE_SEEN[way]),
            order=sql.SQL(distance if way == "index" else f"({distance}) + 0, chunk_id"),  # which serves no sum
            each_side=sql.Literal(each_side(k)),
            most_words=sql.Literal(MOST_WORDS),
            scored=sql.Literal(max(WORDS_SCORED, each_side(k))),
            share=sql.Literal(SHARE),
            full_score=sql.Literal(SHARE * SCALE),
            k=sql.Literal(k),
            dated=_DATED,
        )
        .as_string(None)
    )


def words_of(question: str, languages: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The words that a question is searched by, each with the lexemes that are its forms."""
    return tokenizer_of(languages).forms(question)[:LOOKED_UP]


def each_side(k: int) -> int:
    """How many chunks each side puts up where the `k` best are wanted."""
    return max(k, CANDIDATES)


Row = tuple[Any, ...]
"""What the statement gives of a chunk."""


def written_in(row: Row) -> Written:
    """The words of a row's chunk."""
    return Written(row[_TITLE], row[_SECTION], row[_TEXT])


def scores_in(row: Row) -> tuple[float, float, float]:
    """A row's cosine, BM25 and coverage."""
    return row[_SCORES]


def ids_in(row: Row) -> tuple[int, int]:
    """A row's document and chunk."""
    return row[1], row[0]


def read_hit(row: Row, said: Said, score: float) -> Hit:
    """A row with what else its chunk has of the question, and the score that orders it."""
    chunk_id, document_id, text_hash, title, uri, section, text, ordinal, owner, dated, place, signature, *_ = row
    similarity, words, coverage = scores_in(row)
    return Hit(
        chunk_id=chunk_id,
        document_id=document_id,
        copy=copy_of(text),
        similarity=similarity,
        words=words,
        coverage=coverage,
        score=score,
        signature=signature,
        text_hash=text_hash,
        title=title,
        uri=uri,
        section=section,
        text=text,
        ordinal=ordinal,
        owner=owner,
        dated=date_of(dated),
        place=place,
        **said._asdict(),
    )
