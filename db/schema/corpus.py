"""Documents, their passages, and who may see them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from db.schema.columns import identity, metadata, now, one_of, time

PUBLIC_AUDIENCE_ID = 1
"""The audience that everyone is in; the first migration inserts it, as a later one inserts the only one of kind
`nobody`."""

audience = sa.Table(
    "audience",
    metadata,
    identity(),
    sa.Column("workspace", sa.Text, nullable=False, server_default="", comment="Slack team id; '' for all"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, comment="channel id of a channel, else a name"),
    now("created_at"),
    sa.Column(
        "slack_id",
        sa.Text,
        comment="what Slack has by that name, 'workspace:id', since it was first met: another by the same name is "
        "another",
    ),
    sa.Column(
        "contested_by",
        sa.Text,
        comment="what else in Slack was met by that name, 'workspace:id': nobody sees what is for it until a person "
        "says which is meant",
    ),
    sa.Column(
        "is_settled",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="a person said what has that name; no other by it contests that",
    ),
    sa.UniqueConstraint("workspace", "kind", "name"),
    one_of("kind", "public", "channel", "group", "person", "any", "nobody"),
)

audience_part = sa.Table(
    "audience_part",
    metadata,
    sa.Column("audience_id", sa.ForeignKey("audience.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("part_id", sa.ForeignKey("audience.id"), primary_key=True, index=True),
    comment="whoever is in one of its parts is in an audience of kind 'any'",
)

audience_member = sa.Table(
    "audience_member",
    metadata,
    sa.Column("audience_id", sa.ForeignKey("audience.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("person", sa.Text, primary_key=True, index=True),
    sa.Column(
        "until",
        sa.DateTime(timezone=True),
        comment="a membership that Slack told of counts until then; without, until it is taken away",
    ),
)

source = sa.Table(
    "source",
    metadata,
    identity(),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column(
        "settings",
        JSONB,
        nullable=False,
        comment="where it is and whom its documents are for; of a secret the name of its variable, never itself",
    ),
    sa.Column("every_s", sa.Integer, comment="seconds from one sync to the next; without, it is synced by hand alone"),
    sa.Column("due_at", sa.DateTime(timezone=True), comment="when the next sync is due; without, none is"),
    sa.Column("cursor", sa.Text, comment="the next sync may list from here; without, from the beginning"),
    sa.Column("synced_at", sa.DateTime(timezone=True), comment="when a sync ended last, however it ended"),
    sa.Column("outcome", JSONB, comment="what that sync did, and what failed"),
    sa.Column(
        "is_going",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="its removal has begun, and whoever comes to it next ends that",
    ),
    now("created_at"),
    one_of("kind", "directory", "git", "website", "loader"),
)

source_item = sa.Table(
    "source_item",
    metadata,
    sa.Column("source_id", sa.ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("state", JSONB, nullable=False),
    comment="what a source remembers of a thing that it listed, so that it needn't fetch it again",
)

slack_guest = sa.Table(
    "slack_guest",
    metadata,
    sa.Column("person", sa.Text, primary_key=True),
    now("told_at"),
    comment="who is no full member of their workspace, as Slack told: they don't see what is for all",
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
    sa.Column(
        "changed_at",
        sa.DateTime(timezone=True),
        nullable=False,
        server_default=sa.func.now(),
        comment="when its words changed last, as far as was read in",
    ),
    time("deleted_at"),
    sa.Column(
        "audience_from",
        sa.Text,
        nullable=False,
        server_default="",
        comment="who said which audience: '' nobody, 'source', 'document' itself, or 'person', whom no pass overrules",
    ),
    sa.Column(
        "owner_is_set",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="a person said who owns it, whom no pass overrules",
    ),
    sa.Column(
        "source_id",
        sa.ForeignKey("source.id", ondelete="SET NULL"),
        index=True,
        comment="whose it is, of those that are synced; without, it was read in by hand",
    ),
    sa.Column(
        "audience_before",
        sa.BigInteger,
        comment="id of the audience that had it until what is said of its readers couldn't be made out",
    ),
    sa.Column(
        "sketch",
        sa.ARRAY(sa.BigInteger),
        comment="of one that was removed and wasn't for all: by which it is known again if it comes back elsewhere",
    ),
    sa.Column(
        "signature",
        sa.LargeBinary,
        comment="by which documents that say nearly the same are told; without, it wasn't read since they are",
    ),
    one_of("audience_from", "", "source", "document", "person"),
    sa.Index("ix_document_title", sa.text("lower(title)"), postgresql_using="hash"),
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
    sa.Column(
        "place",
        sa.Text,
        nullable=False,
        server_default="",
        comment="what the document's address ends in so that it opens there: '#page=3'",
    ),
)
