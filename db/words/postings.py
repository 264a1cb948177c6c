"""Writing the words of passages: the SQL of the transaction that changes the passages, which the caller opened.

A row of `posting` says for a lexeme which passages of an audience have it, and how much it counts in each. What one
transaction adds is a segment, so that nothing that stands has to be rewritten. A removed passage leaves its elements,
which mean nothing without it, until they are merged; but its lexemes' counts fall at once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
    """A passage by what it is encoded from, `db.models.passage_text`; `audience_id` is its document's.

    Where its words were counted before, they needn't be again while others wait for the lock.
    """

    chunk_id: int
    audience_id: int
    text: str
    counted: Counted | None = None


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
    new = [_counted(passage, indexed.languages) for passage in added]
    average = indexed.average_length
    if average is None and any(counted.length for counted in new):
        average = sum(counted.length for counted in new) / len(new)
        write_indexed(raw, Indexed(indexed.languages, indexed.version, average))
    segments = Segments(average or 1.0)
    segments.add(added, new)
    for passage in removed:
        segments.remove(passage, _counted(passage, indexed.languages))
    segments.write(raw)


def _counted(passage: Passage, languages: tuple[str, ...]) -> Counted:
    """Its words, in these languages."""
    if passage.counted is not None and passage.counted.languages == languages:
        return passage.counted
    return tokenizer_of(languages).count(passage.text)


def move_words(raw: RawConnection, passages: Sequence[Passage], audience_id: int) -> None:
    """Moves the words of passages, each with the audience that it had, to another one's.

    Their elements are taken out where they stand: a question that both audiences' readers see finds each once.
    """
    hold_words(raw)
    indexed = read_indexed(raw) or Indexed(DEFAULT_LANGUAGES, VERSION, None)
    by_audience: dict[int, list[tuple[Passage, Counted]]] = defaultdict(list)
    for passage in passages:
        by_audience[passage.audience_id].append((passage, _counted(passage, indexed.languages)))
    for before, moved in by_audience.items():
        _take_out(raw, before, moved)
    write_words(raw, [passage._replace(audience_id=audience_id) for passage in passages])


def _take_out(raw: RawConnection, audience_id: int, passages: Sequence[tuple[Passage, Counted]]) -> None:
    """Rewrites the rows of an audience that have elements of these passages."""
    lexemes = sorted(set(chain.from_iterable(counted.times for _, counted in passages)))
    ids = np.array([passage.chunk_id for passage, _ in passages], dtype=np.int64)
    bases = sorted({_base(passage) for passage, _ in passages})
    for (segment, base), rows in copying.read_rows(raw, audience_id, lexemes, bases).items():
        row_of = np.repeat(np.arange(len(rows.lexemes)), rows.sizes)
        others = np.isin((rows.elements >> 15) + np.int64(base), ids, invert=True)
        sizes = np.bincount(row_of[others], minlength=len(rows.lexemes))
        changed = sizes < rows.sizes
        raw.execute(
            "DELETE FROM posting WHERE segment = %s AND audience_id = %s AND lexeme = ANY(%s)",
            (segment, audience_id, list(compress(rows.lexemes, changed))),
        )
        stay = changed & ((sizes > 0) | (rows.removed != 0))
        left = copying.Rows(
            list(compress(rows.lexemes, stay)), sizes[stay], rows.elements[others & stay[row_of]], rows.removed[stay]
        )
        copying.copy_rows(raw, segment, base, audience_id, left)
    length = sum(counted.length for _, counted in passages)
    _count(raw, [(audience_id, -len(passages), -length, 0)])


class _Gathered:
    """What is added and removed of one audience, of one span of chunk ids: elements, each beside its lexeme."""

    def __init__(self) -> None:
        self._lexemes: list[str] = []
        self._elements: list[NDArray[np.int32]] = []
        self._removed: Counter[str] = Counter()

    def add(self, places: NDArray[np.int64], counted: Sequence[Counted], average_length: float) -> None:
        """New passages, by how far their ids are from the base."""
        had = np.array([len(own.times) for own in counted])
        lengths = np.repeat([own.length for own in counted], had)
        times = np.fromiter(chain.from_iterable(own.times.values() for own in counted), np.int64, len(lengths))
        elements = np.repeat(places, had) << 15 | stored_impact(times, lengths, average_length)
        self._elements.append(elements.astype(np.int32))
        self._lexemes += chain.from_iterable(own.times for own in counted)

    def remove(self, counted: Counted) -> None:
        """A passage that has its elements in another segment."""
        self._removed.update(counted.times.keys())

    def rows(self) -> copying.Rows:
        """The rows, by lexeme in the order of its bytes."""
        lexemes = sorted({*self._lexemes, *self._removed})
        place_of = {lexeme: place for place, lexeme in enumerate(lexemes)}
        places = np.fromiter(map(place_of.__getitem__, self._lexemes), np.int64, len(self._lexemes))
        elements = np.concatenate([np.empty(0, np.int32), *self._elements])
        in_order = np.argsort(places.astype(np.min_scalar_type(len(lexemes))), kind="stable")
        removed = np.zeros(len(lexemes), np.int64)
        for lexeme, times in self._removed.items():
            removed[place_of[lexeme]] = times
        return copying.Rows(lexemes, np.bincount(places, minlength=len(lexemes)), elements[in_order], removed)


class Segments:
    """Gathers what is added and removed, and writes it as a segment for each span of chunk ids."""

    def __init__(self, average_length: float) -> None:
        self._average_length = average_length
        self._gathered: dict[tuple[int, int], _Gathered] = defaultdict(_Gathered)  # by base and audience
        self._chunks: Counter[int] = Counter()  # by base
        self._of_audience: dict[int, tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))

    def add(self, passages: Sequence[Passage], counted: Sequence[Counted]) -> None:
        """New passages."""
        together: dict[tuple[int, int], list[tuple[int, Counted]]] = defaultdict(list)
        for passage, own in zip(passages, counted, strict=True):
            together[_base(passage), passage.audience_id].append((passage.chunk_id, own))
        for (base, audience_id), those in together.items():
            ids, words = zip(*those, strict=True)
            self._gathered[base, audience_id].add(np.array(ids) - base, words, self._average_length)
            self._chunks[base] += sum(bool(own.times) for own in words)
            self._count(audience_id, len(words), sum(own.length for own in words), 0)

    def remove(self, passage: Passage, counted: Counted) -> None:
        """A passage that has its elements in another segment."""
        self._gathered[_base(passage), passage.audience_id].remove(counted)
        self._count(passage.audience_id, -1, -counted.length, int(bool(counted.times)))

    def write(self, raw: RawConnection) -> None:
        """Writes it all; words must be held (`hold_words`)."""
        segment_of: dict[int, int] = {}
        for (base, audience_id), gathered in sorted(self._gathered.items(), key=lambda item: item[0]):
            rows = gathered.rows()
            if rows.lexemes and base not in segment_of:
                segment_of[base] = new_segment(raw, base, self._chunks[base])
            if rows.lexemes:
                copying.copy_rows(raw, segment_of[base], base, audience_id, rows)
        _count(raw, [(audience_id, *counts) for audience_id, counts in sorted(self._of_audience.items())])

    def _count(self, audience_id: int, chunks: int, words: int, dead: int) -> None:
        before = self._of_audience[audience_id]
        self._of_audience[audience_id] = (before[0] + chunks, before[1] + words, before[2] + dead)


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
