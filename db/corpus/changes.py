"""Writing documents: the SQL of one transaction, which the caller opened and locked."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Container, Sequence

from psycopg.types.json import Jsonb

from db.corpus.chunk_changes import (
    ChunkChange,
    Vectors,
    delete_chunks,
    insert_chunks,
    lock_chunks,
    move_chunks,
    new_ids,
    read_passages_to_delete,
)
from db.corpus.document import DocumentDraft, KnownDocument, Written
from db.corpus.handing_on import hand_on, take_back, welcome_back
from db.corpus.withheld import NOWHERE, keep_replaced
from db.generations import Generation
from db.schema import PUBLIC_AUDIENCE_ID
from db.store import RawConnection
from db.words import Passage, write_words


class OutpacedError(Exception):
    """Between encoding and writing, another generation came into service or a document changed."""


def read_known(raw: RawConnection, uris: Sequence[str]) -> dict[str, KnownDocument]:
    """Those of these documents that are or were stored, by source uri."""
    rows = raw.execute(
        "SELECT id, content_hash, audience_id, deleted_at IS NOT NULL, source_uri, audience_from, source_id,"
        " audience_before"
        " FROM document WHERE source_uri = ANY(%s)",
        (list(uris),),
    )
    return {known.uri: known for known in (KnownDocument(*row) for row in rows)}


def read_origins(raw: RawConnection, drafts: Sequence[DocumentDraft]) -> dict[str, KnownDocument]:
    """What each draft's document is stored as, by the draft's uri; one that was moved, under its former uri."""
    known = read_known(raw, [uri for draft in drafts for uri in (draft.uri, draft.moved_from) if uri is not None])
    origins = {draft.uri: known[draft.uri] for draft in drafts if draft.uri in known}
    taken = {draft.uri for draft in drafts}
    for draft in drafts:
        before = None if draft.moved_from in taken else known.get(draft.moved_from or "")
        at_home = origins.get(draft.uri)
        if before is not None and (at_home is None or at_home.deleted):
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
    change, reworded = _compare(raw, pending, ids, known)
    for generation in generations:
        if any(draft.text_hash not in vectors[generation.artefact_id] for _, _, draft, _ in change.new):
            raise OutpacedError
    gone = read_passages_to_delete(raw, change.dead)  # with the titles that they had
    replaced = [known[draft.uri].id for draft in kept if known[draft.uri].is_replaced_by(draft)]
    keep_replaced(raw, replaced)
    _update_documents(raw, kept, known, reworded)
    move_chunks(raw, generations, change)
    new = insert_chunks(raw, generations, change, vectors)
    added_ids = [passage.chunk_id for passage in new]
    hand_on(raw, change.dead, added_ids)
    if change.dead:  # else nothing has gone on within a document
        take_back(raw, added_ids)
    delete_chunks(raw, generations, change.dead)
    welcome_back(raw, {passage.chunk_id: own[2].text for passage, own in zip(new, change.new, strict=True)})
    write_words(raw, new, gone)
    moved = sum(known[draft.uri].uri != draft.uri for draft in kept)
    revived = sum(known[draft.uri].deleted and known[draft.uri].uri == draft.uri for draft in kept)
    return Written(
        len(added) + revived, len(kept) - revived - moved, len(drafts) - len(pending), len(change.new), moved
    )


def _is_stored(draft: DocumentDraft, known: KnownDocument | None) -> bool:
    if known is None or known.uri != draft.uri:
        return False
    return known.is_as(draft.content_hash, draft.audience_id, is_unclear=draft.is_unclear)


def _audience(draft: DocumentDraft, known: dict[str, KnownDocument]) -> int:
    stored = known.get(draft.uri)
    if stored is not None:
        return stored.audience_for(draft.audience_id)
    return PUBLIC_AUDIENCE_ID if draft.audience_id is None else draft.audience_id


def _audience_before(draft: DocumentDraft, stored: KnownDocument | None) -> int | None:
    if not draft.is_unclear:
        return None
    if stored is not None:
        return stored.before(draft.otherwise_id)
    return PUBLIC_AUDIENCE_ID if draft.otherwise_id is None else draft.otherwise_id


def _insert_documents(raw: RawConnection, drafts: Sequence[DocumentDraft]) -> dict[str, int]:
    ids = dict(zip((draft.uri for draft in drafts), new_ids(raw, "document", len(drafts)), strict=True))
    if drafts:
        statement = (
            "COPY document (id, source_uri, title, content_hash, audience_id, audience_from, audience_before, owner,"
            " front_matter, source_id, signature) FROM STDIN (FORMAT binary)"
        )
        with raw.cursor().copy(statement) as copy:
            copy.set_types(["int8", "text", "text", "bytea", "int8", "text", "int8", "text", "jsonb", "int8", "bytea"])
            for draft in drafts:
                copy.write_row(
                    (
                        ids[draft.uri],
                        draft.uri,
                        draft.title,
                        draft.content_hash,
                        _audience(draft, {}),
                        draft.audience_from,
                        _audience_before(draft, None),
                        draft.owner,
                        Jsonb(draft.front_matter),
                        draft.source_id,
                        draft.signature,
                    )
                )
    return ids


def _update_documents(
    raw: RawConnection, drafts: Sequence[DocumentDraft], known: dict[str, KnownDocument], reworded: Container[str]
) -> None:
    """Brings rows to what the drafts say; one that says what it said isn't noted as changed."""
    moved = [draft.uri for draft in drafts if known[draft.uri].uri != draft.uri]
    # what was removed from where another document is now; what wasn't for all is known again if it comes back
    raw.execute(
        "DELETE FROM document WHERE source_uri = ANY(%s) AND deleted_at IS NOT NULL AND audience_id = %s",
        (moved, PUBLIC_AUDIENCE_ID),
    )
    raw.execute(
        "UPDATE document SET source_uri = %s || id WHERE source_uri = ANY(%s) AND deleted_at IS NOT NULL",
        (NOWHERE, moved),
    )
    with raw.cursor() as cursor:
        cursor.executemany(
            "UPDATE document SET source_uri = %s, title = %s, content_hash = %s, audience_id = %s,"
            " audience_from = CASE audience_from WHEN 'person' THEN audience_from ELSE %s END, audience_before = %s,"
            " owner = CASE WHEN owner_is_set THEN owner ELSE %s END,"
            " front_matter = %s, source_id = coalesce(%s, source_id),"
            " changed_at = CASE WHEN %s OR deleted_at IS NOT NULL THEN now() ELSE changed_at END, deleted_at = NULL,"
            " sketch = NULL, signature = %s WHERE id = %s",
            [
                (
                    draft.uri,
                    draft.title,
                    draft.content_hash,
                    _audience(draft, known),
                    draft.audience_from,
                    _audience_before(draft, known[draft.uri]),
                    draft.owner,
                    Jsonb(draft.front_matter),
                    draft.source_id,
                    draft.uri in reworded,
                    draft.signature,
                    known[draft.uri].id,
                )
                for draft in drafts
            ],
        )


