"""The pass over a source: what is new or changed is fetched, drafted, encoded and stored, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.corpus import (
    DocumentDraft,
    KnownDocument,
    Written,
    adopt_document,
    known_documents,
    list_documents_under,
    require_audience,
    write_documents,
)
from db.errors import BadInputError, NoTextError, SourceError
from db.generations import ensure_base_generation
from db.words import ensure_words, merge_words, set_languages
from intake.audience_ids import AudienceIds
from intake.drafting import draft_document, hash_content
from intake.extract import FileReader, Limits
from intake.moves import Moves
from intake.overlooked import Overlooked
from intake.pruning import MayRemove, prune_place, prune_source, remove_all
from intake.sources import Failure, Files, Gone, Listed, Page, Source
from intake.tally import IngestReport, Progress, Tally
from intake.withdrawing import Withdrawals

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from db.corpus import NamedAudience
    from db.generations import Encoders, Generation
    from db.settings import Settings
    from intake.extract import ReadFile

_EMPTIED = "the source (to files without text)"

BATCH_CHARS = 400_000
"""Characters encoded and written at once: bounds memory, and what a crash can cost."""


def ingest_paths(
    engine: sa.Engine,
    settings: Settings,
    encoders: Encoders,
    paths: Sequence[Path],
    *,
    audience_id: int | None = None,
    audience: NamedAudience | None = None,
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
        audience_id: who may see the documents, where neither they nor their folders say so; None: new ones are public,
            known ones keep their audience.
        audience: the same, by name.
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
    audience_id_of = AudienceIds(engine, dry_run=dry_run)
    if audience is not None:
        audience_id = audience_id_of(audience)
    source = Files(paths, audience_id, audience_id_of)
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
    source_id: int | None = None,
    on_settled: Callable[[str], None] | None = None,
) -> IngestReport:
    """Brings the store level with a source since a cursor; a document that can't be read is reported, others go in.

    Where the listing breaks off (`SourceError`), what it told goes in, and nothing is pruned. The documents are noted
    as those of `source_id`, and one that another source has stays that one's; `may_remove` is then also asked of those
    that hold no text any more. `on_settled` is told each cursor from
    which a later pass may go on, once all before it is stored, and as long as nothing failed.

    Unchanged documents are told by their hash, without loading an encoder. Killed anywhere, the next pass goes on; two
    passes at once do the same as one. Memory is bounded by two batches and one document. What is new and has the bytes,
    or most of the words, of a document that is gone from its place is that document, moved. What holds no text any more
    is removed when all the rest is in, and with `prune` what is gone; then words are indexed anew where that is needed,
    as in other languages than they were. The other arguments are those of `ingest_paths`.
    """
    tally = Tally(progress)
    audience_id_of = AudienceIds(engine, dry_run=dry_run)
    emptied, blank = list[str](), list[str]()
    withdrawals = Withdrawals(engine)
    moves = Moves(engine, source.is_gone, source_id)
    with FileReader(_limits(settings), tell=tally.reading) as read_file:
        read = _Reader(
            engine, source, settings, read_file, moves, Overlooked(engine), audience_id_of, source_id, dry_run
        )
        pages = tally.until_it_breaks_off(source.changes(cursor))
        changed = _read_changed(
            engine, pages, read, tally, emptied, emptied if source_id is None else blank, withdrawals
        )
        if dry_run:
            for one in changed:
                tally.write(one.would_be_written(), one.name)
        else:
            for batch in _batches(changed):
                _write(engine, settings, encoders, batch, tally)
                if on_settled is not None and tally.settled_cursor is not None:
                    on_settled(tally.settled_cursor)
    tally.left_out = dict(sorted(source.left_out().items(), key=lambda kind: (-kind[1], kind[0])))
    if not dry_run:
        withdrawals.carry_out()
    tally.remove(len(emptied) if dry_run else remove_all(engine, emptied))
    if blank:
        stored = sum(map(len, list_documents_under(engine, "", source_id=source_id)))
        prune_place(engine, Gone(_EMPTIED, stored, blank), tally, may_remove, dry_run=dry_run)
    if tally.broken_off is None:
        may = may_remove if prune else None
        prune_source(engine, source, tally, withdrawals, may, moved=moves.origins, dry_run=dry_run, source_id=source_id)
    if not dry_run:
        withdrawals.carry_out()
        tally.words_anew = ensure_words(engine, settings.language_names, tally.indexing)
        merge_words(engine, after_load=True)
    return tally.report()


def _limits(settings: Settings) -> Limits:
    seconds = settings.extract_timeout_s
    return Limits(cpu_s=seconds, wall_s=3.0 * seconds, memory_bytes=settings.extract_memory_mb * 1_000_000)


class _OfAnotherError(Exception):
    """A document is another source's."""


