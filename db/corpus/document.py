"""What a document is, as it should be and as it is stored."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from db.models import passage_text
from db.words import DEFAULT_LANGUAGES, Counted, tokenizer_of


@dataclass(frozen=True, slots=True)
class ChunkDraft:
    """A chunk to be: `encoded` is what its vector is made of, `text_hash` that text's sha256, `counted` its words."""

    section: str
    text: str
    encoded: str
    text_hash: bytes
    counted: Counted


@dataclass(frozen=True, slots=True)
class DocumentDraft:
    """A document as it should be.

    With `audience_id` None a new one is public, and a known one keeps its audience, even if it was removed meanwhile.
    One that was `moved_from` another uri is the document that was stored there, if it still is.
    """

    uri: str
    title: str
    content_hash: bytes
    chunks: Sequence[ChunkDraft]
    audience_id: int | None = None
    owner: str | None = None
    front_matter: dict[str, Any] = field(default_factory=dict)
    moved_from: str | None = None


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """A document as it is stored."""

    id: int
    content_hash: bytes
    audience_id: int
    deleted: bool
    uri: str

    def is_as(self, content_hash: bytes, audience_id: int | None) -> bool:
        """Whether nothing would change."""
        return not self.deleted and self.content_hash == content_hash and audience_id in (None, self.audience_id)


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


def draft_chunk(title: str, section: str, text: str, languages: tuple[str, ...] = DEFAULT_LANGUAGES) -> ChunkDraft:
    """A chunk of a document with that title; its words are in one of these languages."""
    encoded = passage_text(title, section, text)
    text_hash = hashlib.sha256(encoded.encode()).digest()
    return ChunkDraft(section, text, encoded, text_hash, tokenizer_of(languages).count(encoded))
