"""A document's bytes become what is stored of it: extracted, split, and drafted chunk by chunk."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from db.corpus import ChunkDraft, DocumentDraft, draft_chunk
from db.errors import BadInputError, NightshiftError
from db.models import passage_text, token_budget
from intake.chunking import Piece, shorten_to, split_document
from intake.extract import ReadFile, extract_document, read_apart

if TYPE_CHECKING:
    from db.models import TokenBudget
    from db.settings import Settings
    from intake.extract import Extracted
    from intake.sources import Listed

_FORMAT = 6
"""Grows when documents come out of extraction or splitting differently: all are then read anew."""

_MOST_TITLE = 0.25

_log = logging.getLogger(__name__)


def hash_content(settings: Settings, told: bytes) -> bytes:
    """What a stored document is known by: its bytes, or its version, and how documents are split."""
    cut_by = f"{settings.chunk_size}/{settings.chunk_overlap}/{settings.base_model}"
    digest = hashlib.sha256(f"{_FORMAT}/{cut_by}/".encode())
    digest.update(told)
    return digest.digest()


def draft_document(
    settings: Settings, listed: Listed, data: bytes, content_hash: bytes, read_file: ReadFile
) -> DocumentDraft:
    """The document as it should be stored, by its source's word; what isn't text is read by `read_file`.

    Where its own word for who may see it can't be made out, its hash is such that the next pass reads it again.

    Raises:
        NoTextError: it holds no text, and so is none.
        BadInputError: it can't be read; the message is a reason without its name.
    """
    try:
        extracted, chunks = draft_chunks(settings, data, PurePath(listed.file_name or listed.name), read_file)
    except NightshiftError:
        raise
    except Exception as error:  # whatever a parser trips over in one document, the others go in
        _log.warning("a document can't be read: %s", type(error).__name__)
        raise BadInputError(f"it can't be read ({type(error).__name__})") from error
    return DocumentDraft(
        uri=listed.uri,
        title=extracted.title,
        content_hash=hashlib.sha256(content_hash).digest() if extracted.audience_problem else content_hash,
        chunks=chunks,
        audience_id=listed.audience_id,
        owner=extracted.owner,
        front_matter=extracted.front_matter,
        audience_from="" if listed.audience_id is None else "source",
        own_audience=extracted.audience,
        audience_problem=extracted.audience_problem,
        secrets_masked=extracted.secrets_masked,
        data_left_out=extracted.data_left_out,
        is_unclear=listed.is_unclear,
        otherwise_id=listed.otherwise_id,
    )


def draft_chunks(
    settings: Settings, data: bytes, path: PurePath, read_file: ReadFile = read_apart
) -> tuple[Extracted, list[ChunkDraft]]:
    """A file's text, by its name's suffix, and the chunks it is split into.

    A title that takes more than a quarter of what the base model reads is shortened, and is text too.

    Raises:
        NoTextError: it is empty.
        BadInputError: it is binary or too large; the message is a reason without its name.
        ModelError: the base model, by whose tokens it is split, can't be found.
    """
    extracted = extract_document(data, path, read_file)
    budget = token_budget(settings.base_model)
    if budget is not None:
        extracted = _with_fitting_title(extracted, budget)

    def shares(pieces: Sequence[Piece]) -> list[float]:
        texts = [passage_text(extracted.title, piece.section, piece.text) for piece in pieces]
        return budget.shares(texts) if budget is not None else [0.0] * len(pieces)

    pieces = split_document(extracted.sections, settings.chunk_size, settings.chunk_overlap, shares)
    return extracted, [
        draft_chunk(extracted.title, piece.section, piece.text, settings.language_names, piece.place)
        for piece in pieces
    ]


def _with_fitting_title(extracted: Extracted, budget: TokenBudget) -> Extracted:
    whole, sections = extracted.title, list(extracted.sections)
    title = shorten_to(whole, lambda text: budget.shares([text])[0] <= _MOST_TITLE) or "…"
    if title != whole and sections and sections[0].path[:1] != (whole,):
        sections[0] = replace(sections[0], text=f"{whole}\n\n{sections[0].text}")
    return replace(extracted, title=title, sections=sections)
