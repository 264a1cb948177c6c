"""The pass over files: what is new or changed is extracted, split, encoded and stored, batch by batch."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from bot.bounded_html import PageReader
from bot.chunking import split_document
from bot.extract import extract_document
from bot.files import Failure, FoundFile, file_uri, find_files, is_gone, read_file
from db.document import DocumentDraft, draft_chunk
from db.documents import known_documents, list_documents_under, remove_documents, require_audience, write_documents
from db.errors import BadInputError
from db.generations import ensure_base_generation

if TYPE_CHECKING:
    from bot.html import ReadPage
    from db.encoders import Encoders
    from db.generation import Generation
    from db.settings import Settings

BATCH_CHARS = 400_000
"""Characters encoded and written at once: bounds memory, and what a crash can cost."""

_LOOKUP_FILES = 256
_FORMAT = 1
"""Grows when documents come out of extraction or splitting differently: all are then read anew."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pass is: files settled of those there are, chunks encoded, and the file at hand."""

    files_done: int
    files_total: int
    chunks_done: int
    path: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What a pass did, in documents; `chunks` counts those that were added."""

    added: int
    changed: int
    removed: int
    unchanged: int
    failed: tuple[Failure, ...]
    chunks: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The report as `nightshift ingest --json` ends in it."""
        return {
            "added": self.added,
            "changed": self.changed,
            "removed": self.removed,
            "unchanged": self.unchanged,
            "failed": [{"path": failure.path, "reason": failure.reason} for failure in self.failed],
        }


