"""Who waits for whom between changes of documents and work on vectors: locks by artefact, so that only those who must.

A change of documents shares the locks of all artefacts in service, and then looks whether they still are what is in
service. Who fills or drops the vectors of an artefact holds it alone, and so does who puts a generation of it in
service, together with the artefact that serves. Every change shares that one: so none is under way meanwhile, and those
that had to wait find what is in service now. These locks are taken before all others, by ascending number, so that
nobody waits in a circle.
"""

from __future__ import annotations

from db.generations.generation import Generation
from db.store import RawConnection

_VECTORS = 2
_KEYS = 0x7FFF_FFFF
_WRITE_LOCK = 0x6E69_0006
"""Advisory locks: of artefacts, by their numbers; of changes of documents, one at a time however many ingest."""


def lock_for_change(raw: RawConnection, *generations: Generation) -> None:
    """Until the transaction ends, nobody else changes documents, nor works on these generations' vectors.

    The change counts itself. Whoever sees a number in `corpus` sees what was changed by then and nothing more, for
    changes come one after the other.
    """
    query = "SELECT pg_advisory_xact_lock_shared(%s, key) FROM unnest(%s::int[]) AS key"
    raw.execute(query, (_VECTORS, _keys(generations)))
    raw.execute("SELECT pg_advisory_xact_lock(%s)", (_WRITE_LOCK,))
    raw.execute(
        "INSERT INTO corpus (changes) VALUES (1) ON CONFLICT (singleton) DO UPDATE SET changes = corpus.changes + 1"
    )


def hold_vectors(raw: RawConnection, *generations: Generation) -> None:
    """Until the transaction ends, nobody else works on these generations' vectors, nor changes what they must hold."""
    query = "SELECT pg_advisory_xact_lock(%s, key) FROM unnest(%s::int[]) AS key"  # in the order of the keys
    raw.execute(query, (_VECTORS, _keys(generations)))


def hold_vectors_of(raw: RawConnection, *generation_ids: int) -> None:
    """The same as `hold_vectors`, of those that there are."""
    raw.execute(
        "SELECT pg_advisory_xact_lock(%s, key) FROM ("
        "SELECT DISTINCT (artefact_id & %s::int)::int AS key FROM generation WHERE id = ANY(%s) ORDER BY key"
        ") ordered",
        (_VECTORS, _KEYS, list(generation_ids)),
    )


def _keys(generations: tuple[Generation, ...]) -> list[int]:
    return sorted({generation.artefact_id & _KEYS for generation in generations})
