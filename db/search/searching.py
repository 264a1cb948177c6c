"""Searching: a question's words and vector, the way to read what its readers may see, and one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from pgvector import HalfVector

from db.generations import EXACT_UP_TO, Generation
from db.models import EncodedQuestion
from db.search.features import QuestionTerms, Written
from db.search.found import Hit
from db.search.ranking import order_found
from db.search.statement import each_side, read_hit, statement, words_of
from db.store import MOST_SCANNED, RawConnection, reading_connection


class _Seen(NamedTuple):
    """Chunks that may be seen, and chunks that there are."""

    visible: int
    all: int


def search(
    engine: sa.Engine,
    generation: Generation,
    question: EncodedQuestion,
    audience_ids: Sequence[int],
    k: int,
    *,
    exact: bool = False,
) -> list[Hit]:
    """Finds the `k` best chunks for `question` among those that these audiences may see, in the order they are served.

    Vectors and words put up 50 chunks each (or k, if that is more), each gets both scores, and the best 50 by both
    (see `fuse`) are ordered by all their features. A question without words that passages have is searched by its
    vector alone.

    The filter is inside both sides, so that someone who may see 1% of the corpus still gets k chunks. Those who may see
    few have every vector read; for others they are searched through the index, unless it gives up early. `exact` reads
    every vector whatever may be seen.
    """
    breadth = each_side(k)
    parameters = {
        "vector": HalfVector(question.vector),
        "audiences": list(audience_ids),
        "weight": generation.ranking.words_weight,
        **_lexemes(question.text, generation.languages),
    }
    with reading_connection(engine) as (raw, remembered):
        _set_breadth(raw, remembered, generation.ef_search)
        if not exact:
            seen = _count_seen(raw, audience_ids)
            if not _is_read_faster(seen, breadth):
                found = _run(raw, statement(generation.table, breadth, exact=False), parameters, prepare=True)
                if found and found[0][-1] >= min(k, seen.visible):
                    return _ranked(found, generation, question.text)[:k]
        # planned anew each time, for how much these audiences see decides how to read it
        found = _run(raw, statement(generation.table, breadth, exact=True), parameters, prepare=False)
    return _ranked(found, generation, question.text)[:k]


def _lexemes(text: str, languages: tuple[str, ...]) -> dict[str, list[Any]]:
    """A question's lexemes, and of each the number of its word, of which they are forms."""
    words = words_of(text, languages)
    of_words = [(lexeme, number) for number, forms in enumerate(words) for lexeme in forms]
    return {"lexemes": [lexeme for lexeme, _ in of_words], "words": [number for _, number in of_words]}


def _count_seen(raw: RawConnection, audience_ids: Sequence[int]) -> _Seen:
    query = (
        "SELECT coalesce(sum(chunks) FILTER (WHERE audience_id = ANY(%s)), 0), coalesce(sum(chunks), 0)"
        " FROM words_of_audience"
    )
    row = raw.execute(query, (list(audience_ids),), prepare=True).fetchone()
    return _Seen(*row) if row else _Seen(0, 0)


def _is_read_faster(seen: _Seen, n: int) -> bool:
    """Whether reading each vector that may be seen beats the index, which would give up before it had `n` of them."""
    return seen.visible <= EXACT_UP_TO or seen.visible * MOST_SCANNED < n * seen.all


def _run(raw: RawConnection, query: str, parameters: dict[str, Any], *, prepare: bool) -> list[tuple[Any, ...]]:
    with raw.cursor(binary=True) as cursor:
        return cursor.execute(query.encode(), parameters, prepare=prepare).fetchall()


def _ranked(rows: Sequence[tuple[Any, ...]], generation: Generation, question: str) -> list[Hit]:
    hits = [read_hit(*row) for row in rows]
    written = [Written(hit.title, hit.section, hit.text) for hit in hits]
    return order_found(hits, written, QuestionTerms(question, generation.languages), generation.ranking)


def _set_breadth(raw: RawConnection, remembered: dict[Any, Any], ef_search: int) -> None:
    """Sets how widely the index is searched, once for a connection: a round trip per query would cost a third of it."""
    if remembered.get("ef_search") != ef_search:
        raw.execute("SELECT set_config('hnsw.ef_search', %s, false)", (str(ef_search),))
        remembered["ef_search"] = ef_search
