"""What can't even be listed is nobody's where its source names others than it is stored for."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from db.corpus import known_documents, list_known_under, withdraw_documents
from intake.sources import Failure, Gone

_AT_ONCE = 1000


class Withdrawals:
    """The stored documents that a pass can't reach, and that may no longer be shown to whom they are for.

    Neither are they shown to whom their source names now: it may be that what is there now is for those, and what is
    stored isn't; or, where something isn't mounted, that a folder's word isn't there either.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._uris: list[str] = []

    def note(self, failure: Failure) -> Failure:
        """The failure, which says so if anything is withdrawn."""
        if failure.audience_of is None:
            return failure
        folder = failure.uri.rstrip("/") + "/"
        found = [
            known.uri
            for batch in list_known_under(self._engine, failure.uri)
            for known in batch
            if (known.uri == failure.uri or known.uri.startswith(folder))
            and (told := failure.audience_of(known.uri)) is not None
            and not known.is_for(told)
        ]
        self._uris += found
        if not found:
            return failure
        which = "it is" if found == [failure.uri] else f"{len(found)} documents there are"
        return replace(failure, reason=f"{failure.reason}; {which} for nobody until that is mended")

    def leave(self, gone: Gone) -> None:
        """Notes those that are gone of a place and stay stored."""
        for start in range(0, len(gone.uris) if gone.audience_of is not None else 0, _AT_ONCE):
            for uri, known in known_documents(self._engine, gone.uris[start : start + _AT_ONCE]).items():
                told = gone.audience_of(uri) if gone.audience_of is not None else None
                if not known.deleted and told is not None and not known.is_for(told):
                    self._uris.append(uri)

    def carry_out(self) -> None:
        """Makes what was noted since nobody's."""
        for start in range(0, len(self._uris), _AT_ONCE):
            withdraw_documents(self._engine, self._uris[start : start + _AT_ONCE])
        self._uris.clear()
