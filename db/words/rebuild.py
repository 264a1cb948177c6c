"""The words of all passages made anew: for other languages, another version, lengths that moved, or where they lack."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import LiteralString

import sqlalchemy as sa

from db.models import passage_text
from db.store import RawConnection, raw_connection
from db.words.postings import (
    DEFAULT_LANGUAGES,
    SPAN,
    Indexed,
    Passage,
    Segments,
    hold_words,
    read_indexed,
    write_indexed,
)
from db.words.tokens import VERSION, tokenizer_of

MOVED = 0.15
"""How far the average length may move, as a share, before impacts are made anew: less does no harm to the ranking."""

_BATCH = 1000
_SAMPLE = 5000
"""Passages, the same each time, whose lengths stand for all."""

_PASSAGES: LiteralString = (
    "SELECT c.id, d.audience_id, d.title, c.section, c.text FROM chunk c JOIN document d ON d.id = c.document_id"
)

_SOME_RUN: LiteralString = (
    "WHERE c.id IN (WITH drawn AS (SELECT (random() * max(id))::bigint AS id FROM chunk), run AS ("
    "(SELECT id FROM chunk WHERE id >= (SELECT id FROM drawn) ORDER BY id LIMIT %(n)s) UNION ALL "
    "(SELECT id FROM chunk WHERE id < (SELECT id FROM drawn) ORDER BY id DESC LIMIT %(n)s) LIMIT %(n)s)"
    " SELECT id FROM run)"
)


def ensure_words(
    engine: sa.Engine, languages: Sequence[str], progress: Callable[[int, int], None] | None = None
) -> str | None:
    """Makes all words anew where that is needed, in one transaction; returns why it was, as half a sentence, or None.

    Questions go on finding by the words as they were; changes of documents wait. `progress` is called with how many
    passages are done of how many.
    """
    with raw_connection(engine) as raw:
        if _why_stale(raw, languages) is None:
            return None
        hold_words(raw)
        why = _why_stale(raw, languages)
        if why is not None:
            rebuild_words(raw, languages, progress)
        return why


def why_stale(engine: sa.Engine, languages: Sequence[str]) -> str | None:
    """Why all words have to be made anew, as half a sentence, or None; changes nothing."""
    with raw_connection(engine) as raw:
        return _why_stale(raw, languages)


def count_wordless(engine: sa.Engine, n: int = 50) -> tuple[int, int]:
    """Of up to `n` passages, others each time, how many aren't found by each of their words; and how many there were.

    What `why_stale` counts it takes from sums: these look at the words themselves.
    """
    with raw_connection(engine) as raw:
        indexed = read_indexed(raw)
        tokenizer = tokenizer_of(indexed.languages if indexed else DEFAULT_LANGUAGES)
        query: LiteralString = f"{_PASSAGES} {_SOME_RUN}"
        passages = [_passage(row) for row in raw.execute(query, {"n": n})]
        found = [_is_found(raw, passage, list(tokenizer.count(passage.text).times)) for passage in passages]
    return found.count(False), len(found)


def _is_found(raw: RawConnection, passage: Passage, lexemes: list[str]) -> bool:
    base = passage.chunk_id // SPAN * SPAN
    row = raw.execute(
        "SELECT count(DISTINCT lexeme) FROM posting WHERE lexeme = ANY(%s) AND audience_id = %s AND base = %s"
        " AND %s IN (SELECT element >> 15 FROM unnest(packed) AS element)",
        (lexemes, passage.audience_id, base, passage.chunk_id - base),
    ).fetchone()
    return row is not None and row[0] == len(lexemes)


def set_languages(engine: sa.Engine, languages: Sequence[str]) -> None:
    """Says which languages the first passages' words will be in; where there are words, nothing changes."""
    with raw_connection(engine) as raw:
        raw.execute(
            "INSERT INTO words (languages, version) VALUES (%s, %s) ON CONFLICT DO NOTHING", (list(languages), VERSION)
        )


def rebuild_words(
    raw: RawConnection, languages: Sequence[str], progress: Callable[[int, int], None] | None = None
) -> None:
    """Makes the words of all passages anew, in the caller's transaction; memory is bounded by a span of passages."""
    hold_words(raw)
    for table in "posting", "words_segment", "words_of_audience":
        raw.execute(f"DELETE FROM {table}")  # noqa: S608 # type: ignore[call-overload]
    tokenizer = tokenizer_of(tuple(languages))
    lengths = [tokenizer.count(passage.text).length for passage in _sample(raw)]
    average = sum(lengths) / len(lengths) if any(lengths) else None
    write_indexed(raw, Indexed(tuple(languages), VERSION, average))
    total = _count_chunks(raw)
    done = 0
    segments = Segments(average or 1.0)
    base = 0
    for batch in _batches(raw):
        for first, passages in groupby(batch, key=lambda passage: passage.chunk_id // SPAN * SPAN):
            if first > base:
                segments.write(raw)
                segments = Segments(average or 1.0)
                base = first
            of_base = list(passages)
            segments.add(of_base, [tokenizer.count(passage.text) for passage in of_base])
        done += len(batch)
        if progress is not None:
            progress(done, total)
    segments.write(raw)
    raw.execute("ANALYZE posting")


def _why_stale(raw: RawConnection, languages: Sequence[str]) -> str | None:
    indexed = read_indexed(raw)
    total = _count_chunks(raw)
    if indexed is None:
        return "they weren't yet" if total else None
    if indexed.languages != tuple(languages):
        return f"their languages were {', '.join(indexed.languages)} and are {', '.join(languages)}"
    if indexed.version != VERSION:
        return "this version of Nightshift reads words differently"
    row = raw.execute("SELECT coalesce(sum(chunks), 0), coalesce(sum(words), 0) FROM words_of_audience").fetchone()
    chunks, length = map(int, row or (0, 0))
    if chunks != total:
        return "those of some passages lacked"
    average = indexed.average_length or 0.0
    if chunks and abs(length / chunks - average) > MOVED * average:
        return "passages' average length moved"
    return None


def _count_chunks(raw: RawConnection) -> int:
    row = raw.execute("SELECT count(*) FROM chunk").fetchone()
    return int(row[0]) if row else 0


def _sample(raw: RawConnection) -> Iterator[Passage]:
    some = "WHERE c.id IN (SELECT id FROM chunk ORDER BY hashint8(id), id LIMIT %s)"
    query: LiteralString = f"{_PASSAGES} {some}"
    return map(_passage, raw.execute(query, (_SAMPLE,)))


def _batches(raw: RawConnection) -> Iterator[list[Passage]]:
    query: LiteralString = f"{_PASSAGES} WHERE c.id > %s ORDER BY c.id LIMIT %s"
    last = -1
    while batch := [_passage(row) for row in raw.execute(query, (last, _BATCH))]:
        yield batch
        last = batch[-1].chunk_id


def _passage(row: tuple[int, int, str, str, str]) -> Passage:
    chunk_id, audience_id, *parts = row
    return Passage(chunk_id, audience_id, passage_text(*parts))
