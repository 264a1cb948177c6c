"""What was said of a passage goes on to the one that takes its place: the SQL of the transaction that changes them.

A passage never changes: another text is another passage. What takes the place of one that goes is the first of these:
a passage of its document with the same text (under another title or heading); one with the same text elsewhere, that
came with the same change rather than one that stood; the new one of its document that is nearest by words, if half of
its words are still there in their order, in one or in several: an edited one, or the largest of its pieces when
documents are cut otherwise. A passage that stood beside it all along says something else, however near.
To another document it goes only where the readers of an answer could see that. Where nothing takes the place, what was
said waits for a passage with the same text to come (back).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from db.corpus.nearness import Shelf, split_words
from db.store import RawConnection

Part = tuple[int, int] | None
"""Which of a passage's words something was said of, from and to; None: of all."""


_ALL = (None, None)


class StoredPassage(NamedTuple):
    """A passage as it stands, or a part of it."""

    document_id: int
    chunk_id: int
    ordinal: int
    section: str
    text: str
    part: Part = None

    def words(self) -> list[str]:
        """Those of the part."""
        words = split_words(self.text)
        return words if self.part is None else words[slice(*self.part)]


class Heir(NamedTuple):
    """The passage that takes the place of another's part; `nearness` is the share of its words that it has.

    `becomes` is the part of the heir that these are.
    """

    chunk_id: int
    part: Part
    heir_id: int
    nearness: float
    becomes: Part


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
    near = list(_nearest(_without(left, elsewhere), there, added))
    _move(raw, [*here, *near], within_document=True)
    _move(raw, elsewhere, within_document=False)


def welcome_back(raw: RawConnection, added: Mapping[int, str]) -> None:
    """Gives passages that were added, by their texts, what waits for such a text; the first of equals gets it."""
    if not added or raw.execute("SELECT FROM impression WHERE chunk_id IS NULL LIMIT 1").fetchone() is None:
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


def take_back(raw: RawConnection, added: Collection[int]) -> None:
    """Gives passages that were added what was found as they are now, and had gone on to another of their document.

    Cut one way and back, a document has its passages again; the heir of one of them may be left standing beside it.
    """
    raw.execute(
        "UPDATE impression SET chunk_id = came.id, passage_hash = sha256(convert_to(came.text, 'UTF8')), nearness = 1,"
        " part_from = NULL, part_to = NULL FROM (SELECT DISTINCT ON (document_id, text_hash) document_id, text_hash,"
        " id, text FROM chunk WHERE id = ANY(%s) ORDER BY document_id, text_hash, id) AS came"
        " JOIN chunk heir ON heir.document_id = came.document_id AND heir.text_hash <> came.text_hash"
        " WHERE impression.chunk_id = heir.id AND impression.chunk_text_hash = came.text_hash",
        (list(added),),
    )


def _said_of(raw: RawConnection, dead: Sequence[int]) -> list[StoredPassage]:
    """Those of the passages that anything was said of, each whole, and each part of it that something was said of."""
    query = (
        "SELECT document_id, id, ordinal, section, text, part_from, part_to FROM chunk c,"
        " LATERAL (SELECT NULL::int AS part_from, NULL::int AS part_to"
        " UNION SELECT part_from, part_to FROM impression WHERE chunk_id = c.id) AS own WHERE id = ANY(%s) AND ("
        "EXISTS (SELECT FROM impression WHERE chunk_id = c.id)"
        " OR EXISTS (SELECT FROM curated_pair_chunk WHERE chunk_id = c.id)"
        " OR EXISTS (SELECT FROM synthetic_question WHERE chunk_id = c.id)) ORDER BY document_id, id, part_from"
    )
    rows = raw.execute(query, (list(dead),)) if dead else ()
    return [StoredPassage._make((*row[:-2], None if row[-1] is None else row[-2:])) for row in rows]


