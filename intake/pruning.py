"""Documents whose files are gone are removed, place by place, where that may be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial

import sqlalchemy as sa

from db.corpus import list_documents_under, remove_documents
from intake.sources import Gone, Source
from intake.tally import Tally

MayRemove = Callable[[Gone], bool]

_REMOVED_AT_ONCE = 1000


def prune_source(
    engine: sa.Engine,
    source: Source,
    tally: Tally,
    may_remove: MayRemove,
    *,
    moved: Collection[str],
    dry_run: bool,
) -> None:
    """Removes what is gone of each place if `may_remove` says so; what `moved` from there isn't gone."""
    for place in source.gone(partial(list_documents_under, engine)):
        gone = place.without(moved)
        if gone.uris and may_remove(gone):
            tally.remove(len(gone.uris) if dry_run else remove_all(engine, gone.uris))
        elif gone.uris:
            tally.leave(gone)


def remove_all(engine: sa.Engine, uris: Sequence[str]) -> int:
    """Removes any number of documents, a part at a time; returns how many there were."""
    starts = range(0, len(uris), _REMOVED_AT_ONCE)
    return sum(remove_documents(engine, uris[start : start + _REMOVED_AT_ONCE]) for start in starts)
