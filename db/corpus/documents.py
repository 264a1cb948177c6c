"""Documents and their chunks: every change is one transaction, and reaches every generation that is kept up to date."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from db.corpus.audience_rows import ensure_audience
from db.corpus.changes import OutpacedError, read_known, read_origins, write_drafts
from db.corpus.chunk_changes import ChunkChange, delete_chunks, lock_chunks, move_chunks, read_passages_to_delete
from db.corpus.document import AudienceFrom, DocumentDraft, KnownDocument, Written
from db.corpus.handing_on import hand_on
from db.corpus.named_audience import NOBODY
from db.corpus.withheld import keep_sketches
from db.errors import DatabaseContendedError, NightshiftError, UnknownIdError
from db.generations import Generation, lock_for_change, maintained
from db.store import RawConnection, raw_connection
from db.words import write_words

_ATTEMPTS = 5

Encode = Callable[[Generation, Sequence[str]], NDArray[np.float32]]
"""Texts as they are encoded → (n, dimension) float32 unit rows, by that generation's encoder."""


def require_audience(engine: sa.Engine, audience_id: int) -> None:
    """Checks that there is such an audience.

    Raises:
        UnknownIdError: there is none.
    """
    with raw_connection(engine) as raw:
        if raw.execute("SELECT FROM audience WHERE id = %s", (audience_id,)).fetchone() is None:
            raise UnknownIdError(f"There is no audience {audience_id}.")


def known_documents(engine: sa.Engine, uris: Sequence[str]) -> dict[str, KnownDocument]:
    """Those of these documents that are or were stored, by source uri."""
    with raw_connection(engine) as raw:
        return read_known(raw, uris)


def count_documents(engine: sa.Engine, prefix: str = "") -> int:
    """How many there are that weren't removed, and whose source uri begins with `prefix`."""
    query = "SELECT count(*) FROM document WHERE deleted_at IS NULL AND starts_with(source_uri, %s)"
    with raw_connection(engine) as raw:
        found = raw.execute(query, (prefix,)).fetchone()
    return int(found[0]) if found else 0


def list_documents_under(
    engine: sa.Engine, prefix: str, batch: int = 1000, *, source_id: int | None = None
) -> Iterator[list[str]]:
    """The source uris that begin with `prefix`, in batches, of one source alone if it is named.

    Documents may be removed meanwhile.
    """
    for known in list_known_under(engine, prefix, batch, source_id=source_id):
        yield [own.uri for own in known]


def list_known_under(
    engine: sa.Engine, prefix: str, batch: int = 1000, *, source_id: int | None = None
) -> Iterator[list[KnownDocument]]:
    """The documents whose source uris begin with `prefix`, in batches, of one source alone if it is named.

    They may be removed meanwhile.
    """
    query = (
        "SELECT id, content_hash, audience_id, false, source_uri, audience_from, source_id, audience_before"
        " FROM document WHERE id > %s AND deleted_at IS NULL AND starts_with(source_uri, %s)"
        " AND (%s::bigint IS NULL OR source_id = %s) ORDER BY id LIMIT %s"
    )
    last = -1
    while True:
        with raw_connection(engine) as raw:
            rows = [KnownDocument(*row) for row in raw.execute(query, (last, prefix, source_id, source_id, batch))]
        if not rows:
            return
        last = rows[-1].id
        yield rows


def adopt_document(engine: sa.Engine, uri: str, source_id: int) -> None:
    """Notes that a stored document is a source's, unless it is another's."""
    adopt = "UPDATE document SET source_id = %s WHERE source_uri = %s AND source_id IS NULL AND deleted_at IS NULL"
    with raw_connection(engine) as raw:
        raw.execute(adopt, (source_id, uri))


