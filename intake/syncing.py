"""A sync: the pass over a source that is stored, from where the last one ended, by one process at a time.

Killed anywhere, the next sync goes on: what was written is told by its hash or version, and the cursor is noted with
each batch, once all before it is stored. What a complete listing doesn't tell any more is removed, unless that is more
than a person is likely to have meant (`Gone.is_large`); then somebody is asked, and the clock asks nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from db.corpus import list_documents_under
from db.errors import NightshiftError, SourceBusyError, UnknownIdError
from db.sources import (
    StoredSource,
    begin_removal,
    delete_source,
    find_source,
    hold_source,
    note_cursor,
    note_outcome,
    postpone,
)
from intake.audience_ids import AudienceIds
from intake.drafting import hash_content
from intake.indexing import index_after_load
from intake.ingest import ingest_source
from intake.opening import forget_fetched, open_source
from intake.pruning import MayRemove, remove_all
from intake.sources import Gone
from intake.tally import IngestReport, Progress

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.generations import Encoders
    from db.settings import Settings

_log = logging.getLogger(__name__)

_MOST_TOLD = 100
"""Failures that are kept with a sync's outcome; of the others there is the number."""

_BUSY_WAIT_S = 60.0
_NO_ID = 0


def is_small(gone: Gone) -> bool:
    """What may be removed without a question."""
    return not gone.is_large


