"""Writing documents: the SQL of one transaction, which the caller opened and locked."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from psycopg import sql
from psycopg.types.json import Jsonb

from db.corpus.document import ChunkDraft, DocumentDraft, KnownDocument, Written
from db.corpus.handing_on import hand_on, welcome_back
from db.generations import Generation, delete_vectors, write_vectors
from db.models import passage_text
from db.schema import PUBLIC_AUDIENCE_ID
from db.store import RawConnection
from db.words import Passage, move_words, write_words

Vectors = Mapping[int, Mapping[bytes, NDArray[np.float32]]]
"""By artefact id and hash of the encoded text: (dimension,) float32."""


class OutpacedError(Exception):
    """Between encoding and writing, another generation came into service or a document changed."""


@dataclass(slots=True)
class _Change:
    """What one transaction does to chunks."""

    new: list[tuple[int, int, ChunkDraft, int]] = field(default_factory=list)  # document, ordinal, draft, audience
    moved: list[tuple[int, int, str]] = field(default_factory=list)  # chunk, ordinal, section
    dead: list[int] = field(default_factory=list)
    seen_by: dict[int, list[Passage]] = field(default_factory=lambda: defaultdict(list))  # new audience: as they were


def read_known(raw: RawConnection, uris: Sequence[str]) -> dict[str, KnownDocument]:
    """Those of these documents that are or were stored, by source uri."""
    rows = raw.execute(
        "SELECT id, content_hash, audience_id, deleted_at IS NOT NULL, source_uri FROM document"
        " WHERE source_uri = ANY(%s)",
        (list(uris),),
    )
    return {row[-1]: KnownDocument(*row) for row in rows}


def read_origins(raw: RawConnection, drafts: Sequence[DocumentDraft]) -> dict[str, KnownDocument]:
    """What each draft's document is stored as, by the draft's uri; one that was moved, under its former uri."""
    known = read_known(raw, [uri for draft in drafts for uri in (draft.uri, draft.moved_from) if uri is not None])
    origins = {draft.uri: known[draft.uri] for draft in drafts if draft.uri in known}
    taken = {draft.uri for draft in drafts}
    for draft in drafts:
        before = None if draft.moved_from in taken else known.get(draft.moved_from or "")
        at_home = origins.get(draft.uri)
        if before is not None and not before.deleted and (at_home is None or at_home.deleted):
            origins[draft.uri] = before
            taken.add(before.uri)
    return origins


def write_drafts(
    raw: RawConnection,
    drafts: Sequence[DocumentDraft],
    generations: Sequence[Generation],
    vectors: Vectors,
) -> Written:
    """Brings documents and the vectors of these generations, of one artefact each, to what the drafts say.

    Raises:
        OutpacedError: a chunk has to be added whose vector isn't there.
    """
    known = read_origins(raw, drafts)
    pending = [draft for draft in drafts if not _is_stored(draft, known.get(draft.uri))]
    added = [draft for draft in pending if draft.uri not in known]
    kept = [draft for draft in pending if draft.uri in known]
    ids = _insert_documents(raw, added) | {draft.uri: known[draft.uri].id for draft in kept}
    change = _compare(raw, pending, ids, known)
    for generation in generations:
        if any(draft.text_hash not in vectors[generation.artefact_id] for _, _, draft, _ in change.new):
            raise OutpacedError
    gone = read_passages_to_delete(raw, change.dead)  # with the titles that they had
    _update_documents(raw, kept, known)
    _move_chunks(raw, generations, change)
    new = _insert_chunks(raw, generations, change, vectors)
    hand_on(raw, change.dead, [passage.chunk_id for passage in new])
    delete_chunks(raw, generations, change.dead)
    welcome_back(raw, {passage.chunk_id: own[2].text for passage, own in zip(new, change.new, strict=True)})
    write_words(raw, new, gone)
    revived = sum(known[draft.uri].deleted for draft in kept)
    moved = sum(known[draft.uri].uri != draft.uri for draft in kept)
    return Written(
        len(added) + revived, len(kept) - revived - moved, len(drafts) - len(pending), len(change.new), moved
    )


def _is_stored(draft: DocumentDraft, known: KnownDocument | None) -> bool:
    return known is not None and known.uri == draft.uri and known.is_as(draft.content_hash, draft.audience_id)


def _audience(draft: DocumentDraft, known: dict[str, KnownDocument]) -> int:
    if draft.audience_id is not None:
        return draft.audience_id
    stored = known.get(draft.uri)
    return stored.audience_id if stored is not None else PUBLIC_AUDIENCE_ID


def _insert_documents(raw: RawConnection, drafts: Sequence[DocumentDraft]) -> dict[str, int]:
    ids = dict(zip((draft.uri for draft in drafts), _new_ids(raw, "document", len(drafts)), strict=True))
    if drafts:
        statement = (
            "COPY document (id, source_uri, title, content_hash, audience_id, owner, front_matter)"
            " FROM STDIN (FORMAT binary)"
        )
        with raw.cursor().copy(statement) as copy:
            copy.set_types(["int8", "text", "text", "bytea", "int8", "text", "jsonb"])
            for draft in drafts:
                copy.write_row(
                    (
                        ids[draft.uri],
                        draft.uri,
                        draft.title,
                        draft.content_hash,
                        _audience(draft, {}),
                        draft.owner,
                        Jsonb(draft.front_matter),
                    )
                )
    return ids


def _update_documents(raw: RawConnection, drafts: Sequence[DocumentDraft], known: dict[str, KnownDocument]) -> None:
    moved = [draft.uri for draft in drafts if known[draft.uri].uri != draft.uri]
    # what was removed from where another document is now
    raw.execute("DELETE FROM document WHERE source_uri = ANY(%s) AND deleted_at IS NOT NULL", (moved,))
    with raw.cursor() as cursor:
        cursor.executemany(
            "UPDATE document SET source_uri = %s, title = %s, content_hash = %s, audience_id = %s, owner = %s,"
            " front_matter = %s, changed_at = now(), deleted_at = NULL WHERE id = %s",
            [
                (
                    draft.uri,
                    draft.title,
                    draft.content_hash,
                    _audience(draft, known),
                    draft.owner,
                    Jsonb(draft.front_matter),
                    known[draft.uri].id,
                )
                for draft in drafts
            ],
        )


def _compare(
    raw: RawConnection, drafts: Sequence[DocumentDraft], ids: dict[str, int], known: dict[str, KnownDocument]
) -> _Change:
    stored = lock_chunks(raw, [ids[draft.uri] for draft in drafts if draft.uri in known])
    change = _Change()
    for draft in drafts:
        document_id, audience_id = ids[draft.uri], _audience(draft, known)
        rows = stored.get(document_id, [])
        rows_of: dict[bytes, deque[tuple[int, int, str]]] = defaultdict(deque)
        for chunk_id, ordinal, section, text_hash in rows:
            rows_of[text_hash].append((chunk_id, ordinal, section))
        for ordinal, chunk in enumerate(draft.chunks):
            if not rows_of[chunk.text_hash]:
                change.new.append((document_id, ordinal, chunk, audience_id))
                continue
            chunk_id, *place = rows_of[chunk.text_hash].popleft()
            if place != [ordinal, chunk.section]:
                change.moved.append((chunk_id, ordinal, chunk.section))
            before = known[draft.uri].audience_id
            if before != audience_id:
                change.seen_by[audience_id].append(Passage(chunk_id, before, chunk.encoded, chunk.counted))
        change.dead += [row[0] for left in rows_of.values() for row in left]
    return change


def lock_chunks(raw: RawConnection, document_ids: Sequence[int]) -> dict[int, list[tuple[int, int, str, bytes]]]:
    """Each document's chunks in their order; locked by id, so that two who lock some can't block each other."""
    if not document_ids:
        return {}
    columns = "document_id, id, ordinal, section, text_hash"
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


def _move_chunks(raw: RawConnection, generations: Sequence[Generation], change: _Change) -> None:
    if change.moved:
        raw.execute(
            "UPDATE chunk SET ordinal = new.ordinal, section = new.section"
            " FROM unnest(%s::bigint[], %s::int[], %s::text[]) AS new (id, ordinal, section) WHERE chunk.id = new.id",
            tuple(list(column) for column in zip(*change.moved, strict=True)),
        )
    for audience_id, passages in change.seen_by.items():
        chunk_ids = [passage.chunk_id for passage in passages]
        for generation in generations:
            statement = sql.SQL("UPDATE {} SET audience_id = %s WHERE chunk_id = ANY(%s)")
            raw.execute(statement.format(sql.Identifier(generation.table)), (audience_id, chunk_ids))
        move_words(raw, passages, audience_id)


def _insert_chunks(
    raw: RawConnection,
    generations: Sequence[Generation],
    change: _Change,
    vectors: Vectors,
) -> list[Passage]:
    if not change.new:
        return []
    ids = _new_ids(raw, "chunk", len(change.new))
    statement = "COPY chunk (id, document_id, ordinal, section, text, text_hash) FROM STDIN (FORMAT binary)"
    with raw.cursor().copy(statement) as copy:
        copy.set_types(["int8", "int8", "int4", "text", "text", "bytea"])
        for chunk_id, (document_id, ordinal, draft, _) in zip(ids, change.new, strict=True):
            copy.write_row((chunk_id, document_id, ordinal, draft.section, draft.text, draft.text_hash))
    rows = [(chunk_id, new[3]) for chunk_id, new in zip(ids, change.new, strict=True)]
    for generation in generations:
        vector_of = vectors[generation.artefact_id]
        write_vectors(raw, generation, rows, np.stack([vector_of[draft.text_hash] for _, _, draft, _ in change.new]))
    return [
        Passage(chunk_id, new[3], new[2].encoded, new[2].counted) for chunk_id, new in zip(ids, change.new, strict=True)
    ]


def _new_ids(raw: RawConnection, table: str, n: int) -> list[int]:
    query = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
    return [row[0] for row in raw.execute(query, (table, n))] if n else []
