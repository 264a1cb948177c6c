"""What a pass did so far: told to whoever watches while it goes on, and reported at its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from db.corpus import Written
from db.errors import SourceError
from intake.sources import Failure, Gone, Page


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pass is: documents settled of those there are, chunks encoded, and the name of the one at hand.

    Where the words of all chunks are indexed anew at the end, also of how many chunks they are, and of how many to be.
    Inside a large file, how many of its pages, slides or sheets are read, and of how many.
    """

    documents_done: int
    documents_total: int
    chunks_done: int
    name: str
    words_done: int = 0
    words_total: int = 0
    parts_done: int = 0
    parts_total: int = 0


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What a pass did, in documents; `chunks` counts those that were added.

    `moved` are documents that were stored under another address, changed or not.

    `words_anew` says why all words were indexed anew, as half a sentence; None where they weren't. The next pass over
    the same source may begin at `cursor`: at the beginning, None, where a document failed, so that it is tried again.
    `left_out` counts files by the kinds that aren't read; `not_removed` are the places whose documents weren't removed,
    though they are gone, because nobody said that it is meant. `secrets_masked` counts keys and tokens that stood in
    documents which were read, and don't in what is stored; `data_left_out` names those that held base64 and the like,
    which doesn't go in either. `overlooked` names what went in and says nearly the same as a document that a person
    keeps from those whom it is for, with that one's address.
    """

    added: int
    changed: int
    moved: int
    removed: int
    unchanged: int
    failed: tuple[Failure, ...]
    chunks: int
    seconds: float
    cursor: str | None
    words_anew: str | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    not_removed: tuple[Gone, ...] = ()
    secrets_masked: int = 0
    data_left_out: tuple[str, ...] = ()
    broken_off: str | None = None
    wait_s: float = 0.0
    overlooked: tuple[tuple[str, str], ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether all went in that there is, and nothing stayed that is gone."""
        return not (self.failed or self.not_removed or self.broken_off)

    @property
    def settled(self) -> int:
        """How many documents it came to, whether they went in or not."""
        return self.added + self.changed + self.moved + self.unchanged + len(self.failed)

    @property
    def changes(self) -> int:
        """How many documents are stored otherwise than before."""
        return self.added + self.changed + self.moved + self.removed

    def as_json(self) -> dict[str, Any]:
        """The report as `nightshift ingest --json` ends in it."""
        masked = {"secrets_masked": self.secrets_masked} if self.secrets_masked else {}
        data = {"data_left_out": list(self.data_left_out)} if self.data_left_out else {}
        copies = [{"path": name, "copy_of": uri} for name, uri in self.overlooked]
        overlooked = {"overlooked": copies} if copies else {}
        broken_off = {"broken_off": self.broken_off} if self.broken_off else {}
        return (
            masked
            | data
            | overlooked
            | broken_off
            | {
                "added": self.added,
                "changed": self.changed,
                "moved": self.moved,
                "removed": self.removed,
                "unchanged": self.unchanged,
                "failed": [{"path": failure.name, "reason": failure.reason} for failure in self.failed],
                "left_out": dict(self.left_out),
                "not_removed": [
                    {"path": gone.name, "gone": len(gone.uris), "known": gone.known} for gone in self.not_removed
                ],
            }
        )