def _passages(raw: RawConnection, document_ids: Iterable[int], dead: Sequence[int]) -> dict[int, list[StoredPassage]]:
    query = (
        "SELECT document_id, id, ordinal, section, text FROM chunk"
        " WHERE document_id = ANY(%s) AND id <> ALL(%s) ORDER BY document_id, ordinal, id"
    )
    rows = (StoredPassage(*row) for row in raw.execute(query, (list(document_ids), list(dead))))
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
            yield Heir(old.chunk_id, old.part, heir.chunk_id, 1.0, old.part)


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
            yield Heir(old.chunk_id, old.part, heir_of[old.text], 1.0, old.part)


def _nearest(
    left: Iterable[StoredPassage], there: Mapping[int, Sequence[StoredPassage]], added: Collection[int]
) -> Iterator[Heir]:
    new = set(added)
    for document_id, own in groupby(left, key=lambda passage: passage.document_id):
        passages = [passage for passage in there.get(document_id, ()) if passage.chunk_id in new]
        stood = [passage.text for passage in there.get(document_id, ()) if passage.chunk_id not in new]
        shelf = Shelf([passage.text for passage in passages], stood)
        for old in own:
            found = shelf.nearest(old.words())
            if found is not None:
                heir = passages[found.place]
                is_all = found.ends - found.begins == len(split_words(heir.text))
                becomes = None if is_all else (found.begins, found.ends)
                yield Heir(old.chunk_id, old.part, heir.chunk_id, found.share, becomes)


def _without(left: Iterable[StoredPassage], heirs: Iterable[Heir]) -> list[StoredPassage]:
    done = {heir.chunk_id for heir in heirs}
    return [passage for passage in left if passage.chunk_id not in done]


def _move(raw: RawConnection, heirs: Sequence[Heir], *, within_document: bool) -> None:
    """Where a passage is as it was found, after whatever, all of it is what was spoken of."""
    if not heirs:
        return
    rows = [(own.chunk_id, *(own.part or _ALL), own.heir_id, own.nearness, *(own.becomes or _ALL)) for own in heirs]
    columns = tuple(list(column) for column in zip(*rows, strict=True))
    raw.execute(
        "UPDATE impression SET chunk_id = heir.id, passage_hash = sha256(convert_to(heir.text, 'UTF8')),"
        " nearness = CASE WHEN heir.text_hash = impression.chunk_text_hash THEN 1"
        " ELSE impression.nearness * new.nearness END,"
        " part_from = CASE WHEN heir.text_hash <> impression.chunk_text_hash THEN new.begins END,"
        " part_to = CASE WHEN heir.text_hash <> impression.chunk_text_hash THEN new.ends END"
        " FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::bigint[], %s::float8[], %s::int[], %s::int[])"
        " AS new (chunk_id, part_from, part_to, heir_id, nearness, begins, ends)"
        " JOIN chunk heir ON heir.id = new.heir_id JOIN document d ON d.id = heir.document_id"
        " WHERE impression.chunk_id = new.chunk_id AND impression.part_from IS NOT DISTINCT FROM new.part_from"
        " AND impression.part_to IS NOT DISTINCT FROM new.part_to AND (%s OR EXISTS"
        " (SELECT FROM question q WHERE q.id = impression.question_id AND d.audience_id = ANY(q.audience_ids)))",
        (*columns, within_document),
    )
    if within_document:  # the next night finds pairs wherever else their words are
        _move_lessons(raw, [own for own in heirs if own.part is None])


def _move_lessons(raw: RawConnection, heirs: Sequence[Heir]) -> None:
    """Hands on pairs, what was learnt, and what a language model asked of the very same text."""
    columns = [heir.chunk_id for heir in heirs], [heir.heir_id for heir in heirs]
    raw.execute(
        "INSERT INTO curated_pair_chunk (pair_id, chunk_id) SELECT pair_id, heir_id"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS new (chunk_id, heir_id) JOIN curated_pair_chunk USING (chunk_id)"
        " ON CONFLICT DO NOTHING",
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
