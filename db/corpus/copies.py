"""Documents that say nearly the same as ones that aren't for all, and that others may see."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from db.corpus.audience_rows import audience_name
from db.corpus.likeness import CopyFinder
from db.corpus.withheld import list_withheld_by_persons
from db.schema import audience, document

_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class ShownCopy:
    """A document, for whom it is, and the address of the one that it says nearly the same as."""

    uri: str
    audience: str
    copy_of: str


def list_copies(engine: sa.Engine, uris: Collection[str], audience_id: int | None) -> list[ShownCopy]:
    """Other documents that say nearly the same as these, and aren't for nobody, nor for that audience."""
    at = document.c
    query = sa.select(at.source_uri, at.signature).where(at.deleted_at.is_(None), at.signature.is_not(None))
    wanted = at.source_uri == sa.any_(sa.literal(list(uris), sa.ARRAY(sa.Text)))
    with engine.connect() as connection:
        signatures = {uri: signature for uri, signature in connection.execute(query.where(wanted))}
    whose = dict.fromkeys(signatures, audience_id)
    return [own for own, _ in _near(engine, signatures, whose) if own.uri not in signatures]


def list_overlooked_copies(engine: sa.Engine) -> list[ShownCopy]:
    """Documents that say nearly the same as ones of which a person said that not all may see them, and others may.

    Left out are those of which a person said for whom they are.
    """
    withheld = list_withheld_by_persons(engine)
    signatures = {own.known.uri: own.signature for own in withheld}
    whose = {own.known.uri: own.known.audience_id for own in withheld}
    return [own for own, said_by in _near(engine, signatures, whose) if said_by != "person"]


def _near(
    engine: sa.Engine, signatures: Mapping[str, bytes], whose: Mapping[str, int | None]
) -> Iterator[tuple[ShownCopy, str]]:
    """Each with who said for whom it is, in the order of their addresses."""
    if not signatures:
        return
    finder = CopyFinder(signatures)
    at = document.c
    query = (
        sa.select(at.source_uri, at.signature, at.audience_id, at.audience_from, audience_name())
        .join_from(document, audience)
        .where(at.deleted_at.is_(None), at.signature.is_not(None), audience.c.kind != "nobody")
        .order_by(at.source_uri)
    )
    with engine.connect() as connection:
        for uri, signature, audience_id, said_by, name in connection.execution_options(yield_per=_BATCH).execute(query):
            of = next((key for key in finder.find(signature) if key != uri and whose[key] != audience_id), None)
            if of is not None:
                yield ShownCopy(uri, name, of), said_by
