"""What a pass did so far: told to whoever watches while it goes on, and reported at its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from db.corpus import Written
from intake.sources import Failure, Gone, Page


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pass is: documents settled of those there are, chunks encoded, and the name of the one at hand.

    Where the words of all chunks are indexed anew at the end, also of how many chunks they are, and of how many to be.
    """

    documents_done: int
    documents_total: int
    chunks_done: int
    name: str
    words_done: int = 0
    words_total: int = 0


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What a pass did, in documents; `chunks` counts those that were added.

    `moved` are documents that were stored under another address, changed or not.

    `words_anew` says why all words were indexed anew, as half a sentence; None where they weren't. The next pass over
    the same source may begin at `cursor`: at the beginning, None, where a document failed, so that it is tried again.
    `left_out` counts files by the kinds that aren't read; `not_removed` are the places whose documents weren't removed,
    though they are gone, because nobody said that it is meant.
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

    def as_json(self) -> dict[str, Any]:
        """The report as `nightshift ingest --json` ends in it."""
        return {
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


class Tally:
    """Counts what a pass does, and tells it to `watch`."""

    def __init__(self, watch: Callable[[Progress], None] | None = None) -> None:
        self._started = time.monotonic()
        self._watch = watch or (lambda _: None)
        self._total = self._done = self._chunks_done = self._removed = 0
        self._written = Written(0, 0, 0, 0)
        self._failed: list[Failure] = []
        self._cursor: str | None = None
        self._not_removed: list[Gone] = []
        self.words_anew: str | None = None
        self.left_out: Mapping[str, int] = {}

    def turn_to(self, page: Page) -> None:
        """All of the page will be settled; the listing may go on after it."""
        self._total, self._cursor = page.total, page.cursor

    def fail(self, failure: Failure) -> None:
        """A document can't go in."""
        self._failed.append(failure)
        self._settle(1, failure.name)

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
        )

    def _settle(self, n: int, name: str) -> None:
        self._done += n
        self._watch(Progress(self._done, self._total, self._chunks_done, name))
