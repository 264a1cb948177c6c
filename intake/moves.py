"""Which document a new one was until now: one that is gone from its place, or was removed, with its bytes or words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import takewhile

import sqlalchemy as sa

from db.corpus import (
    DocumentDraft,
    KnownDocument,
    list_known_under,
    list_removed,
    list_withheld_by_persons,
    make_sketch,
    read_whole_texts,
    resemblance,
)

ALIKE = 0.5
"""Of the runs of words that two documents have, the share that both must have for one to have become the other."""

_MOST_COMPARED = 5_000


class Moves:
    """Where new documents were until now; each of those that are gone from their places becomes one other.

    Of several with the same bytes, the one is taken whose path ends most alike. A change of the words is seen through
    as well, if half of the pairs of neighbouring words stayed. What is gone is looked up when the first new one asks,
    and where that is none of them, what was removed before and wasn't for all. A copy of what isn't for all by a
    person's word, or of what was removed and may not be gone, isn't either, unless something says for whom it is.
    """

    def __init__(self, engine: sa.Engine, is_gone: Callable[[str], bool], source_id: int | None = None) -> None:
        self._engine = engine
        self._is_gone = is_gone
        self._source_id = source_id
        self._withheld = {one.known.content_hash: one.known.audience_id for one in list_withheld_by_persons(engine)}
        self.origins: set[str] = set()
        """Where the documents were that moved."""

    def tell(self, draft: DocumentDraft) -> DocumentDraft:
        """The draft of a new document, which says where it was moved from if it was."""
        origin = self._gone.take(draft) or self._removed.take(draft)
        if origin is not None:
            self.origins.add(origin)
            return replace(draft, moved_from=origin)
        if draft.audience_id is None:
            return replace(draft, audience_id=self._withheld.get(draft.content_hash))
        return draft

    @cached_property
    def _gone(self) -> _Missing:
        batches = list_known_under(self._engine, "")
        gone = {known.uri: known for batch in batches for known in batch if self._has_left(known)}
        return _Missing(gone, partial(self._sketch, list(gone.values())[:_MOST_COMPARED]))

    @cached_property
    def _removed(self) -> _Missing:
        removed = list_removed(self._engine)
        gone = [one for one in removed if one.is_nowhere or self._is_gone(one.known.uri)]
        for one in removed:
            self._withheld.setdefault(one.known.content_hash, one.known.audience_id)
        sketches = {one.known.uri: one.sketch for one in gone[:_MOST_COMPARED] if one.sketch}
        return _Missing({one.known.uri: one.known for one in gone}, lambda: sketches)

    def _has_left(self, known: KnownDocument) -> bool:
        """Of what another source has, only a file tells itself that it is gone: else no listing but that one's does."""
        is_told_by_itself = known.uri.startswith("file://") or not known.is_of_another(self._source_id)
        return is_told_by_itself and self._is_gone(known.uri)

    def _sketch(self, compared: Sequence[KnownDocument]) -> dict[str, frozenset[int]]:
        uri_of = {known.id: known.uri for known in compared}
        return {uri_of[id_]: make_sketch([text]) for id_, text in read_whole_texts(self._engine, list(uri_of))}


class _Missing:
    """Documents that aren't at their places, by address; sketches of them are made when the first is compared."""

    def __init__(
        self, documents: dict[str, KnownDocument], sketches: Callable[[], Mapping[str, frozenset[int]]]
    ) -> None:
        self._documents = documents
        self._make_sketches = sketches
        self._by_content: dict[bytes, list[str]] = defaultdict(list)
        for known in documents.values():
            self._by_content[known.content_hash].append(known.uri)

    def take(self, draft: DocumentDraft) -> str | None:
        """The address of the one that this is, which none is from then on; None where it is none of them."""
        same = self._by_content.get(draft.content_hash, [])
        origin = max(same, key=lambda uri: (_alike_paths(uri, draft.uri), uri), default=None)
        if origin is None and self._documents:
            origin = self._find_alike(draft)
        if origin is not None:
            self._by_content[self._documents.pop(origin).content_hash].remove(origin)
        return origin

    @cached_property
    def _sketches(self) -> Mapping[str, frozenset[int]]:
        return self._make_sketches()

    @cached_property
    def _with_run(self) -> dict[int, list[str]]:
        uris = defaultdict(list)
        for uri, sketch in self._sketches.items():
            for run in sketch:
                uris[run].append(uri)
        return uris

    def _find_alike(self, draft: DocumentDraft) -> str | None:
        sketch = make_sketch(chunk.text for chunk in draft.chunks)
        met = Counter(uri for run in sketch for uri in self._with_run.get(run, ()) if uri in self._documents)
        alike = {uri: resemblance(sketch, self._sketches[uri]) for uri in met}
        best = max(alike, key=lambda uri: (alike[uri], _alike_paths(uri, draft.uri), uri), default=None)
        return best if best is not None and alike[best] >= ALIKE else None


def _alike_paths(one: str, other: str) -> tuple[int, int]:
    """How many names two addresses have in common at their ends, and at their beginnings."""
    names, others = one.split("/"), other.split("/")
    ends = takewhile(lambda pair: pair[0] == pair[1], zip(reversed(names), reversed(others), strict=False))
    begins = takewhile(lambda pair: pair[0] == pair[1], zip(names, others, strict=False))
    return sum(1 for _ in ends), sum(1 for _ in begins)
