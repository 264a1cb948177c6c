"""What is read in and says nearly the same as a document that a person withheld from others: named, not hidden."""

from __future__ import annotations

import sqlalchemy as sa

from db.corpus import (
    NOBODY,
    PUBLIC_AUDIENCE_ID,
    CopyFinder,
    DocumentDraft,
    KnownDocument,
    find_audience,
    list_withheld_by_persons,
)


class Overlooked:
    """The documents of which a person said that not all may see them, as a pass begins."""

    def __init__(self, engine: sa.Engine) -> None:
        withheld = list_withheld_by_persons(engine)
        self._whose = {own.known.uri: own.known.audience_id for own in withheld}
        self._nobody = find_audience(engine, NOBODY)
        self._finder = CopyFinder({own.known.uri: own.signature for own in withheld})

    def tell(self, draft: DocumentDraft, known: KnownDocument | None) -> str | None:
        """The address of one that the draft says nearly the same as, and that is for others than the draft will be.

        None where there is none, and where a person said for whom the draft's document is.
        """
        is_said = (known is not None and known.audience_from == "person") or draft.moved_from is not None
        if not self._whose or is_said:
            return None
        told = draft.audience_id if known is None else known.audience_for(draft.audience_id)
        audience_id = PUBLIC_AUDIENCE_ID if told is None else told
        if audience_id == self._nobody:
            return None
        near = self._finder.find(draft.signature)
        return next((uri for uri in near if uri != draft.uri and self._whose[uri] != audience_id), None)
