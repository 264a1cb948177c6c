"""The pass over a source: what is new or changed is fetched, drafted, encoded and stored, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.corpus import (
    DocumentDraft,
    KnownDocument,
    Written,
    known_documents,
    require_audience,
    write_documents,
)
from db.errors import BadInputError, NoTextError
from db.generations import ensure_base_generation
from db.words import ensure_words, merge_words, set_languages
from intake.drafting import draft_document, hash_content
from intake.extract import PageReader
from intake.moves import Moves
from intake.pruning import MayRemove, prune_source, remove_all
from intake.sources import Failure, Files, Listed, Page, Source
from intake.tally import IngestReport, Progress, Tally

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from db.generations import Encoders, Generation
    from db.settings import Settings
    from intake.extract import ReadPage

BATCH_CHARS = 400_000
"""Characters encoded and written at once: bounds memory, and what a crash can cost."""


def ingest_paths(
    engine: sa.Engine,
    settings: Settings,
    encoders: Encoders,
    paths: Sequence[Path],
    *,
    audience_id: int | None = None,
    prune: bool = False,
    may_remove: MayRemove = attrgetter("is_there"),
    dry_run: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> IngestReport:
    """Brings the store level with the files under `paths`, as `ingest_source` does.

    Args:
        engine: the store.
        settings: how documents are split, and the base model that the first documents are encoded with.
        encoders: gives each generation its encoder.
        paths: files and folders.
        audience_id: who may see the documents; None: new ones are public, known ones keep their audience.
        prune: also remove documents under the folders among `paths` whose files are gone.
        may_remove: whether what is gone of a folder may be removed, asked of each, in a dry run too. By default it may
            wherever the folder itself is there.
        dry_run: change nothing, and report what would change.
        progress: called as files and chunks are done.

    Raises:
        UnknownIdError: there is no such audience.
    """
    if audience_id is not None:
        require_audience(engine, audience_id)
    source = Files(paths, audience_id)
    return ingest_source(
        engine, settings, encoders, source, prune=prune, may_remove=may_remove, dry_run=dry_run, progress=progress
    )


def ingest_source(
    engine: sa.Engine,
    settings: Settings,
    encoders: Encoders,
    source: Source,
    *,
    cursor: str | None = None,
    prune: bool = False,
    may_remove: MayRemove = attrgetter("is_there"),
    dry_run: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> IngestReport:
    """Brings the store level with a source since a cursor; a document that can't be read is reported, others go in.

    Unchanged documents are told by their hash, without loading an encoder. Killed anywhere, the next pass goes on; two
    passes at once do the same as one. Memory is bounded by two batches and one document. What is new and has the bytes,
    or most of the words, of a document that is gone from its place is that document, moved. What holds no text any more
    is removed when all the rest is in, and with `prune` what is gone; then words are indexed anew where that is needed,
    as in other languages than they were. The other arguments are those of `ingest_paths`.
    """
    tally = Tally(progress)
    emptied: list[str] = []
    moves = Moves(engine, source.is_gone)
    with PageReader() as read_page:
        read = partial(_read_if_changed, source, settings, read_page, moves)
        changed = _read_changed(engine, source.changes(cursor), read, tally, emptied)
        if dry_run:
            for one in changed:
                tally.write(one.would_be_written(), one.name)
        else:
            for batch in _batches(changed):
                _write(engine, settings, encoders, batch, tally)
    tally.left_out = dict(sorted(source.left_out().items(), key=lambda kind: (-kind[1], kind[0])))
    tally.remove(len(emptied) if dry_run else remove_all(engine, emptied))
    if prune:
        prune_source(engine, source, tally, may_remove, moved=moves.origins, dry_run=dry_run)
    if not dry_run:
        tally.words_anew = ensure_words(engine, settings.language_names, tally.indexing)
        merge_words(engine, after_load=True)
    return tally.report()


@dataclass(frozen=True, slots=True)
class _Changed:
    """A document that isn't stored as it is now."""

    name: str
    draft: DocumentDraft
    is_new: bool

    def would_be_written(self) -> Written:
        is_moved = self.draft.moved_from is not None
        is_changed = not self.is_new
        return Written(int(self.is_new and not is_moved), int(is_changed), 0, len(self.draft.chunks), int(is_moved))


def _read_changed(
    engine: sa.Engine,
    pages: Iterable[Page],
    read: Callable[[Listed, KnownDocument | None], _Changed | None],
    tally: Tally,
    emptied: list[str],
) -> Iterator[_Changed]:
    """Reads what is listed and isn't stored as it is; the rest is tallied. What has no text any more is `emptied`."""
    for page in pages:
        tally.turn_to(page)
        known = known_documents(engine, [change.uri for change in page.changes if isinstance(change, Listed)])
        for change in page.changes:
            if isinstance(change, Failure):
                tally.fail(change)
                continue
            try:
                changed = read(change, known.get(change.uri))
            except BadInputError as error:
                is_emptied = isinstance(error, NoTextError) and change.uri in known and not known[change.uri].deleted
                if is_emptied:
                    emptied.append(change.uri)
                tally.fail(Failure(change.name, f"{error}; it was removed" if is_emptied else str(error)))
                continue
            if changed is None:
                tally.write(Written(0, 0, 1, 0), change.name)
            else:
                yield changed


def _read_if_changed(
    source: Source, settings: Settings, read_page: ReadPage, moves: Moves, listed: Listed, known: KnownDocument | None
) -> _Changed | None:
    told = source.fetch(listed.uri) if listed.version is None else listed.version.encode()
    content_hash = hash_content(settings, told)
    if known is not None and known.is_as(content_hash, listed.audience_id):
        return None
    data = told if listed.version is None else source.fetch(listed.uri)
    draft = draft_document(settings, listed, data, content_hash, read_page)
    is_new = known is None or known.deleted
    return _Changed(listed.name, moves.tell(draft) if is_new else draft, is_new)


def _batches(changed: Iterable[_Changed]) -> Iterator[list[_Changed]]:
    batch: list[_Changed] = []
    chars = 0
    for one in changed:
        batch.append(one)
        chars += sum(len(chunk.encoded) for chunk in one.draft.chunks)
        if chars >= BATCH_CHARS:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


def _write(engine: sa.Engine, settings: Settings, encoders: Encoders, batch: Sequence[_Changed], tally: Tally) -> None:
    """Encodes and stores a batch; progress tells how far the serving generation's vectors are."""
    serving = ensure_base_generation(engine, settings)
    set_languages(engine, settings.language_names)
    name = batch[-1].name

    def encode(generation: Generation, texts: Sequence[str]) -> NDArray[np.float32]:
        on_batch = tally.encoding(len(batch), len(texts), name) if generation.id == serving.id else None
        return encoders.get(generation).encode_passages(texts, on_batch)

    tally.write(write_documents(engine, [one.draft for one in batch], encode), name)
    merge_words(engine)
