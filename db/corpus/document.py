"""What a document is, as it should be and as it is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from db.corpus.likeness import sign_text
from db.corpus.named_audience import NamedAudience
from db.models import passage_text
from db.words import DEFAULT_LANGUAGES, Counted, tokenizer_of

AudienceFrom = Literal["", "source", "document", "person"]
"""Who said which audience a document has: nobody, its source, the document itself, or a person."""


@dataclass(frozen=True, slots=True)
class ChunkDraft:
    """A chunk to be: `encoded` is what its vector is made of, `text_hash` that text's sha256, `counted` its words.

    `place` is what the document's address ends in so that it opens there: "#page=3", or "".
    """

    section: str
    text: str
    encoded: str
    text_hash: bytes
    counted: Counted
    place: str = ""


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """A document as it should be.

    With `audience_id` None a new one is public, and a known one keeps its audience, even if it was removed meanwhile;
    what a person said of a known one holds in any case.
    One that was `moved_from` another uri is the document that was stored there, or removed from there. `own_audience`
    is who may see it by its own word, nobody where that can't be made out: then `audience_problem` says why.
    Where that, or its source's word, can't be made out, it `is_unclear`: for nobody, and `otherwise_id` is whose it
    would be without that word.
    `secrets_masked` counts keys and tokens that stood in it and don't here, `data_left_out` runs of base64 and the
    like. `source_id` is the source that it is from, of those that are synced; without, a known one stays whose it is.
    """

    uri: str
    title: str
    content_hash: bytes
    chunks: Sequence[ChunkDraft]
    audience_id: int | None = None
    owner: str | None = None
    front_matter: dict[str, Any] = field(default_factory=dict)
    moved_from: str | None = None
    audience_from: AudienceFrom = ""
    own_audience: NamedAudience | None = None
    audience_problem: str | None = None
    secrets_masked: int = 0
    data_left_out: int = 0
    source_id: int | None = None
    is_unclear: bool = False
    otherwise_id: int | None = None

    @property
    def signature(self) -> bytes:
        """What it is compared by with documents that say nearly the same; see `sign_text`."""
        return sign_text(chunk.text for chunk in self.chunks)

    def for_its_own(self, audience_id_of: Callable[[NamedAudience], int]) -> DocumentDraft:
        """The same, for whom it says itself where it says so, whatever others do."""
        if self.own_audience is None:
            return self
        is_unclear = self.audience_problem is not None
        otherwise = self.otherwise_id if self.is_unclear else self.audience_id
        return replace(
            self,
            audience_id=audience_id_of(self.own_audience),
            audience_from="document",
            is_unclear=is_unclear,
            otherwise_id=otherwise if is_unclear else None,
        )


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """A document as it is stored; `audience_before` had it until what is said of its readers became unclear."""

    id: int
    content_hash: bytes
    audience_id: int
    deleted: bool
    uri: str
    audience_from: AudienceFrom = ""
    source_id: int | None = None
    audience_before: int | None = None

    def is_of_another(self, source_id: int | None) -> bool:
        """Whether it is another source's, from which no second one takes it; without one, it doesn't matter whose."""
        return not self.deleted and source_id is not None and self.source_id not in (None, source_id)

    def audience_for(self, told: int | None) -> int:
        """Whose it is where somebody tells, or nobody does: what a person said holds."""
        if self.audience_from == "person":
            return self.audience_id
        if told is None:
            return self.audience_id if self.audience_before is None else self.audience_before
        return told

    def before(self, otherwise: int | None) -> int | None:
        """Whose it is again when nothing unclear is said any more, if it becomes nobody's by that now."""
        if self.audience_from == "person":
            return None
        return self.audience_for(None) if otherwise is None else otherwise

    def is_replaced_by(self, draft: DocumentDraft) -> bool:
        """Whether it was removed, and what stands at its place now is something else."""
        return self.deleted and self.uri == draft.uri and self.content_hash != draft.content_hash

    def is_as(self, content_hash: bytes, audience_id: int | None, *, is_unclear: bool = False) -> bool:
        """Whether nothing would change."""
        return not self.deleted and self.content_hash == content_hash and self._stays(audience_id, is_unclear)

    def is_as_listed(self, content_hash: bytes, audience_id: int | None, *, is_unclear: bool = False) -> bool:
        """The same, where the audience is its source's word."""
        is_same = self.is_for(audience_id, is_unclear=is_unclear)
        return not self.deleted and self.content_hash == content_hash and is_same

    def is_for(self, told: int | None, *, is_unclear: bool = False) -> bool:
        """Whether it is for whom its source tells, or for whom the document says itself, which goes before."""
        return self.audience_from == "document" or self._stays(told, is_unclear)

    def _stays(self, told: int | None, is_unclear: bool) -> bool:
        if self.audience_from == "person":
            return True
        return self.audience_for(told) == self.audience_id and is_unclear == (self.audience_before is not None)


@dataclass(frozen=True, slots=True)
class Written:
    """Counts of documents added, changed, found to be as they should, and moved; of chunks added."""

    added: int
    changed: int
    unchanged: int
    chunks: int
    moved: int = 0

    def __add__(self, other: Written) -> Written:
        return Written(
            self.added + other.added,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.chunks + other.chunks,
            self.moved + other.moved,
        )


def draft_chunk(
    title: str, section: str, text: str, languages: tuple[str, ...] = DEFAULT_LANGUAGES, place: str = ""
) -> ChunkDraft:
    """A chunk of a document with that title; its words are in one of these languages."""
    encoded = passage_text(title, section, text)
    text_hash = hashlib.sha256(encoded.encode()).digest()
    return ChunkDraft(section, text, encoded, text_hash, tokenizer_of(languages).count(encoded), place)
