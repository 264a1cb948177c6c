"""Documents whose files are gone are removed, place by place, where that may be."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial

import sqlalchemy as sa

from db.corpus import list_documents_under, remove_documents
from intake.sources import Gone, Source
from intake.tally import Tally
from intake.withdrawing import Withdrawals

MayRemove = Callable[[Gone], bool]

_REMOVED_AT_ONCE = 1000


def prune_source(
    engine: sa.Engine,
    source: Source,
    tally: Tally,
    withdrawals: Withdrawals,
    may_remove: MayRemove | None,
    *,
    moved: Collection[str],
    dry_run: bool,
    source_id: int | None = None,
) -> None:
    """Removes what is gone of each place if `may_remove` is there and says so; what `moved` from there isn't gone.

    What stays follows the source's word all the same, which a listing can't bring it any more: it is withdrawn from
    those whom it isn't for by now.

    With a `source_id` only what is that source's own.
    """
    for place in source.gone(partial(list_documents_under, engine, source_id=source_id)):
        left = place.without(moved)
        if may_remove is None or not prune_place(engine, left, tally, may_remove, dry_run=dry_run):
            withdrawals.leave(left)


def prune_place(engine: sa.Engine, gone: Gone, tally: Tally, may_remove: MayRemove, *, dry_run: bool) -> bool:
    """Removes what is gone of one place if `may_remove` says so; whether nothing of it stays."""
    if not gone.uris:
        return True
    is_removed = may_remove(gone)
    if is_removed:
        tally.remove(len(gone.uris) if dry_run else remove_all(engine, gone.uris))
    else:
        tally.leave(gone)
    return is_removed


def remove_all(engine: sa.Engine, uris: Sequence[str]) -> int:
    """Removes any number of documents, a part at a time; returns how many there were."""
    starts = range(0, len(uris), _REMOVED_AT_ONCE)
    return sum(remove_documents(engine, uris[start : start + _REMOVED_AT_ONCE]) for start in starts)