@dataclass(frozen=True, slots=True)
class _Changed:
    """A document that isn't stored as it is now."""

    name: str
    draft: DocumentDraft
    is_new: bool
    copy_of: str | None = None
    """The address of one that says nearly the same, and is kept from those whom this is for."""

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
    blank: list[str],
    withdrawals: Withdrawals,
) -> Iterator[_Changed]:
    """Reads what is listed and isn't stored as it is; the rest is tallied.

    What has no text any more is `blank`, and what can't be read while its source names another audience is `emptied`:
    what is stored of it is for people who may no longer see it.
    """
    for page in pages:
        tally.turn_to(page)
        known = known_documents(engine, [change.uri for change in page.changes if isinstance(change, Listed)])
        for change in page.changes:
            if isinstance(change, Failure):
                tally.fail(withdrawals.note(change))
                continue
            tally.open(change.name)
            try:
                changed = read(change, known.get(change.uri))
            except _OfAnotherError as error:
                tally.fail(Failure(change.name, str(error)))
                continue
            except SourceError as error:
                tally.break_off(error)
                return
            except BadInputError as error:
                stored = known.get(change.uri)
                is_withheld = stored is not None and not _is_for(stored, change)
                is_gone = is_withheld or isinstance(error, NoTextError)
                is_removed = stored is not None and not stored.deleted and is_gone
                if is_removed:
                    (emptied if is_withheld else blank).append(change.uri)
                tells = is_removed and (is_withheld or blank is emptied)
                tally.fail(Failure(change.name, f"{error}; it was removed" if tells else str(error)))
                continue
            if changed is None:
                tally.write(Written(0, 0, 1, 0), change.name)
                continue
            by_person = change.uri in known and known[change.uri].audience_from == "person"
            if changed.draft.audience_problem is not None and not by_person:
                tally.complain(Failure(change.name, changed.draft.audience_problem))
            tally.overlook(change.name, changed.copy_of)
            tally.clean(change.name, changed.draft.secrets_masked, changed.draft.data_left_out)
            yield changed


@dataclass(frozen=True, slots=True)
class _Reader:
    """Fetches and drafts what isn't stored as it is."""

    engine: sa.Engine
    source: Source
    settings: Settings
    read_file: ReadFile
    moves: Moves
    overlooked: Overlooked
    audience_id_of: AudienceIds
    source_id: int | None
    dry_run: bool

    def __call__(self, listed: Listed, known: KnownDocument | None) -> _Changed | None:
        if known is not None and known.is_of_another(self.source_id):
            raise _OfAnotherError("another source has it already; leave it out of one of them")
        told = self.source.fetch(listed.uri) if listed.version is None else listed.version.encode()
        content_hash = hash_content(self.settings, told)
        if known is not None and known.is_as_listed(content_hash, listed.audience_id, is_unclear=listed.is_unclear):
            if self.source_id is not None and known.source_id is None and not self.dry_run:
                adopt_document(self.engine, known.uri, self.source_id)
            return None
        data = told if listed.version is None else self.source.fetch(listed.uri)
        draft = draft_document(self.settings, listed, data, content_hash, self.read_file)
        draft = replace(draft.for_its_own(self.audience_id_of), source_id=self.source_id)
        is_new = known is None or known.deleted
        # a document of which a person spoke is the one that was removed from here, whatever else it is like
        may_be_moved = is_new and not (known is not None and known.audience_from == "person")
        draft = self.moves.tell(draft) if may_be_moved else draft
        return _Changed(listed.name, draft, is_new, self.overlooked.tell(draft, known))


def _is_for(stored: KnownDocument, listed: Listed) -> bool:
    return stored.is_for(listed.audience_id, is_unclear=listed.is_unclear)


def _batches(changed: Iterable[_Changed]) -> Iterator[list[_Changed]]:
    """Parts of what changed, each document once in one."""
    batch: list[_Changed] = []
    chars = 0
    for one in changed:
        if any(one.draft.uri == other.draft.uri for other in batch):
            yield batch
            batch, chars = [], 0
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
