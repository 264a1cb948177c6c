"""Writing the words of passages: the SQL of the transaction that changes the passages, which the caller opened.

A row of `posting` says for a lexeme which passages of an audience have it, and how much it counts in each. What one
transaction adds is a segment, so that nothing that stands has to be rewritten. A removed passage leaves its elements,
which mean nothing without it, until they are merged; but its lexemes' counts fall at once.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import NamedTuple

import numpy as np

from db.store import RawConnection
from db.words import copying
from db.words.bm25 import stored_impact
from db.words.tokens import VERSION, Counted, tokenizer_of

SPAN = 1 << 16
"""Chunk ids that the elements of a segment can tell from its base on; a base is a multiple of it."""

DEFAULT_LANGUAGES = ("english",)

_WORDS_LOCK = 0x6E69_0009
"""Advisory lock of whoever writes words: taken after those of documents and passages, so nobody waits in a circle."""


class Passage(NamedTuple):
    """A passage by what it is encoded from, `db.models.passage_text`; `audience_id` is its document's."""

    chunk_id: int
    audience_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Indexed:
    """How the stored words were made: in which languages, by which version, with which average length of passages."""

    languages: tuple[str, ...]
    version: int
    average_length: float | None


def hold_words(raw: RawConnection) -> None:
    """Until the transaction ends, nobody else writes words; what others wrote is seen by the next statement."""
    raw.execute("SELECT pg_advisory_xact_lock(%s)", (_WORDS_LOCK,))


def read_indexed(raw: RawConnection) -> Indexed | None:
    """How the words were made; None where there never were any."""
    row = raw.execute("SELECT languages, version, average_length FROM words").fetchone()
    return Indexed(tuple(row[0]), row[1], row[2]) if row else None


def write_indexed(raw: RawConnection, indexed: Indexed) -> None:
    """Says how the words are made from now on."""
    raw.execute(
        "INSERT INTO words (languages, version, average_length) VALUES (%s, %s, %s) ON CONFLICT (singleton) DO UPDATE"
        " SET languages = excluded.languages, version = excluded.version, average_length = excluded.average_length",
        (list(indexed.languages), indexed.version, indexed.average_length),
    )


def write_words(raw: RawConnection, added: Sequence[Passage], removed: Sequence[Passage] = ()) -> None:
    """Adds the words of new passages, and takes those of others out, each with the text that it was added with."""
    if not (added or removed):
        return
    hold_words(raw)
    indexed = read_indexed(raw) or Indexed(DEFAULT_LANGUAGES, VERSION, None)
    tokenizer = tokenizer_of(indexed.languages)
    new = [(passage, tokenizer.count(passage.text)) for passage in added]
    gone = [(passage, tokenizer.count(passage.text)) for passage in removed]
    average = indexed.average_length
    if average is None and any(counted.length for _, counted in new):
        average = sum(counted.length for _, counted in new) / len(new)
        write_indexed(raw, Indexed(indexed.languages, indexed.version, average))
    segments = Segments(average or 1.0)
    for passage, counted in new:
        segments.add(passage, counted)
    for passage, counted in gone:
        segments.remove(passage, counted)
    segments.write(raw)


def move_words(raw: RawConnection, passages: Sequence[Passage], audience_id: int) -> None:
    """Moves the words of passages, each with the audience that it had, to another one's.

    Their elements are taken out where they stand: a question that both audiences' readers see finds each once.
    """
    if not passages:
        return
    hold_words(raw)
    indexed = read_indexed(raw) or Indexed(DEFAULT_LANGUAGES, VERSION, None)
    tokenizer = tokenizer_of(indexed.languages)
    by_audience: dict[int, list[tuple[Passage, Counted]]] = defaultdict(list)
    for passage in passages:
        by_audience[passage.audience_id].append((passage, tokenizer.count(passage.text)))
    for before, moved in by_audience.items():
        _take_out(raw, before, moved)
    write_words(raw, [passage._replace(audience_id=audience_id) for passage in passages])


