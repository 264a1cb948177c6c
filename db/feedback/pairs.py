"""Curated pairs: questions in people's words, each with the passages that hold its answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from typing import BinaryIO

import sqlalchemy as sa

from db.errors import BadInputError
from db.feedback.completions import CompletionFinder, Passage
from db.store import RawConnection, clean_text, raw_connection

MAX_LINE_BYTES = 1_000_000

PAIRS_LOCK = 0x6E69_0007
"""Advisory lock: one transaction at a time adds pairs, or it would not see those that another is adding."""
_BATCH_PAIRS = 2_000
_MAX_CHUNKS_OF_FEW_WORDS = 5
_NO_MEANING = "its completion has too few words to tell which of many passages it is; make it longer"


@dataclass(slots=True)
class PairsReport:
    """What became of a file's lines, which are counted from 1: `not_found` is (line, prompt), `malformed` (line, why).

    `existing` were there already. Lines that are not found or malformed are not stored.
    """

    added: int = 0
    existing: int = 0
    not_found: list[tuple[int, str]] = field(default_factory=list)
    malformed: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    prompt: str
    completion: str


def import_pairs(engine: sa.Engine, path: Path, added_by: str) -> PairsReport:
    """Takes in a file of {"prompt", "completion"} lines, each with the chunks that hold its completion.

    Bad lines are reported and the others go in; importing a file again adds nothing. Memory doesn't grow with the file.

    Raises:
        BadInputError: the file can't be read.
    """
    report = PairsReport()
    try:
        with path.open("rb") as stream:
            lines = _read_lines(stream, report)
            while batch := list(islice(lines, _BATCH_PAIRS)):
                _import_batch(engine, batch, added_by, report)
    except OSError as error:
        raise BadInputError(f"{path} can't be read: {error.strerror or type(error).__name__}.") from None
    return report


def export_pairs(engine: sa.Engine) -> Iterator[dict[str, str]]:
    """All pairs, oldest first, as lines that `import_pairs` takes; none of a question that was asked in private."""
    for batch in _stored_pairs(engine, private=False):
        for _, prompt, completion in batch:
            yield {"prompt": prompt, "completion": completion}


def relink_pairs(engine: sa.Engine) -> int:
    """Looks for every completion again, since documents may have changed; returns how many pairs have no chunk now.

    One whose words are nowhere any more stays with the passages that took the place of those that had them.
    """
    lost = 0
    for batch in _stored_pairs(engine):
        found, vague = find_completions(engine, {pair_id: completion for pair_id, _, completion in batch})
        with raw_connection(engine) as raw:
            _write_links(raw, {**found, **dict.fromkeys(vague, ())})
            query = "SELECT DISTINCT pair_id FROM curated_pair_chunk WHERE pair_id = ANY(%s)"
            lost += len(batch) - len(raw.execute(query, ([pair_id for pair_id, _, _ in batch],)).fetchall())
    return lost


def find_completions(engine: sa.Engine, completions: Mapping[int, str]) -> tuple[dict[int, list[int]], set[int]]:
    """The chunks that hold each completion, by its key; and the keys of those too short to be told from others."""
    finder = CompletionFinder(completions)
    query = (
        "SELECT c.document_id, c.id, d.title, c.section, c.text FROM chunk c JOIN document d ON d.id = c.document_id"
        " ORDER BY c.document_id, c.ordinal"
    )
    with raw_connection(engine) as raw, raw.cursor("chunks", withhold=False) as cursor:
        cursor.itersize = 1000
        for _, rows in groupby(cursor.execute(query), key=lambda row: row[0]):
            finder.look_in(
                Passage(chunk_id, section.rsplit(" > ", 1)[-1] or title, text)
                for _, chunk_id, title, section, text in rows
            )
    found = {key: chunk_ids for key in completions if (chunk_ids := finder.found(key))}
    vague = {key for key in found if finder.has_few_words(key) and len(found[key]) > _MAX_CHUNKS_OF_FEW_WORDS}
    return {key: chunk_ids for key, chunk_ids in found.items() if key not in vague}, vague


def _read_lines(stream: BinaryIO, report: PairsReport) -> Iterator[_Line]:
    number = 0
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(raw) > MAX_LINE_BYTES:
            while raw and not raw.endswith(b"\n"):
                raw = stream.readline(MAX_LINE_BYTES)
            report.malformed.append((number, f"it is longer than {MAX_LINE_BYTES:,} bytes"))
        elif raw.strip(b"\xef\xbb\xbf \t\r\n"):
            try:
                yield _Line(number, *_parse_line(raw))
            except ValueError as error:
                report.malformed.append((number, str(error)))


def _parse_line(raw: bytes) -> tuple[str, str]:
    try:
        value = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not isinstance(value, dict):
        raise ValueError('it is not an object like {"prompt": "…", "completion": "…"}')
    texts = []
    for name in ("prompt", "completion"):
        text = value.get(name)
        if not isinstance(text, str):
            raise ValueError(f'its "{name}" is missing or is not a text')
        text = clean_text(text).strip()
        if not any(char.isalnum() for char in text):
            raise ValueError(f'its "{name}" has no words')
        texts.append(text)
    return texts[0], texts[1]


def _import_batch(engine: sa.Engine, lines: Sequence[_Line], added_by: str, report: PairsReport) -> None:
    found, vague = find_completions(engine, dict(enumerate(line.completion for line in lines)))
    report.malformed += [(line.number, _NO_MEANING) for index, line in enumerate(lines) if index in vague]
    report.not_found += [
        (line.number, line.prompt) for index, line in enumerate(lines) if index not in found and index not in vague
    ]
    usable = [(line, found[index]) for index, line in enumerate(lines) if index in found]
    with raw_connection(engine) as raw:
        raw.execute("SELECT pg_advisory_xact_lock(%s)", (PAIRS_LOCK,))
        ids = _known_pairs(raw, [line for line, _ in usable])
        links = {}
        for line, chunk_ids in usable:
            pair = (line.prompt, line.completion)
            report.existing += pair in ids
            if pair not in ids:
                row = raw.execute(
                    "INSERT INTO curated_pair (prompt, completion, added_by) VALUES (%s, %s, %s) RETURNING id",
                    (*pair, added_by),
                ).fetchone()
                assert row is not None  # noqa: S101 - INSERT returns its row
                ids[pair] = row[0]
                report.added += 1
            links[ids[pair]] = chunk_ids
        _write_links(raw, links)


def _known_pairs(raw: RawConnection, lines: Sequence[_Line]) -> dict[tuple[str, str], int]:
    query = (
        "SELECT DISTINCT prompt, completion, id FROM curated_pair"
        " JOIN unnest(%s::text[], %s::text[]) AS line (prompt, completion) USING (prompt, completion)"
    )
    rows = raw.execute(query, ([line.prompt for line in lines], [line.completion for line in lines]))
    return {(prompt, completion): pair_id for prompt, completion, pair_id in rows}


def _stored_pairs(engine: sa.Engine, *, private: bool = True) -> Iterator[list[tuple[int, str, str]]]:
    query = (
        "SELECT p.id, p.prompt, p.completion FROM curated_pair p LEFT JOIN question q ON q.id = p.question_id"
        " WHERE p.id > %s AND (%s OR q.id IS NULL OR (q.channel_kind = 'public' AND q.thread_ts IS NOT NULL))"
        " ORDER BY p.id LIMIT %s"
    )
    last = -1
    while True:
        with raw_connection(engine) as raw:
            rows: list[tuple[int, str, str]] = raw.execute(query, (last, private, _BATCH_PAIRS)).fetchall()
        if not rows:
            return
        last = rows[-1][0]
        yield rows


def _write_links(raw: RawConnection, links: Mapping[int, Sequence[int]]) -> None:
    """Makes these the pairs' only links; chunks that went meanwhile are left out."""
    pairs = [(pair_id, chunk_id) for pair_id, chunk_ids in links.items() for chunk_id in dict.fromkeys(chunk_ids)]
    columns = [pair_id for pair_id, _ in pairs], [chunk_id for _, chunk_id in pairs]
    raw.execute(
        "DELETE FROM curated_pair_chunk old WHERE pair_id = ANY(%s) AND NOT EXISTS"
        " (SELECT FROM unnest(%s::bigint[], %s::bigint[]) AS new (pair_id, chunk_id)"
        " WHERE new.pair_id = old.pair_id AND new.chunk_id = old.chunk_id)",
        (list(links), *columns),
    )
    raw.execute(
        "INSERT INTO curated_pair_chunk (pair_id, chunk_id) SELECT new.pair_id, chunk.id"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS new (pair_id, chunk_id)"
        " JOIN curated_pair ON curated_pair.id = new.pair_id JOIN chunk ON chunk.id = new.chunk_id"
        " ORDER BY chunk.id FOR KEY SHARE OF chunk ON CONFLICT DO NOTHING",
        columns,
    )
