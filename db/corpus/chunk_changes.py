"""Writing the chunks of documents: their rows, with the vectors and words that go, come or move with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from psycopg import sql

from db.corpus.document import ChunkDraft
from db.generations import Generation, delete_vectors, write_vectors
from db.models import passage_text
from db.store import RawConnection
from db.words import Passage, move_words

Vectors = Mapping[int, Mapping[bytes, NDArray[np.float32]]]
"""By artefact id and hash of the encoded text: (dimension,) float32."""


@dataclass(slots=True)
class ChunkChange:
    """What one transaction does to chunks."""

    new: list[tuple[int, int, ChunkDraft, int]] = field(default_factory=list)  # document, ordinal, draft, audience
    moved: list[tuple[int, int, str, str]] = field(default_factory=list)  # chunk, ordinal, section, place
    dead: list[int] = field(default_factory=list)
    seen_by: dict[int, list[Passage]] = field(default_factory=lambda: defaultdict(list))  # new audience: as they were


def lock_chunks(raw: RawConnection, document_ids: Sequence[int]) -> dict[int, list[tuple[int, int, str, str, bytes]]]:
    """Each document's chunks in their order; locked by id, so that two who lock some can't block each other."""
    if not document_ids:
        return {}
    columns = "document_id, id, ordinal, section, place, text_hash"
    query = f"SELECT {columns} FROM chunk WHERE document_id = ANY(%s) ORDER BY id FOR UPDATE"  # noqa: S608
    stored = defaultdict(list)
    for document_id, *row in raw.execute(query, (list(document_ids),)):
        stored[document_id].append(tuple(row))
    return {document_id: sorted(rows, key=lambda row: row[1]) for document_id, rows in stored.items()}


def read_passages_to_delete(raw: RawConnection, chunk_ids: Sequence[int]) -> list[Passage]:
    """What chunks are whose words are to go with them."""
    if not chunk_ids:
        return []
    query = (
        "SELECT c.id, d.audience_id, d.title, c.section, c.text FROM chunk c JOIN document d ON d.id = c.document_id"
        " WHERE c.id = ANY(%s) ORDER BY c.id"
    )
    rows = raw.execute(query, (list(chunk_ids),)).fetchall()
    return [Passage(chunk_id, audience_id, passage_text(*parts)) for chunk_id, audience_id, *parts in rows]


def delete_chunks(raw: RawConnection, generations: Sequence[Generation], chunk_ids: Sequence[int]) -> None:
    """Deletes chunks and their vectors in these generations."""
    if not chunk_ids:
        return
    for generation in generations:
        delete_vectors(raw, generation, chunk_ids)
    raw.execute("DELETE FROM chunk WHERE id = ANY(%s)", (list(chunk_ids),))


def move_chunks(raw: RawConnection, generations: Sequence[Generation], change: ChunkChange) -> None:
    """Moves those that stay to where they are now, and to whom they are seen by."""
    if change.moved:
        raw.execute(
            "UPDATE chunk SET ordinal = new.ordinal, section = new.section, place = new.place"
            " FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::text[]) AS new (id, ordinal, section, place)"
            " WHERE chunk.id = new.id",
            tuple(list(column) for column in zip(*change.moved, strict=True)),
        )
    for audience_id, passages in change.seen_by.items():
        chunk_ids = [passage.chunk_id for passage in passages]
        for generation in generations:
            statement = sql.SQL("UPDATE {} SET audience_id = %s WHERE chunk_id = ANY(%s)")
            raw.execute(statement.format(sql.Identifier(generation.table)), (audience_id, chunk_ids))
        move_words(raw, passages, audience_id)


def insert_chunks(
    raw: RawConnection,
    generations: Sequence[Generation],
    change: ChunkChange,
    vectors: Vectors,
) -> list[Passage]:
    """Adds the new ones, with their vectors in these generations; as what their words are to be of."""
    if not change.new:
        return []
    ids = new_ids(raw, "chunk", len(change.new))
    statement = "COPY chunk (id, document_id, ordinal, section, text, text_hash, place) FROM STDIN (FORMAT binary)"
    with raw.cursor().copy(statement) as copy:
        copy.set_types(["int8", "int8", "int4", "text", "text", "bytea", "text"])
        for chunk_id, (document_id, ordinal, draft, _) in zip(ids, change.new, strict=True):
            row = (chunk_id, document_id, ordinal, draft.section, draft.text, draft.text_hash, draft.place)
            copy.write_row(row)
    rows = [(chunk_id, new[3]) for chunk_id, new in zip(ids, change.new, strict=True)]
    for generation in generations:
        vector_of = vectors[generation.artefact_id]
        write_vectors(raw, generation, rows, np.stack([vector_of[draft.text_hash] for _, _, draft, _ in change.new]))
    return [
        Passage(chunk_id, new[3], new[2].encoded, new[2].counted) for chunk_id, new in zip(ids, change.new, strict=True)
    ]


def new_ids(raw: RawConnection, table: str, n: int) -> list[int]:
    """So many ids of rows to come."""
    query = "SELECT nextval((SELECT pg_get_serial_sequence(%s, 'id'))::regclass) FROM generate_series(1, %s)"
    return [row[0] for row in raw.execute(query, (table, n))] if n else []