class Tally:
    """Counts what a pass does, and tells it to `watch`."""

    def __init__(self, watch: Callable[[Progress], None] | None = None) -> None:
        self._started = time.monotonic()
        self._watch = watch or (lambda _: None)
        self._total = self._done = self._chunks_done = self._removed = self._masked = 0
        self._written = Written(0, 0, 0, 0)
        self._failed: list[Failure] = []
        self._open = ""
        self._cursor: str | None = None
        self._read_until: str | None = None
        self._wait_s = 0.0
        self.broken_off: str | None = None
        self._not_removed: list[Gone] = []
        self._with_data: list[str] = []
        self._overlooked: list[tuple[str, str]] = []
        self.words_anew: str | None = None
        self.left_out: Mapping[str, int] = {}

    def turn_to(self, page: Page) -> None:
        """All of the page will be settled; the listing may go on after it."""
        self._read_until = self._cursor
        self._total, self._cursor = page.total, page.cursor

    @property
    def settled_cursor(self) -> str | None:
        """Where a later listing may go on, once all that was read is stored; None where that is the beginning."""
        return None if self._failed else self._read_until

    def until_it_breaks_off(self, pages: Iterable[Page]) -> Iterator[Page]:
        """The pages of a listing; if it breaks off, that is noted, and they end."""
        try:
            yield from pages
        except SourceError as error:
            self.break_off(error)

    def break_off(self, error: SourceError) -> None:
        """The listing ended before its end."""
        self.broken_off, self._wait_s = str(error), error.wait_s

    def open(self, name: str) -> None:
        """That document is read next."""
        self._open = name

    def reading(self, done: int, total: int) -> None:
        """Of the document that is read, so many pages, slides or sheets are, of how many."""
        now = Progress(self._done, self._total, self._chunks_done, self._open, parts_done=done, parts_total=total)
        self._watch(now)

    def fail(self, failure: Failure) -> None:
        """A document can't go in."""
        self._failed.append(failure)
        self._settle(1, failure.name)

    def complain(self, failure: Failure) -> None:
        """Something is wrong with a document that goes in all the same."""
        self._failed.append(failure)

    def clean(self, name: str, masked: int, data: int) -> None:
        """So many keys and tokens of a document, and runs of encoded data, don't go in with it."""
        self._masked += masked
        self._with_data += [name] * (data > 0)

    def overlook(self, name: str, copy_of: str | None) -> None:
        """A document that goes in says nearly the same as that one, if as any, which is kept from its readers."""
        if copy_of is not None:
            self._overlooked.append((name, copy_of))

    def write(self, written: Written, name: str) -> None:
        """Documents are as they should be; `name` is the last one's."""
        self._written += written
        self._settle(written.added + written.changed + written.moved + written.unchanged, name)

    def remove(self, n: int) -> None:
        """Documents were removed."""
        self._removed += n

    def leave(self, gone: Gone) -> None:
        """Documents of a place are gone, and stay stored."""
        self._not_removed.append(gone)

    def encoding(self, documents: int, chunks: int, name: str) -> Callable[[int], None]:
        """What is called with the number of each batch of these chunks that was encoded, before they are written."""
        before = self._chunks_done

        def show(n: int) -> None:
            self._chunks_done += n
            nearly_done = documents * min(1.0, (self._chunks_done - before) / chunks)
            self._watch(Progress(self._done + int(nearly_done), self._total, self._chunks_done, name))

        return show

    def indexing(self, done: int, total: int) -> None:
        """The words of so many chunks are indexed anew, of how many."""
        self._watch(Progress(self._done, self._total, self._chunks_done, "", done, total))

    def report(self) -> IngestReport:
        """What was done, all in all."""
        return IngestReport(
            added=self._written.added,
            changed=self._written.changed,
            moved=self._written.moved,
            removed=self._removed,
            unchanged=self._written.unchanged,
            failed=tuple(self._failed),
            chunks=self._written.chunks,
            seconds=time.monotonic() - self._started,
            cursor=None if self._failed else self._cursor,
            words_anew=self.words_anew,
            left_out=self.left_out,
            not_removed=tuple(self._not_removed),
            secrets_masked=self._masked,
            data_left_out=tuple(self._with_data),
            broken_off=self.broken_off,
            wait_s=self._wait_s,
            overlooked=tuple(self._overlooked),
        )

    def _settle(self, n: int, name: str) -> None:
        self._done += n
        self._watch(Progress(self._done, self._total, self._chunks_done, name))
