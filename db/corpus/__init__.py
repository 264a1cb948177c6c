"""Documents, their passages, and who may see them."""

from db.corpus.audiences import ChannelKind, personal_audiences, reply_audiences
from db.corpus.chunks import count_chunks, find_same_text, holds_any, read_passages, read_uris_of_chunks
from db.corpus.document import ChunkDraft, DocumentDraft, KnownDocument, Written, draft_chunk
from db.corpus.documents import (
    count_documents,
    known_documents,
    list_documents_under,
    list_known_under,
    read_whole_texts,
    remove_documents,
    require_audience,
    write_documents,
)
from db.corpus.handing_on import hash_passage
from db.corpus.inventory import StoredDocument, StoredPassage, list_matching, list_passages, list_titled
from db.corpus.nearness import split_words
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
    "list_passages",
    "list_matching",
    "list_titled",
    "StoredPassage",
    "StoredDocument",
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
    "find_same_text",
    "hash_passage",
    "holds_any",
    "known_documents",
    "list_documents_under",
    "list_known_under",
    "may_be_shown",
    "personal_audiences",
    "read_passages",
    "read_uris_of_chunks",
    "read_whole_texts",
    "remove_documents",
    "reply_audiences",
    "require_audience",
    "sources_visible_to",
    "split_words",
    "title_for",
    "visible_to",
    "was_shown_to",
    "write_documents",
]
