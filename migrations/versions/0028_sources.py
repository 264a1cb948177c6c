"""Sources that are synced: where each is, how far it is read, and which documents are its."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """What was read in by hand stays nobody's, until a source lists it."""
    settings = "where it is and whom its documents are for; of a secret the name of its variable, never itself"
    every = "seconds from one sync to the next; without, it is synced by hand alone"
    cursor = "the next sync may list from here; without, from the beginning"
    op.create_table(
        "source",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("settings", JSONB(), nullable=False, comment=settings),
        sa.Column("every_s", sa.Integer(), comment=every),
        sa.Column("due_at", sa.DateTime(timezone=True), comment="when the next sync is due; without, none is"),
        sa.Column("cursor", sa.Text(), comment=cursor),
        sa.Column("synced_at", sa.DateTime(timezone=True), comment="when a sync ended last, however it ended"),
        sa.Column("outcome", JSONB(), comment="what that sync did, and what failed"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("kind IN ('directory', 'git', 'website')", name=op.f("ck_source_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("name", name=op.f("uq_source_name")),
    )
    op.create_table(
        "source_item",
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_source_item_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", "key", name=op.f("pk_source_item")),
        comment="what a source remembers of a thing that it listed, so that it needn't fetch it again",
    )
    whose = "whose it is, of those that are synced; without, it was read in by hand"
    op.add_column("document", sa.Column("source_id", sa.BigInteger(), nullable=True, comment=whose))
    op.create_foreign_key(
        op.f("fk_document_source_id"), "document", "source", ["source_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index(op.f("ix_document_source_id"), "document", ["source_id"], unique=False)


def downgrade() -> None:
    """Documents stay, with their votes, as if they had been read in by hand."""
    op.drop_column("document", "source_id")
    op.drop_table("source_item")
    op.drop_table("source")
