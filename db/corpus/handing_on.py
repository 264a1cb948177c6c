"""What was said of a passage goes on to the one that takes its place: the SQL of the transaction that changes them.

A passage never changes: another text is another passage. What takes the place of one that goes is the first of these:
a passage of its document with the same text (under another title or heading); one with the same text elsewhere, that
came with the same change rather than one that stood; the new one of its document that is nearest by words, if half of
its words are still there in their order. A passage that stood beside it all along says something else, however near.
To another document it goes only where the readers of an answer could see that. Where nothing takes the place, what was
said waits for a passage with the same text to come (back).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from db.corpus.nearness import Shelf
from db.store import RawConnection


class StoredPassage(NamedTuple):
    """A passage as it stands."""

    document_id: int
    chunk_id: int
    ordinal: int
    section: str
    text: str


class Heir(NamedTuple):
    """The passage that takes another's place; `nearness` is the share of the other's words that it has."""

    chunk_id: int
    heir_id: int
    nearness: float


def hash_passage(text: str) -> bytes:
    """What a passage is found again by, whatever its document is called."""
    return hashlib.sha256(text.encode()).digest()


def hand_on(raw: RawConnection, dead: Sequence[int], added: Collection[int] = ()) -> None:
    """Hands on what was said of passages that are to be deleted next; those `added` instead are stored already."""
    left = _said_of(raw, dead)
    if not left:
        return
    there = _passages(raw, {passage.document_id for passage in left}, dead)
    here = list(_same_text(left, there))
    left = _without(left, here)
    elsewhere = list(_elsewhere(raw, left, dead, added))
    near = list(_nearest(_without(left, elsewhere), there, set(added)))
    _move(raw, [*here, *near], within_document=True)
    _move(raw, elsewhere, within_document=False)


def welcome_back(raw: RawConnection, added: Mapping[int, str]) -> None:
    """Gives passages that were added, by their texts, what waits for such a text; the first of equals gets it."""
    if not added:
        return
    first: dict[bytes, int] = {}
    for chunk_id in sorted(added):
        first.setdefault(hash_passage(added[chunk_id]), chunk_id)
    raw.execute(
        "UPDATE impression SET chunk_id = came.chunk_id"
        " FROM unnest(%s::bytea[], %s::bigint[]) AS came (passage_hash, chunk_id)"
        " JOIN chunk ON chunk.id = came.chunk_id JOIN document ON document.id = chunk.document_id"
        " WHERE impression.chunk_id IS NULL AND impression.passage_hash = came.passage_hash AND EXISTS"
        " (SELECT FROM question q WHERE q.id = impression.question_id AND document.audience_id = ANY(q.audience_ids))",
        (list(first), list(first.values())),
    )


def _said_of(raw: RawConnection, dead: Sequence[int]) -> list[StoredPassage]:
    """Those of the passages that anything was said of."""
    query = (
        "SELECT document_id, id, ordinal, section, text FROM chunk c WHERE id = ANY(%s) AND ("
        "EXISTS (SELECT FROM impression WHERE chunk_id = c.id)"
        " OR EXISTS (SELECT FROM curated_pair_chunk WHERE chunk_id = c.id)"
        " OR EXISTS (SELECT FROM synthetic_question WHERE chunk_id = c.id)) ORDER BY id"
    )
    return [StoredPassage(*row) for row in raw.execute(query, (list(dead),))] if dead else []


def _passages(raw: RawConnection, document_ids: Iterable[int], dead: Sequence[int]) -> dict[int, list[StoredPassage]]:
    query = (
        "SELECT document_id, id, ordinal, section, text FROM chunk"
        " WHERE document_id = ANY(%s) AND id <> ALL(%s) ORDER BY document_id, ordinal, id"
    )
    rows = map(StoredPassage._make, raw.execute(query, (list(document_ids), list(dead))))
    return {document_id: list(own) for document_id, own in groupby(rows, key=lambda row: row.document_id)}


def _same_text(left: Iterable[StoredPassage], there: Mapping[int, Sequence[StoredPassage]]) -> Iterator[Heir]:
    by_text: dict[tuple[int, str], list[StoredPassage]] = defaultdict(list)
    for passages in there.values():
        for passage in passages:
            by_text[passage.document_id, passage.text].append(passage)
    for old in left:
        same = by_text.get((old.document_id, old.text))
        if same:
            heir = min(same, key=lambda own: (own.section != old.section, abs(own.ordinal - old.ordinal), own.chunk_id))
            yield Heir(old.chunk_id, heir.chunk_id, 1.0)


def _elsewhere(
    raw: RawConnection, left: Sequence[StoredPassage], dead: Sequence[int], added: Collection[int]
) -> Iterator[Heir]:
    """Passages of other documents with the same text; one that came with this change rather than one that stood."""
    if not left:
        return
    query = (
        "SELECT DISTINCT ON (c.text) c.text, c.id FROM chunk c WHERE c.text = ANY(%s) AND c.id <> ALL(%s)"
        " ORDER BY c.text, c.id = ANY(%s) DESC, c.id"
    )
    rows = raw.execute(query, ([old.text for old in left], list(dead), list(added))).fetchall()
    heir_of: dict[str, int] = dict(rows)
    for old in left:
        if old.text in heir_of:
            yield Heir(old.chunk_id, heir_of[old.text], 1.0)


def _nearest(
    left: Iterable[StoredPassage], there: Mapping[int, Sequence[StoredPassage]], added: Collection[int]
) -> Iterator[Heir]:
    for document_id, own in groupby(sorted(left), key=lambda passage: passage.document_id):
        passages = [passage for passage in there.get(document_id, ()) if passage.chunk_id in added]
        shelf = Shelf([passage.text for passage in passages])
        for old in own:
            found = shelf.nearest(old.text)
            if found is not None:
                yield Heir(old.chunk_id, passages[found[0]].chunk_id, found[1])


def _without(left: Iterable[StoredPassage], heirs: Iterable[Heir]) -> list[StoredPassage]:
    done = {heir.chunk_id for heir in heirs}
    return [passage for passage in left if passage.chunk_id not in done]


def _move(raw: RawConnection, heirs: Sequence[Heir], *, within_document: bool) -> None:
    if not heirs:
        return
    columns = tuple(list(column) for column in zip(*heirs, strict=True))
    raw.execute(
        "UPDATE impression SET chunk_id = heir.id, passage_hash = sha256(convert_to(heir.text, 'UTF8')),"
        " nearness = impression.nearness * new.nearness"
        " FROM unnest(%s::bigint[], %s::bigint[], %s::float8[]) AS new (chunk_id, heir_id, nearness)"
        " JOIN chunk heir ON heir.id = new.heir_id JOIN document d ON d.id = heir.document_id"
        " WHERE impression.chunk_id = new.chunk_id AND (%s OR EXISTS"
        " (SELECT FROM question q WHERE q.id = impression.question_id AND d.audience_id = ANY(q.audience_ids)))",
        (*columns, within_document),
    )
    if within_document:  # the next night finds pairs wherever else their words are
        _move_lessons(raw, heirs)


def _move_lessons(raw: RawConnection, heirs: Sequence[Heir]) -> None:
    """Hands on pairs, what was learnt, and what a language model asked of the very same text."""
    columns = [heir.chunk_id for heir in heirs], [heir.heir_id for heir in heirs]
    raw.execute(
        "INSERT INTO curated_pair_chunk (pair_id, chunk_id) SELECT pair_id, heir_id"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS new (chunk_id, heir_id) JOIN curated_pair_chunk USING (chunk_id)"
        " ON CONFLICT DO NOTHING",
        columns,
    )
    for column in ("positive_chunk_id", "negative_chunk_id"):
        raw.execute(
            f"UPDATE triplet SET {column} = heir_id"  # noqa: S608 - our own names
            " FROM unnest(%s::bigint[], %s::bigint[]) AS new (chunk_id, heir_id)"
            f" WHERE triplet.{column} = new.chunk_id",
            columns,
        )
    same = [heir for heir in heirs if heir.nearness == 1]
    raw.execute(
        "UPDATE synthetic_question SET chunk_id = heir_id FROM ("
        " SELECT DISTINCT ON (heir_id, text) own.id, heir_id"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS new (chunk_id, heir_id) JOIN synthetic_question own"
        " USING (chunk_id)"
        " WHERE NOT EXISTS (SELECT FROM synthetic_question WHERE chunk_id = heir_id AND text = own.text)"
        " ORDER BY heir_id, text, own.id) AS going WHERE synthetic_question.id = going.id",
        ([heir.chunk_id for heir in same], [heir.heir_id for heir in same]),
    )