def sync_source(
    engine: sa.Engine,
    settings: Settings,
    encoders: Encoders,
    stored: StoredSource,
    *,
    may_remove: MayRemove = is_small,
    dry_run: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> IngestReport:
    """Brings the store level with a source, and notes how that ended; indexes follow where anything changed.

    Args:
        engine: the store.
        settings: how documents are split, and the base model that the first documents are encoded with.
        encoders: gives each generation its encoder.
        stored: the source.
        may_remove: whether what is gone may be removed, asked place by place.
        dry_run: change nothing, and report what would change.
        progress: called as documents and chunks are done.

    Raises:
        SourceBusyError: another process is syncing it.
        BadInputError: its settings can't be used.
        SourceError: it can't be reached; nothing was changed.
        UnknownIdError: it was removed meanwhile; or its removal had begun, and is done now.
    """
    with hold_source(engine, stored.id):
        if (now := find_source(engine, stored.name)).id != stored.id:
            raise UnknownIdError(f"The source {stored.name} was removed meanwhile.")
        if dry_run and now.is_going:
            raise UnknownIdError(f"The source {stored.name} is being removed.")
        if now.is_going:
            removed = _remove(engine, settings, now)
            raise UnknownIdError(
                f"The source {stored.name} was being removed, which is done now, with {removed} more documents."
            )
        if dry_run:
            return _pass_over(engine, settings, encoders, now, may_remove, progress, dry_run=True)
        try:
            report = _pass_over(engine, settings, encoders, now, may_remove, progress)
        except Exception as error:  # whatever it is, the clock must not try again at once
            told = str(error) if isinstance(error, NightshiftError) else type(error).__name__
            note_outcome(engine, stored.id, {"error": told}, wait_s=getattr(error, "wait_s", 0.0))
            raise
        note_cursor(engine, stored.id, None if report.cursor is None else _marked(settings, report.cursor))
        note_outcome(engine, stored.id, _outcome(report), wait_s=report.wait_s)
    if report.changes:
        index_after_load(engine, settings, encoders)
    return report


def preview_source(
    engine: sa.Engine,
    settings: Settings,
    encoders: Encoders,
    kind: str,
    values: Mapping[str, Any],
    progress: Callable[[Progress], None] | None = None,
) -> IngestReport:
    """What the first sync of a source would do that isn't stored; changes nothing, and raises as `sync_source`."""
    stored = StoredSource(_NO_ID, "", kind, values, None, None, None, None, None)
    return _pass_over(engine, settings, encoders, stored, is_small, progress, dry_run=True)


def _pass_over(
    engine: sa.Engine,
    settings: Settings,
    encoders: Encoders,
    stored: StoredSource,
    may_remove: MayRemove,
    progress: Callable[[Progress], None] | None,
    *,
    dry_run: bool = False,
) -> IngestReport:
    with open_source(engine, settings, stored, AudienceIds(engine, dry_run=dry_run), dry_run=dry_run) as source:
        return ingest_source(
            engine,
            settings,
            encoders,
            source,
            cursor=_own_cursor(settings, stored.cursor),
            prune=True,
            may_remove=may_remove,
            dry_run=dry_run,
            progress=progress,
            source_id=stored.id,
            on_settled=lambda cursor: note_cursor(engine, stored.id, _marked(settings, cursor)),
        )


def sync_due(
    engine: sa.Engine,
    settings: Settings,
    encoders: Encoders,
    stored: StoredSource,
    progress: Callable[[Progress], None] | None = None,
) -> None:
    """Syncs a source that is due, which asks nobody; whatever comes of it is logged, and noted with the source."""
    try:
        report = sync_source(engine, settings, encoders, stored, progress=progress)
    except SourceBusyError:
        postpone(engine, stored.id, _BUSY_WAIT_S)
    except NightshiftError as error:
        _log.warning("source %s couldn't be synced: %s", stored.name, error)
    except Exception as error:  # noted already, and the other sources are to go on; what it says may hold texts
        _log.error("source %s couldn't be synced: %s", stored.name, type(error).__name__)
    else:
        say = _log.info if report.is_whole else _log.warning
        say("source %s: %s", stored.name, in_words(report))


def remove_source(
    engine: sa.Engine,
    settings: Settings,
    stored: StoredSource,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Removes a source, and its documents from search; returns how many there were. Their votes wait for the same text.

    Killed anywhere, the next sync, by hand or by the clock, ends it: nothing of the source is read in any more.

    Raises:
        SourceBusyError: another process is syncing it.
    """
    with hold_source(engine, stored.id):
        return _remove(engine, settings, stored, progress)


def _remove(
    engine: sa.Engine,
    settings: Settings,
    stored: StoredSource,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    removed = 0
    begin_removal(engine, stored.id)
    for uris in list_documents_under(engine, "", source_id=stored.id):
        removed += remove_all(engine, uris)
        if progress is not None:
            progress(removed, max(stored.documents, removed))
    forget_fetched(settings, stored)
    delete_source(engine, stored.id)
    return removed


def in_words(report: IngestReport) -> str:
    """What a sync did, in a sentence without names."""
    told = (
        f"added {report.added}, changed {report.changed}, moved {report.moved}, removed {report.removed}, "
        f"unchanged {report.unchanged}, failed {len(report.failed)}"
    )
    kept = sum(len(gone.uris) for gone in report.not_removed)
    n = len(report.overlooked)
    told += f"; {n} say nearly the same as documents that are hidden: `nightshift doctor` names them" if n else ""
    told += f"; {kept} that are gone stay until somebody says that it is meant" if kept else ""
    return told + (f"; the listing broke off: {report.broken_off}" if report.broken_off else "")


def _outcome(report: IngestReport) -> dict[str, Any]:
    told = report.as_json()
    failed = told["failed"]
    return told | {"failed": failed[:_MOST_TOLD], "failures": len(failed), "seconds": round(report.seconds, 1)}


def _marked(settings: Settings, cursor: str) -> str:
    """A cursor and how documents were split up to it: split otherwise, all are listed again."""
    return f"{_mark(settings)} {cursor}"


def _own_cursor(settings: Settings, marked: str | None) -> str | None:
    mark, _, cursor = (marked or "").partition(" ")
    return cursor if mark == _mark(settings) else None


def _mark(settings: Settings) -> str:
    return hash_content(settings, b"").hex()[:16]
