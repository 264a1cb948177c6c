"""What was said of a passage goes on to the one that takes its place, and tells how near that one is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

AS_FOUND = "of the passage as it was found"


def upgrade() -> None:
    """What is about passages that stand may come back when they do; of those that are gone nobody knows the text."""
    op.add_column(
        "impression",
        sa.Column(
            "passage_hash",
            sa.LargeBinary(),
            nullable=False,
            server_default=sa.text("''"),
            comment="sha256 of its passage's text by now",
        ),
    )
    op.execute(
        "UPDATE impression SET passage_hash = sha256(convert_to(chunk.text, 'UTF8'))"
        " FROM chunk WHERE chunk.id = impression.chunk_id"
    )
    op.alter_column("impression", "passage_hash", server_default=None)
    op.add_column(
        "impression",
        sa.Column(
            "nearness",
            sa.Float(),
            nullable=False,
            server_default="1",
            comment="share of the found passage's words that its passage has by now, at least",
        ),
    )
    op.alter_column("impression", "chunk_text_hash", comment=AS_FOUND)
    op.create_index(
        "ix_impression_waiting", "impression", ["passage_hash"], postgresql_where=sa.text("chunk_id IS NULL")
    )
    op.execute("DELETE FROM kept_snapshot")  # votes in there tell no nearness; a night under way reads anew


def downgrade() -> None:
    op.drop_index("ix_impression_waiting", "impression")
    op.alter_column("impression", "chunk_text_hash", existing_comment=AS_FOUND, comment=None)
    op.drop_column("impression", "nearness")
    op.drop_column("impression", "passage_hash")
