"""Searching: a question's words and vector, the way to read what its readers may see, and one statement."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import sqlalchemy as sa
from pgvector import HalfVector

from db.generations import EXACT_UP_TO, Generation
from db.models import EncodedQuestion
from db.search.features import QuestionTerms
from db.search.found import Hit
from db.search.ranking import order_features
from db.search.statement import (
    NEAREST,
    SEEN,
    Row,
    Way,
    each_side,
    ids_in,
    read_hit,
    scores_in,
    statement,
    words_of,
    written_in,
)
from db.store import MOST_SCANNED, RawConnection, reading_connection

REMEMBERED = 1000
"""Readers of whom a connection remembers how much they may see."""

FEW = 0.25
"""Share of all chunks below which those that may be seen are looked up; from it on all vectors are read past."""


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
        read = partial(_read, raw, generation.table, breadth, parameters)
        if exact:
            rows = read("few")
        else:
            seen_by: dict[tuple[int, ...], _Seen] = remembered.setdefault("seen", {})
            readers = tuple(audience_ids)
            way = _choose_way(seen_by.get(readers) or _count_seen(raw, readers), breadth)
            rows = read(way)
            if way == "index" and not (rows and rows[0][NEAREST] >= min(k, rows[0][SEEN][0])):
                rows = read("few")
            _remember(seen_by, readers, rows)
    return _rank(rows, generation, question.text, k)


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


def _choose_way(seen: _Seen, n: int) -> Way:
    """Each vector that may be seen is read where that beats the index, which would give up before it had `n` of them.

    How much may be seen is as of these readers' last question on this connection: it decides how fast a search is, and
    the next one knows.
    """
    if seen.visible > EXACT_UP_TO and seen.visible * MOST_SCANNED >= n * seen.all:
        return "index"
    return "few" if seen.visible < FEW * seen.all else "most"


def _remember(seen_by: dict[tuple[int, ...], _Seen], readers: tuple[int, ...], rows: Sequence[Row]) -> None:
    if len(seen_by) >= REMEMBERED or not rows:
        seen_by.clear()
    if rows:
        seen_by[readers] = _Seen(*rows[0][SEEN])


def _read(raw: RawConnection, table: str, k: int, parameters: dict[str, Any], way: Way) -> list[Row]:
    query = statement(table, k, way, has_words=bool(parameters["lexemes"]))
    with raw.cursor(binary=True) as cursor:
        # how much few see decides how to read it: planned anew each time
        return cursor.execute(query.encode(), parameters, prepare=way != "few").fetchall()


def _rank(rows: Sequence[Row], generation: Generation, question: str, k: int) -> list[Hit]:
    terms = QuestionTerms(question, generation.languages)
    said = [terms.said_by(written_in(row)) for row in rows]
    features = [(*scores_in(row), *more) for row, more in zip(rows, said, strict=True)]
    order = order_features(features, list(map(ids_in, rows)), generation.ranking)
    return [read_hit(rows[row], said[row], score) for row, score in order[:k]]


def _set_breadth(raw: RawConnection, remembered: dict[Any, Any], ef_search: int) -> None:
    """Sets how widely the index is searched, once for a connection: a round trip per query would cost a third of it."""
    if remembered.get("ef_search") != ef_search:
        # in a transaction it is for that one: the session may be lent to others next
        raw.execute("SELECT set_config('hnsw.ef_search', %s, %s)", (str(ef_search), not raw.autocommit))
        remembered["ef_search"] = ef_search
