"""A sync by hand: its progress is shown, and where much would be removed it asks."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from nightshift.cli.reading_in import may_lose
from nightshift.cli.workplace import err

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.settings import Settings
    from db.sources import StoredSource
    from intake import Gone, IngestReport


def sync_by_hand(settings: Settings, engine: sa.Engine, one: StoredSource, *, yes: bool, dry_run: bool) -> IngestReport:
    """Syncs it now; `yes` is a person's word that what is gone may go, however much it is.

    Raises:
        NightshiftError: what `sync_source` does.
    """
    from db.generations import Encoders
    from intake import sync_source
    from nightshift.terminal.progress import ingest_progress

    with ExitStack() as bars:
        progress = bars.enter_context(ingest_progress(err))

        def may_remove(gone: Gone) -> bool:
            bars.close()
            return yes or may_lose(gone, dry_run=dry_run)

        return sync_source(
            engine, settings, Encoders(settings, engine), one, may_remove=may_remove, dry_run=dry_run, progress=progress
        )