def ingest_paths(
    engine: sa.Engine,
    settings: Settings,
    encoders: Encoders,
    paths: Sequence[Path],
    *,
    audience_id: int | None = None,
    prune: bool = False,
    dry_run: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> IngestReport:
    """Brings the store level with the files under `paths`; a file that can't be read is reported, the others go in.

    Unchanged documents are told by their hash, without loading an encoder. Killed anywhere, the next pass goes on; two
    passes at once do the same as one. Memory is bounded by one batch and one file.

    Args:
        engine: the store.
        settings: how documents are split, and the base model that the first documents are encoded with.
        encoders: gives each generation its encoder.
        paths: files and folders.
        audience_id: who may see the documents; None: new ones are public, known ones keep their audience.
        prune: also remove documents under the folders among `paths` whose files are gone.
        dry_run: change nothing, and report what would change.
        progress: called as files and chunks are done.

    Raises:
        UnknownIdError: there is no such audience.
    """
    started = time.monotonic()
    if audience_id is not None:
        require_audience(engine, audience_id)
    with PageReader() as read_page:
        work = _Pass(engine, settings, encoders, audience_id, dry_run, progress or (lambda _: None), read_page)
        work.files_total = sum(1 for _ in find_files(paths))
        for group in _grouped(find_files(paths), _LOOKUP_FILES):
            work.take_files(group)
        work.write_batch()
    if prune:
        for path in paths:
            work.prune_folder(os.path.abspath(path))
    return IngestReport(
        added=work.added,
        changed=work.changed,
        removed=work.removed,
        unchanged=work.unchanged,
        failed=tuple(work.failed),
        chunks=work.chunks,
        seconds=time.monotonic() - started,
    )


@dataclass(slots=True)
class _Pass:
    engine: sa.Engine
    settings: Settings
    encoders: Encoders
    audience_id: int | None
    dry_run: bool
    progress: Callable[[Progress], None]
    read_page: ReadPage
    files_total: int = 0
    files_done: int = 0
    chunks_done: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    chunks: int = 0
    failed: list[Failure] = field(default_factory=list)
    batch: list[DocumentDraft] = field(default_factory=list)
    batch_chars: int = 0
    has_generation: bool = False

    def take_files(self, group: Sequence[FoundFile | Failure]) -> None:
        known = known_documents(self.engine, [file.uri for file in group if isinstance(file, FoundFile)])
        for file in group:
            if isinstance(file, Failure):
                self._settle(file.path, file)
                continue
            try:
                data = read_file(file)
                content_hash = self._hash(data)
                stored = known.get(file.uri)
                if stored is not None and stored.is_as(content_hash, self.audience_id):
                    self.unchanged += 1
                    self._settle(file.path)
                    continue
                draft = self._draft(file, data, content_hash)
            except BadInputError as error:
                self._settle(file.path, Failure(file.path, str(error)))
                continue
            if self.dry_run:
                is_new = stored is None or stored.deleted
                self.added += is_new
                self.changed += not is_new
                self.chunks += len(draft.chunks)
                self._settle(file.path)
                continue
            self.batch.append(draft)
            self.batch_chars += sum(len(chunk.encoded) for chunk in draft.chunks)
            if self.batch_chars >= BATCH_CHARS:
                self.write_batch(file.path)

    def write_batch(self, path: str = "") -> None:
        """Encodes and stores what was gathered."""
        if not self.batch:
            return
        if not self.has_generation:
            ensure_base_generation(self.engine, self.settings)
            self.has_generation = True
        chunks_before = self.chunks_done
        counted: set[int] = set()

        def encode(generation: Generation, texts: Sequence[str]) -> NDArray[np.float32]:
            counted.add(generation.id)
            is_first = len(counted) == 1

            def show(n: int) -> None:
                self.chunks_done += n if is_first else 0
                settled = len(self.batch) * min(1.0, (self.chunks_done - chunks_before) / len(texts))
                self.progress(Progress(self.files_done + int(settled), self.files_total, self.chunks_done, path))

            return self.encoders.get(generation).encode_passages(texts, show)

        written = write_documents(self.engine, self.batch, encode)
        self.added += written.added
        self.changed += written.changed
        self.unchanged += written.unchanged
        self.chunks += written.chunks
        self.files_done += len(self.batch)
        self.batch, self.batch_chars = [], 0
        self.progress(Progress(self.files_done, self.files_total, self.chunks_done, path))

    def prune_folder(self, folder: str) -> None:
        """Removes documents under a folder whose files are gone; a folder that isn't there itself is left alone."""
        if not os.path.isdir(folder):
            return
        for uris in list_documents_under(self.engine, file_uri(folder).rstrip("/") + "/"):
            gone = [uri for uri in uris if is_gone(uri)]
            if gone:
                self.removed += len(gone) if self.dry_run else remove_documents(self.engine, gone)

    def _draft(self, file: FoundFile, data: bytes, content_hash: bytes) -> DocumentDraft:
        try:
            extracted = extract_document(data, PurePath(file.path), self.read_page)
            pieces = split_document(
                extracted.text, self.settings.chunk_size, self.settings.chunk_overlap, headings=extracted.headings
            )
        except BadInputError:
            raise
        except Exception as error:  # whatever a parser trips over in one file, the others go in
            _log.warning("a file can't be read: %s", type(error).__name__)
            raise BadInputError(f"it can't be read ({type(error).__name__})") from error
        return DocumentDraft(
            uri=file.uri,
            title=extracted.title,
            content_hash=content_hash,
            chunks=[draft_chunk(extracted.title, piece.section, piece.text) for piece in pieces],
            audience_id=self.audience_id,
            owner=extracted.owner,
            front_matter=extracted.front_matter,
        )

    def _hash(self, data: bytes) -> bytes:
        digest = hashlib.sha256(f"{_FORMAT}/{self.settings.chunk_size}/{self.settings.chunk_overlap}/".encode())
        digest.update(data)
        return digest.digest()

    def _settle(self, path: str, failure: Failure | None = None) -> None:
        if failure is not None:
            self.failed.append(failure)
        self.files_done += 1
        self.progress(Progress(self.files_done, self.files_total, self.chunks_done, path))


def _grouped(files: Iterable[FoundFile | Failure], n: int) -> Iterator[list[FoundFile | Failure]]:
    iterator = iter(files)
    while group := list(islice(iterator, n)):
        yield group
