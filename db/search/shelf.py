"""All passages there are, by what a ranking must know of them: for those who rank without the store's search."""

from __future__ import annotations

import numpy as np
import sqlalchemy as sa

from db.schema import chunk, document
from db.search.found import copy_of
from db.search.ranking import Passages

_AT_ONCE = 5_000
"""Texts in memory at once."""


def read_shelf(engine: sa.Engine) -> Passages:
    """Every chunk with its document, which have the same words, and what documents are compared by."""
    query = sa.select(chunk.c.id, chunk.c.document_id, chunk.c.text).order_by(chunk.c.id)
    with engine.connect().execution_options(yield_per=_AT_ONCE) as connection:
        parts = [
            np.array([(id_, document_id, copy_of(text)) for id_, document_id, text in rows], np.int64)
            for rows in connection.execute(query).partitions()
        ]
        signed = sa.select(document.c.id, document.c.signature).where(document.c.signature.is_not(None))
        signatures = {id_: bytes(signature) for id_, signature in connection.execute(signed)}
    ids, documents, copies = np.concatenate([np.empty((0, 3), np.int64), *parts]).T
    return Passages(ids, documents, copies, signatures)
