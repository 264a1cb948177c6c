"""Documents, their passages, and who may see them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from db.schema.columns import identity, metadata, now, one_of, time

PUBLIC_AUDIENCE_ID = 1
"""The audience that everyone is in; the first migration inserts it."""

audience = sa.Table(
    "audience",
    metadata,
    identity(),
    sa.Column("workspace", sa.Text, nullable=False, server_default="", comment="Slack team id; '' for all"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, comment="channel id of a channel, else a name"),
    now("created_at"),
    sa.UniqueConstraint("workspace", "kind", "name"),
    one_of("kind", "public", "channel", "group"),
)

audience_member = sa.Table(
    "audience_member",
    metadata,
    sa.Column("audience_id", sa.ForeignKey("audience.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("person", sa.Text, primary_key=True, index=True),
)

document = sa.Table(
    "document",
    metadata,
    identity(),
    sa.Column("source_uri", sa.Text, nullable=False, unique=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column(
        "content_hash",
        sa.LargeBinary,
        nullable=False,
        comment="sha256 of the bytes and of how they were split",
    ),
    sa.Column("audience_id", sa.ForeignKey("audience.id"), nullable=False, server_default=str(PUBLIC_AUDIENCE_ID)),
    sa.Column("owner", sa.Text),
    sa.Column("front_matter", JSONB, nullable=False, server_default="{}"),
    now("changed_at"),
    time("deleted_at"),
)

corpus = sa.Table(
    "corpus",
    metadata,
    sa.Column("singleton", sa.Boolean, primary_key=True, server_default=sa.true()),
    sa.Column("changes", sa.BigInteger, nullable=False, comment="how often documents were changed"),
    sa.CheckConstraint("singleton", name="one_row"),
)

chunk = sa.Table(
    "chunk",
    metadata,
    identity(),
    sa.Column("document_id", sa.ForeignKey("document.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("section", sa.Text, nullable=False, comment="headings above it, 'Benefits > Leave'"),
    sa.Column("text", sa.Text, nullable=False, comment="never changes: another text is another chunk"),
    sa.Column("text_hash", sa.LargeBinary, nullable=False, comment="sha256 of what is encoded"),
)
