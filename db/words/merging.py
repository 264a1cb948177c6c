"""Merging segments: many small ones slow questions down, and removed passages' elements are in their way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import LiteralString, NamedTuple

import sqlalchemy as sa

from db.store import RawConnection, raw_connection
from db.words.postings import SPAN, hold_words, new_segment

MANY = 100
"""Segments beside the largest of their span that may stand unmerged."""

GROWN = 0.25
"""What is beside a span's largest segment, as a share of it, from which on all of the span is merged."""

DEAD = 0.02
MIN_DEAD = 200
"""Share, and number, of removed chunks whose elements stand, from which on everything is merged: a question has to look
past all of them."""


class Segment(NamedTuple):
    """What was written at once, or merged since: its chunks are of the span of ids that begins at `base`."""

    id: int
    base: int
    chunks: int


def merge_words(engine: sa.Engine, *, after_load: bool = False) -> int:
    """Merges what is worth it, a span at a time, and returns how many segments became fewer; mostly there is nothing.

    Who changes documents meanwhile waits for one span at the most; questions wait for nothing. `after_load` also
    merges a few large segments, as a load leaves them.
    """
    fewer = 0
    with raw_connection(engine) as raw:
        groups = _choose(raw, after_load=after_load)
    for group in groups:
        with raw_connection(engine) as raw:
            hold_words(raw)
            fewer += _merge(raw, group)
    return fewer


def choose_groups(
    segments: Sequence[Segment], chunks: int, dead: int, *, after_load: bool = False
) -> list[list[Segment]]:
    """The segments to merge with one another, each group of one span: so that a chunk is rewritten a few times in all.

    Where many are small, those beside the largest of their span become one, until they are worth merging with it.
    """
    spans: dict[int, list[Segment]] = defaultdict(list)
    for segment in sorted(segments, key=lambda segment: -segment.chunks):
        spans[segment.base].append(segment)
    if dead >= max(MIN_DEAD, DEAD * chunks):
        return list(spans.values())
    many = len(segments) - len(spans) > MANY
    groups = []
    for largest, *others in spans.values():
        if others and (many or after_load):
            grown = sum(other.chunks for other in others) >= GROWN * largest.chunks
            groups += [[largest, *others]] if grown else [others] if many and len(others) > 1 else []
    return groups


def _choose(raw: RawConnection, *, after_load: bool) -> list[list[Segment]]:
    segments = [Segment(*row) for row in raw.execute("SELECT id, base, chunks FROM words_segment")]
    counts = raw.execute("SELECT coalesce(sum(chunks), 0), coalesce(sum(dead), 0) FROM words_of_audience").fetchone()
    return choose_groups(segments, *counts, after_load=after_load) if counts else []


def _merge(raw: RawConnection, group: Sequence[Segment]) -> int:
    """Makes one segment of a group, unless somebody else did meanwhile; drops elements of chunks that are gone.

    A lexeme's counts are added up, whatever is dropped: where a chunk was removed stands in the counts already.
    """
    ids = [segment.id for segment in group]
    if len(raw.execute("SELECT FROM words_segment WHERE id = ANY(%s)", (ids,)).fetchall()) < len(ids):
        return 0
    raw.execute("DELETE FROM words_segment WHERE id = ANY(%s)", (ids,))
    base = group[0].base
    merge: LiteralString = """
        WITH gone AS (
            DELETE FROM posting WHERE segment = ANY(%(ids)s) RETURNING lexeme, audience_id, n, packed
        ), standing AS (
            SELECT (id - %(base)s::bigint)::int AS place FROM chunk
            WHERE id >= %(base)s::bigint AND id < %(base)s::bigint + %(span)s
        ), element AS MATERIALIZED (
            SELECT lexeme, audience_id, element, place IS NOT NULL AS stands
            FROM gone, unnest(packed) element LEFT JOIN standing ON place = element >> 15
        ), merged AS (
            INSERT INTO posting (lexeme, audience_id, segment, base, n, packed)
            SELECT lexeme, audience_id, %(segment)s, %(base)s, n, coalesce(packed, '{}')
            FROM (SELECT lexeme, audience_id, sum(n) AS n FROM gone GROUP BY 1, 2) counted
            LEFT JOIN (
                SELECT lexeme, audience_id, array_agg(element) AS packed FROM element WHERE stands GROUP BY 1, 2
            ) kept USING (lexeme, audience_id)
            WHERE n <> 0 OR packed IS NOT NULL
        ), dropped AS (
            SELECT audience_id, count(DISTINCT element >> 15) AS chunks FROM element WHERE NOT stands GROUP BY 1
        ), buried AS (
            UPDATE words_of_audience SET dead = dead - dropped.chunks FROM dropped
            WHERE words_of_audience.audience_id = dropped.audience_id RETURNING dropped.chunks
        )
        SELECT coalesce(sum(chunks), 0) FROM buried
    """
    segment = new_segment(raw, base, sum(segment.chunks for segment in group))
    buried = raw.execute(merge, {"ids": ids, "base": base, "span": SPAN, "segment": segment}).fetchone()
    if buried and buried[0]:
        raw.execute("UPDATE words_segment SET chunks = greatest(chunks - %s, 0) WHERE id = %s", (buried[0], segment))
    return len(group) - 1