def read_whole_texts(engine: sa.Engine, document_ids: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Each document's id and the text of all its passages, one after the other."""
    query = (
        "SELECT document_id, string_agg(text, E'\n' ORDER BY ordinal) FROM chunk"
        " WHERE document_id = ANY(%s) GROUP BY document_id ORDER BY document_id"
    )
    with raw_connection(engine) as raw, raw.cursor("texts", withhold=False) as cursor:
        cursor.itersize = 10
        yield from cursor.execute(query, (list(document_ids),))


def write_documents(engine: sa.Engine, drafts: Sequence[DocumentDraft], encode: Encode) -> Written:
    """Adds or changes these documents, each uri once, in one transaction.

    A chunk whose encoded text stays keeps its row, its votes and its vectors; only the others are encoded, before the
    transaction begins. What was said of one that goes is handed on, as `db.corpus.handing_on` says. Where nothing
    needs a vector, `encode` is not called.

    Raises:
        EmptyCorpusError: there is no generation yet.
    """
    vectors: dict[int, dict[bytes, NDArray[np.float32]]] = defaultdict(dict)
    for _ in range(_ATTEMPTS):
        generations = _one_an_artefact(maintained(engine))
        texts = _texts_to_encode(engine, drafts)
        for generation in generations:
            known = vectors[generation.artefact_id]
            lacking = {text_hash: text for text_hash, text in texts.items() if text_hash not in known}
            if lacking:
                known.update(zip(lacking, encode(generation, list(lacking.values())), strict=True))
        try:
            with raw_connection(engine) as raw:
                _lock(raw, generations)
                return write_drafts(raw, drafts, generations, vectors)
        except (OutpacedError, DatabaseContendedError):
            continue
    raise NightshiftError("These documents are being changed by someone else all the time; try again later.")


def remove_documents(engine: sa.Engine, uris: Sequence[str]) -> int:
    """Removes these documents, their chunks and their vectors, in one transaction; returns how many there were.

    A row remains that says when it was removed, and whose it was: if it wasn't for all, with a sketch of its words, by
    which it is known if it comes back elsewhere. Unknown uris are passed over.
    """

    def remove(raw: RawConnection, generations: Sequence[Generation]) -> int:
        ids = [known.id for known in read_known(raw, uris).values() if not known.deleted]
        dead = [row[0] for rows in lock_chunks(raw, ids).values() for row in rows]
        gone = read_passages_to_delete(raw, dead)
        keep_sketches(raw, ids)
        hand_on(raw, dead)
        delete_chunks(raw, generations, dead)
        write_words(raw, [], gone)
        raw.execute("UPDATE document SET deleted_at = now(), signature = NULL WHERE id = ANY(%s)", (ids,))
        return len(ids)

    return _in_one_change(engine, remove)


def set_audience(engine: sa.Engine, uris: Sequence[str], audience_id: int) -> int:
    """Makes these documents an audience's because a person says so, in one transaction; returns how many there were.

    No later pass overrules it. Text, words and vectors move at once: the next question finds them by it, or doesn't.
    """
    return _move_to(engine, uris, audience_id, said_by="person", is_unclear=False)


def withdraw_documents(engine: sa.Engine, uris: Sequence[str]) -> int:
    """Makes these documents nobody's until their source is read again; those stay as they are of which a person spoke.

    They are then for whom the source says, or else for whom they are now.
    """
    return _move_to(engine, uris, ensure_audience(engine, NOBODY), said_by="source", is_unclear=True)


def _move_to(
    engine: sa.Engine, uris: Sequence[str], audience_id: int, *, said_by: AudienceFrom, is_unclear: bool
) -> int:
    def move(raw: RawConnection, generations: Sequence[Generation]) -> int:
        stored = [known for known in read_known(raw, uris).values() if not known.deleted]
        ids = [known.id for known in stored if said_by == "person" or known.audience_from != "person"]
        chunk_ids = [row[0] for rows in lock_chunks(raw, ids).values() for row in rows]
        passages = [own for own in read_passages_to_delete(raw, chunk_ids) if own.audience_id != audience_id]
        if passages:
            move_chunks(raw, generations, ChunkChange(seen_by={audience_id: passages}))
        raw.execute(
            "UPDATE document SET audience_id = %s, audience_from = %s,"
            " audience_before = CASE WHEN %s THEN coalesce(audience_before, audience_id) END WHERE id = ANY(%s)",
            (audience_id, said_by, is_unclear, ids),
        )
        return len(ids)

    return _in_one_change(engine, move)


def _in_one_change(engine: sa.Engine, change: Callable[[RawConnection, Sequence[Generation]], int]) -> int:
    """Does something to stored documents, with the vectors of every generation that is kept up to date in hand."""
    for _ in range(_ATTEMPTS):
        generations = _one_an_artefact(maintained(engine))
        try:
            with raw_connection(engine) as raw:
                _lock(raw, generations)
                return change(raw, generations)
        except (OutpacedError, DatabaseContendedError):
            continue
    raise NightshiftError("These documents are being changed by someone else all the time; try again later.")


def _one_an_artefact(generations: Sequence[Generation]) -> list[Generation]:
    """The first of those that share their vectors, which are written once."""
    first: dict[int, Generation] = {}
    for generation in generations:
        first.setdefault(generation.artefact_id, generation)
    return list(first.values())


def _lock(raw: RawConnection, generations: Sequence[Generation]) -> None:
    lock_for_change(raw, *generations)
    in_service = raw.execute("SELECT DISTINCT artefact_id FROM in_service JOIN generation ON id = generation_id")
    if {row[0] for row in in_service} != {generation.artefact_id for generation in generations}:
        raise OutpacedError


def _texts_to_encode(engine: sa.Engine, drafts: Sequence[DocumentDraft]) -> dict[bytes, str]:
    """What of the drafts is in no row of the same document yet, by its hash."""
    query = "SELECT document_id, text_hash FROM chunk WHERE document_id = ANY(%s)"
    with raw_connection(engine) as raw:
        id_of = {uri: known.id for uri, known in read_origins(raw, drafts).items()}
        stored = Counter(raw.execute(query, (list(id_of.values()),)).fetchall())
    texts = {}
    for draft in drafts:
        for chunk in draft.chunks:
            stored[id_of.get(draft.uri), chunk.text_hash] -= 1
            if stored[id_of.get(draft.uri), chunk.text_hash] < 0:
                texts[chunk.text_hash] = chunk.encoded
    return texts