def _compare(
    raw: RawConnection, drafts: Sequence[DocumentDraft], ids: dict[str, int], known: dict[str, KnownDocument]
) -> tuple[ChunkChange, set[str]]:
    """What changes of chunks, and which documents have other words than they had, by uri."""
    stored = lock_chunks(raw, [ids[draft.uri] for draft in drafts if draft.uri in known])
    change, reworded = ChunkChange(), set[str]()
    for draft in drafts:
        document_id, audience_id = ids[draft.uri], _audience(draft, known)
        rows = stored.get(document_id, [])
        rows_of: dict[bytes, deque[tuple[int, int, str, str]]] = defaultdict(deque)
        for chunk_id, ordinal, section, place, text_hash in rows:
            rows_of[text_hash].append((chunk_id, ordinal, section, place))
        for ordinal, chunk in enumerate(draft.chunks):
            if not rows_of[chunk.text_hash]:
                change.new.append((document_id, ordinal, chunk, audience_id))
                reworded.add(draft.uri)
                continue
            chunk_id, *stands = rows_of[chunk.text_hash].popleft()
            if stands != [ordinal, chunk.section, chunk.place]:
                change.moved.append((chunk_id, ordinal, chunk.section, chunk.place))
            before = known[draft.uri].audience_id
            if before != audience_id:
                change.seen_by[audience_id].append(Passage(chunk_id, before, chunk.encoded, chunk.counted))
        dead = [row[0] for left in rows_of.values() for row in left]
        if dead:
            reworded.add(draft.uri)
        change.dead += dead
    return change, reworded
