"""Documents, their passages, and who may see them."""

from db.corpus.audience_inventory import (
    StoredAudience,
    count_by_part,
    has_documents_for_some,
    list_audiences,
    read_members,
    read_parts,
)
from db.corpus.audience_rows import ensure_audience, find_audience
from db.corpus.audiences import ChannelKind, personal_audiences, reply_audiences
from db.corpus.chunks import count_chunks, find_same_text, holds_any, read_passages, read_uris_of_chunks
from db.corpus.copies import ShownCopy, list_copies, list_overlooked_copies
from db.corpus.document import ChunkDraft, DocumentDraft, KnownDocument, Written, draft_chunk
from db.corpus.documents import (
    adopt_document,
    count_documents,
    known_documents,
    list_documents_under,
    list_known_under,
    read_whole_texts,
    remove_documents,
    require_audience,
    set_audience,
    withdraw_documents,
    write_documents,
)
from db.corpus.handing_on import hash_passage
from db.corpus.inventory import StoredDocument, StoredPassage, list_matching, list_passages, list_titled
from db.corpus.likeness import CopyFinder, near_copies, sign_text
from db.corpus.memberships import (
    VALID_S,
    Told,
    bind_channel,
    has_named_channels,
    record_guest,
    record_told,
    settle_name,
    wanted_of_slack,
)
from db.corpus.named_audience import NOBODY, PUBLIC, NamedAudience, read_audience, write_audience
from db.corpus.nearness import split_words
from db.corpus.said_of_documents import forget_said_audience, set_owner
from db.corpus.sketch import make_sketch, resemblance
from db.corpus.visibility import (
    GONE_TITLE,
    asked_in_public,
    may_be_shown,
    sources_visible_to,
    title_for,
    visible_to,
    was_shown_to,
)
from db.corpus.withheld import Withheld, list_removed, list_withheld_by_persons
from db.schema import PUBLIC_AUDIENCE_ID

__all__ = [
    "ChannelKind",
    "ChunkDraft",
    "CopyFinder",
    "DocumentDraft",
    "GONE_TITLE",
    "KnownDocument",
    "NOBODY",
    "NamedAudience",
    "PUBLIC",
    "PUBLIC_AUDIENCE_ID",
    "ShownCopy",
    "StoredAudience",
    "StoredDocument",
    "StoredPassage",
    "Told",
    "VALID_S",
    "Withheld",
    "Written",
    "adopt_document",
    "asked_in_public",
    "bind_channel",
    "count_by_part",
    "count_chunks",
    "count_documents",
    "draft_chunk",
    "ensure_audience",
    "find_audience",
    "find_same_text",
    "forget_said_audience",
    "has_documents_for_some",
    "has_named_channels",
    "hash_passage",
    "holds_any",
    "known_documents",
    "list_audiences",
    "list_copies",
    "list_documents_under",
    "list_known_under",
    "list_matching",
    "list_overlooked_copies",
    "list_passages",
    "list_removed",
    "list_titled",
    "list_withheld_by_persons",
    "make_sketch",
    "may_be_shown",
    "near_copies",
    "personal_audiences",
    "read_audience",
    "read_members",
    "read_parts",
    "read_passages",
    "read_uris_of_chunks",
    "read_whole_texts",
    "record_guest",
    "record_told",
    "remove_documents",
    "reply_audiences",
    "require_audience",
    "resemblance",
    "set_audience",
    "set_owner",
    "settle_name",
    "sign_text",
    "sources_visible_to",
    "split_words",
    "title_for",
    "visible_to",
    "wanted_of_slack",
    "was_shown_to",
    "withdraw_documents",
    "write_audience",
    "write_documents",
]
