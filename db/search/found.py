"""What a search finds: a passage with its scores, and the words and the document that people see; pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date

from db.generations import FEATURES

DATES = ("date", "updated", "last_updated", "last_modified", "modified", "published", "created")
"""What front matter calls the day from which a document holds; the first that is there counts."""


@dataclass(frozen=True, slots=True)
class Found:
    """A chunk that a search found, with all that decides on its place.

    Args:
        chunk_id, document_id: which it is.
        copy: equal for passages of the same words; see `copy_of`.
        similarity: cosine between question and chunk.
        words: BM25 of the chunk as a share of the sum of the question's idf: 0 where it has none of its words, at most
            the 2.2 of a short chunk that is full of each.
        coverage: idf of the question's words that it has, as a share of the idf of all that any passage has; 0 to 1.
        score: what it is ordered by: the sum of all these, weighed by the generation's ranking.
        signature: of its document, b"" where it has none; see `sign_text`.
        pairs, in_title, in_opening, length: see `Ranking`.
    """

    chunk_id: int
    document_id: int
    copy: int
    similarity: float
    words: float
    coverage: float
    score: float
    signature: bytes = field(default=b"", kw_only=True, repr=False)
    pairs: float = field(default=0.0, kw_only=True)
    in_title: float = field(default=0.0, kw_only=True)
    in_opening: float = field(default=0.0, kw_only=True)
    length: float = field(default=0.0, kw_only=True)

    @property
    def features(self) -> tuple[float, ...]:
        """`(len(FEATURES),)`, in the order of a ranking's weights."""
        return (self.similarity, *(getattr(self, name) for name in FEATURES[1:]))


@dataclass(frozen=True, slots=True)
class Hit(Found):
    """One with its text and its document; `dated` is the day that the document names, None where it names none.

    `place` is what the document's address ends in so that it opens at the text, "#page=3", or "".
    """

    text_hash: bytes
    title: str
    uri: str
    section: str
    text: str
    ordinal: int
    owner: str | None
    dated: date | None
    place: str


def copy_of(text: str) -> int:
    """A number (64 bits, signed) that passages have in common if their words are the same, however they are spaced."""
    words = " ".join(text.split()).casefold()
    return int.from_bytes(hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=8).digest(), signed=True)


def date_of(named: str | None) -> date | None:
    """The day from which a document holds, as its front matter named it; when it was stored says nothing of that."""
    try:
        return date.fromisoformat((named or "")[:10])
    except ValueError:
        return None
