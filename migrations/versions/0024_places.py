"""A passage knows its place in its document, at which a citation opens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "chunk",
        sa.Column(
            "place",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="what the document's address ends in so that it opens there: '#page=3'",
        ),
    )


def downgrade() -> None:
    op.drop_column("chunk", "place")
