"""The words' score of many questions at once, as the statement of each would have it: for the court and for mining."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import sqlalchemy as sa

from db.search.ranking import Ints, WordScores
from db.search.statement import MOST_WORDS, SHARE, WORDS_SCORED, words_of
from db.store import RawConnection, raw_connection
from db.words import DEFAULT_LANGUAGES, SCALE, lexemes_to_count, packed_cursor, weigh_words

BLOCK = 500
"""Questions whose words' postings are in memory at once."""

_NEAR = 32
"""How many ids there may be between the first and the last for each one that is listed."""


class Listed(NamedTuple):
    """A lexeme's passages: how many have it, and of each element the chunk and the stored impact, `(n,)`."""

    passages: int
    chunk_ids: Ints
    impacts: Ints


def score_words(
    engine: sa.Engine, texts: Sequence[str], audience_ids: Sequence[int] | None, n: int = WORDS_SCORED
) -> list[WordScores]:
    """For each question the `n` chunks that score best by their words, of those that these audiences may see.

    They are as in the statement that serves; `audience_ids` None sees everything. All are of one moment.
    """
    scored: list[WordScores] = []
    with raw_connection(engine) as raw:
        raw.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        languages = _languages(raw)
        visible, dead = _count(raw, audience_ids)
        alive = _alive(raw, audience_ids) if dead else None
        for start in range(0, len(texts), BLOCK):
            asked = texts[start : start + BLOCK]
            lexemes = {lexeme for text in asked for forms in lexemes_to_count(text, languages) for lexeme in forms}
            listed = dict(_read(raw, sorted(lexemes), audience_ids))
            scored += [score_text(text, languages, listed, visible, alive, n, dead) for text in asked]
    return scored


def score_text(
    text: str,
    languages: tuple[str, ...],
    listed: Mapping[str, Listed],
    visible: int,
    alive: Ints | None,
    n: int,
    dead: int = 0,
) -> WordScores:
    """The scores of one question, and what its words tell, from the lists of all lexemes that passages have."""
    has = [[listed[lexeme] for lexeme in forms if lexeme in listed] for forms in words_of(text, languages)]
    scores = score_listed([each for each in has if each], visible, alive, n, dead)
    tells = weigh_words(text, languages, visible, lambda lexeme: listed[lexeme].passages if lexeme in listed else 0)
    return replace(scores, tells=tells)


def score_listed(
    words: Sequence[Sequence[Listed]], visible: int, alive: Ints | None, n: int, dead: int = 0
) -> WordScores:
    """The scores of one question, as the statement works them out.

    Args:
        words: of each of its words that any passage has, the lists of its forms.
        visible: how many chunks may be seen.
        alive: `(m,)` those that still stand, ascending; None: all that are listed.
        n: how many chunks are scored, the best.
        dead: how many that stand no more may be listed.
    """
    holding = np.array([sum(form.passages for form in forms) for forms in words], dtype=np.float64)
    known = np.flatnonzero(holding > 0)
    idf = np.log((visible + 1) / (np.minimum(holding[known], visible) + 0.5))
    rarest = np.argsort(-idf, kind="stable")[:MOST_WORDS]
    shares = np.rint(SHARE * idf[rarest] / idf[rarest].sum()).astype(np.int64)
    of_words = [(share, form) for row, share in zip(known[rarest], shares, strict=True) for form in words[row]]
    if not of_words:
        return WordScores(np.empty(0, np.int64), np.empty(0), np.empty(0))
    elements = np.concatenate([form.chunk_ids for _, form in of_words])
    share_of = np.concatenate([np.full(len(form.chunk_ids), share) for share, form in of_words])
    impacts = np.concatenate([form.impacts for _, form in of_words])
    chunk_ids, place = _number(elements)
    scores = np.bincount(place, weights=share_of * impacts)  # whole numbers: exact
    coverage = np.bincount(place, weights=share_of)
    among = np.flatnonzero(np.bincount(place))
    if len(among) > n + dead:
        among = among[scores[among] >= np.partition(scores[among], -n - dead)[-n - dead]]
    best = among[np.lexsort((chunk_ids[among], -scores[among]))[: n + dead]]
    standing = best if alive is None else best[np.isin(chunk_ids[best], alive, assume_unique=True)]
    best = np.sort(standing)
    return WordScores(chunk_ids[best], scores[best] / (SHARE * SCALE), np.minimum(coverage[best] / SHARE, 1))


def _number(ids: Ints) -> tuple[Ints, Ints]:
    """Ids in ascending order, these and perhaps others between them, and of each of these its place there."""
    first, last = int(ids.min()), int(ids.max())
    if last - first < _NEAR * len(ids):  # by far faster than sorting
        return np.arange(first, last + 1), ids - first
    return np.unique(ids, return_inverse=True)


def _languages(raw: RawConnection) -> tuple[str, ...]:
    row = raw.execute("SELECT languages FROM words").fetchone()
    return tuple(row[0]) if row else DEFAULT_LANGUAGES


def _count(raw: RawConnection, audience_ids: Sequence[int] | None) -> tuple[int, int]:
    """How many chunks may be seen, and how many dead ones may stand in front of them."""
    query = (
        "SELECT coalesce(sum(chunks), 0)::bigint, coalesce(sum(dead), 0)::bigint FROM words_of_audience"
        " WHERE %(audiences)s::bigint[] IS NULL OR audience_id = ANY(%(audiences)s)"
    )
    row = raw.execute(query, {"audiences": _listed_ids(audience_ids)}).fetchone()
    assert row is not None  # noqa: S101 - sums always are a row
    return row[0], row[1]


def _alive(raw: RawConnection, audience_ids: Sequence[int] | None) -> Ints:
    query = (
        "SELECT c.id FROM chunk c JOIN document d ON d.id = c.document_id"
        " WHERE %(audiences)s::bigint[] IS NULL OR d.audience_id = ANY(%(audiences)s) ORDER BY c.id"
    )
    with raw.cursor(binary=True) as cursor:
        rows = cursor.execute(query, {"audiences": _listed_ids(audience_ids)})
        return np.array([row[0] for row in rows], dtype=np.int64)


def _read(
    raw: RawConnection, lexemes: Sequence[str], audience_ids: Sequence[int] | None
) -> Iterator[tuple[str, Listed]]:
    query = (
        "SELECT lexeme, base, n, packed FROM posting WHERE lexeme = ANY(%(lexemes)s)"
        " AND (%(audiences)s::bigint[] IS NULL OR audience_id = ANY(%(audiences)s))"
    )
    passages: dict[str, int] = defaultdict(int)
    parts: dict[str, list[tuple[Ints, Ints]]] = defaultdict(list)
    with packed_cursor(raw) as cursor:
        for lexeme, base, n, packed in cursor.execute(
            query, {"lexemes": list(lexemes), "audiences": _listed_ids(audience_ids)}
        ):
            passages[lexeme] += n
            parts[lexeme].append((base + (packed >> 15).astype(np.int64), (packed & 32767).astype(np.int64)))
    for lexeme, count in passages.items():
        ids, impacts = zip(*parts.pop(lexeme), strict=True)
        yield lexeme, Listed(count, np.concatenate(ids), np.concatenate(impacts))


def _listed_ids(audience_ids: Sequence[int] | None) -> list[int] | None:
    return None if audience_ids is None else list(audience_ids)
