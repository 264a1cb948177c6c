"""Documents, their passages, and who may see them."""

from db.corpus.audiences import ChannelKind, personal_audiences, reply_audiences
from db.corpus.chunks import count_chunks, holds_any, read_passages, read_uris_of_chunks
from db.corpus.document import ChunkDraft, DocumentDraft, KnownDocument, Written, draft_chunk
from db.corpus.documents import (
    count_documents,
    known_documents,
    list_documents_under,
    remove_documents,
    require_audience,
    write_documents,
)
from db.corpus.visibility import (
    GONE_TITLE,
    asked_in_public,
    may_be_shown,
    sources_visible_to,
    title_for,
    visible_to,
    was_shown_to,
)
from db.schema import PUBLIC_AUDIENCE_ID

__all__ = [
    "ChannelKind",
    "ChunkDraft",
    "DocumentDraft",
    "GONE_TITLE",
    "KnownDocument",
    "PUBLIC_AUDIENCE_ID",
    "Written",
    "asked_in_public",
    "count_chunks",
    "count_documents",
    "draft_chunk",
    "holds_any",
    "known_documents",
    "list_documents_under",
    "may_be_shown",
    "personal_audiences",
    "read_passages",
    "read_uris_of_chunks",
    "remove_documents",
    "reply_audiences",
    "require_audience",
    "sources_visible_to",
    "title_for",
    "visible_to",
    "was_shown_to",
    "write_documents",
]
