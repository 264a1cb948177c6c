"""Whose words a question brings in, when somebody else wrote them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "question",
        sa.Column(
            "authors",
            ARRAY(sa.Text()),
            server_default="{}",
            nullable=False,
            comment="others whose words it brings in: who wrote the message that was chosen or forwarded",
        ),
    )
    op.create_index("ix_question_authors", "question", ["authors"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_column("question", "authors")  # its index goes along
