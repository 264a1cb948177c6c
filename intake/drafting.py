"""A document's bytes become what is stored of it: extracted, split, and drafted chunk by chunk; pure but for HTML."""

from __future__ import annotations

import hashlib
import logging
from pathlib import PurePath
from typing import TYPE_CHECKING

from db.corpus import ChunkDraft, DocumentDraft, draft_chunk
from db.errors import BadInputError
from intake.chunking import split_document
from intake.extract import ReadPage, extract_document, html_to_markdown

if TYPE_CHECKING:
    from db.settings import Settings
    from intake.extract import Extracted
    from intake.sources import Listed

_FORMAT = 2
"""Grows when documents come out of extraction or splitting differently: all are then read anew."""

_log = logging.getLogger(__name__)


def hash_content(settings: Settings, told: bytes) -> bytes:
    """What a stored document is known by: its bytes, or its version, and how documents are split."""
    digest = hashlib.sha256(f"{_FORMAT}/{settings.chunk_size}/{settings.chunk_overlap}/".encode())
    digest.update(told)
    return digest.digest()


def draft_document(
    settings: Settings, listed: Listed, data: bytes, content_hash: bytes, read_page: ReadPage
) -> DocumentDraft:
    """The document as it should be stored; HTML is read by `read_page`.

    Raises:
        NoTextError: it holds no text, and so is none.
        BadInputError: it can't be read; the message is a reason without its name.
    """
    try:
        extracted, chunks = draft_chunks(settings, data, PurePath(listed.name), read_page)
    except BadInputError:
        raise
    except Exception as error:  # whatever a parser trips over in one document, the others go in
        _log.warning("a document can't be read: %s", type(error).__name__)
        raise BadInputError(f"it can't be read ({type(error).__name__})") from error
    return DocumentDraft(
        uri=listed.uri,
        title=extracted.title,
        content_hash=content_hash,
        chunks=chunks,
        audience_id=listed.audience_id,
        owner=extracted.owner,
        front_matter=extracted.front_matter,
    )


def draft_chunks(
    settings: Settings, data: bytes, path: PurePath, read_page: ReadPage = html_to_markdown
) -> tuple[Extracted, list[ChunkDraft]]:
    """A file's text, by its name's suffix, and the chunks it is split into.

    Raises:
        NoTextError: it is empty.
        BadInputError: it is binary or too large; the message is a reason without its name.
    """
    extracted = extract_document(data, path, read_page)
    pieces = split_document(extracted.sections, settings.chunk_size, settings.chunk_overlap)
    return extracted, [
        draft_chunk(extracted.title, piece.section, piece.text, settings.language_names) for piece in pieces
    ]
