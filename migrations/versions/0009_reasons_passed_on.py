"""A reason that somebody has to hear of is known to have been passed on, or not yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("vote_reason", sa.Column("passed_on_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE vote_reason SET passed_on_at = given_at")


def downgrade() -> None:
    op.drop_column("vote_reason", "passed_on_at")
