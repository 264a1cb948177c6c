"""What the pass asks of a place that documents come from, whichever it is: the contract of a source."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

KnownUnder = Callable[[str], Iterator[list[str]]]
"""The uris of the stored documents that begin with a prefix, in batches; documents may be removed meanwhile."""


AudienceOf = Callable[[str], int | None]
"""Whose a document is by the word of its source, given its address; None: it says nothing."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A document that there is: `uri` is its address, the same in every listing; `name` tells a person which it is.

    `file_name` is by what suffix it is read, and what it is called where it has no title; None: by `name`.

    `version` becomes another whenever the document does, so that one whose version is known isn't fetched; None where
    nothing but the bytes tells. With `audience_id` None a new one is public, and a known one keeps its audience.
    Where what its source says of its readers `is_unclear`, that is the audience of nobody, and `otherwise_id` whose it
    would be if the source said nothing.
    """

    uri: str
    name: str
    version: str | None = None
    audience_id: int | None = None
    file_name: str | None = None
    is_unclear: bool = False
    otherwise_id: int | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that can't go in, by its name, and why, in words that fit after a colon.

    It, or what lies below it if it is a folder, may be stored from before. Where its source tells for whom that is now,
    `audience_of` does.
    """

    name: str
    reason: str
    uri: str = ""
    audience_of: AudienceOf | None = None


MOST_GONE = 0.3
"""Of a place's documents that may go at once without a question: where more are gone, something may be unmounted."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Which of the documents stored of a place are surely gone; `is_there` tells whether the place itself is.

    `name` tells a person which place it is, `known` how many documents of it are stored. For whom they would be now
    `audience_of` tells, where their source does.
    """

    name: str
    known: int
    uris: Sequence[str]
    is_there: bool = True
    audience_of: AudienceOf | None = field(default=None, compare=False)

    @property
    def is_large(self) -> bool:
        """Whether it is more than a few files, deleted by somebody, are likely to be."""
        return not self.is_there or len(self.uris) > MOST_GONE * self.known

    def without(self, uris: Collection[str]) -> Gone:
        """The same, had these documents not been stored there."""
        left = [uri for uri in self.uris if uri not in uris]
        return replace(self, uris=left, known=self.known - (len(self.uris) - len(left)))


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a listing: `total` is how many changes the whole of it tells, as far as that can be told yet.

    A later listing may go on after it, from `cursor`; None is the beginning.
    """

    changes: Sequence[Listed | Failure]
    total: int
    cursor: str | None = None


class Source(Protocol):
    """A place that documents come from: what there is, the bytes of one, and what is gone."""

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """What is new or may have changed since the cursor, each document once; with None, all there is.

        It is complete when it ends.

        Raises:
            SourceError: it breaks off, as where the source is down or asks to be left alone; what was told counts.
        """

    def fetch(self, uri: str) -> bytes:
        """The bytes of a document that was listed.

        Raises:
            BadInputError: it can't be read or is too large; the message is a reason without the document's name.
        """

    def is_gone(self, uri: str) -> bool:
        """Whether a stored document, of this source or another, is surely gone, as far as that can be told at once."""

    def gone(self, known_under: KnownUnder) -> Iterator[Gone]:
        """Which of the stored documents are surely gone, place by place; asked when a listing is complete."""

    def left_out(self) -> Mapping[str, int]:
        """How many files the last listing left out because of their kind, by kind; asked when it is complete."""