def _take_out(raw: RawConnection, audience_id: int, passages: Sequence[tuple[Passage, Counted]]) -> None:
    """Rewrites the rows of an audience that have elements of these passages."""
    lexemes = sorted(set(chain.from_iterable(counted.times for _, counted in passages)))
    ids = np.array([passage.chunk_id for passage, _ in passages], dtype=np.int64)
    bases = sorted({_base(passage) for passage, _ in passages})
    for (segment, base), (elements, removed) in copying.read_rows(raw, audience_id, lexemes, bases).items():
        kept = {}
        for lexeme, packed in elements.items():
            numbers = np.frombuffer(packed, dtype=np.int32)
            others = numbers[np.isin((numbers >> 15) + np.int64(base), ids, invert=True)]
            if len(others) < len(numbers):
                kept[lexeme] = array("i", others.tobytes())
        raw.execute(
            "DELETE FROM posting WHERE segment = %s AND audience_id = %s AND lexeme = ANY(%s)",
            (segment, audience_id, list(kept)),
        )
        standing = {lexeme: packed for lexeme, packed in kept.items() if packed or removed[lexeme]}
        copying.copy_rows(raw, segment, base, audience_id, standing, removed)
    length = sum(counted.length for _, counted in passages)
    _count(raw, [(audience_id, -len(passages), -length, 0)])


class Segments:
    """Gathers what is added and removed, and writes it as a segment for each span of chunk ids."""

    def __init__(self, average_length: float) -> None:
        self._average_length = average_length
        # by base and audience
        self._elements: dict[tuple[int, int], dict[str, array[int]]] = defaultdict(_new_rows)
        self._removed: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
        self._chunks: Counter[int] = Counter()  # by base
        self._of_audience: dict[int, tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))

    def add(self, passage: Passage, counted: Counted) -> None:
        """A new passage."""
        base = _base(passage)
        place = (passage.chunk_id - base) << 15
        element_of = {
            times: place | stored_impact(times, counted.length, self._average_length)
            for times in set(counted.times.values())
        }
        elements = self._elements[base, passage.audience_id]
        for lexeme, times in counted.times.items():
            elements[lexeme].append(element_of[times])
        self._chunks[base] += bool(counted.times)
        self._count(passage.audience_id, 1, counted.length, 0)

    def remove(self, passage: Passage, counted: Counted) -> None:
        """A passage that has its elements in another segment."""
        self._removed[_base(passage), passage.audience_id].update(counted.times.keys())
        self._count(passage.audience_id, -1, -counted.length, int(bool(counted.times)))

    def write(self, raw: RawConnection) -> None:
        """Writes it all; words must be held (`hold_words`)."""
        segment_of: dict[int, int] = {}
        for base, audience_id in sorted({*self._elements, *self._removed}):
            elements, removed = self._elements[base, audience_id], self._removed[base, audience_id]
            for lexeme in removed:
                elements[lexeme]  # noqa: B018 - makes a row without any
            if elements and base not in segment_of:
                segment_of[base] = new_segment(raw, base, self._chunks[base])
            if elements:
                copying.copy_rows(raw, segment_of[base], base, audience_id, elements, removed)
        _count(raw, [(audience_id, *counts) for audience_id, counts in sorted(self._of_audience.items())])

    def _count(self, audience_id: int, chunks: int, words: int, dead: int) -> None:
        before = self._of_audience[audience_id]
        self._of_audience[audience_id] = (before[0] + chunks, before[1] + words, before[2] + dead)


def _new_rows() -> dict[str, array[int]]:
    return defaultdict(partial(array, "i"))


def _base(passage: Passage) -> int:
    return passage.chunk_id // SPAN * SPAN


def new_segment(raw: RawConnection, base: int, chunks: int) -> int:
    """The number of a new segment, in which so many chunks will have elements."""
    insert = "INSERT INTO words_segment (base, chunks) VALUES (%s, %s) RETURNING id"
    row = raw.execute(insert, (base, chunks)).fetchone()
    assert row is not None  # noqa: S101 - what RETURNING is for
    return int(row[0])


def _count(raw: RawConnection, counts: Iterable[tuple[int, int, int, int]]) -> None:
    """Adds to each audience's numbers of chunks, words and dead chunks."""
    with raw.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO words_of_audience AS old (audience_id, chunks, words, dead) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (audience_id) DO UPDATE SET chunks = old.chunks + excluded.chunks,"
            " words = old.words + excluded.words, dead = old.dead + excluded.dead",
            list(counts),
        )
