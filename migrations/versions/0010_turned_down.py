"""Which generations a person rolled back or rejected."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "generation",
        sa.Column(
            "turned_down_at",
            sa.DateTime(timezone=True),
            comment="when a person rolled it back or rejected it; NULL: nobody did, or somebody wanted it after all",
        ),
    )
    op.add_column("generation", sa.Column("turned_down_by", sa.Text()))
    op.add_column("generation", sa.Column("turned_down_how", sa.Text()))
    op.create_check_constraint(
        op.f("ck_generation_turned_down_how"), "generation", "turned_down_how IN ('rolled back', 'rejected')"
    )
    op.execute(  # the one that somebody had left for an older one, which is all that was kept of it
        "UPDATE generation SET turned_down_how = 'rolled back', turned_down_at = changed_at,"
        " turned_down_by = changed_by FROM active_generation"
        " WHERE generation.id = previous_id AND previous_id > current_id AND changed_by IS NOT NULL"
    )


def downgrade() -> None:
    for column in ("turned_down_how", "turned_down_by", "turned_down_at"):
        op.drop_column("generation", column)  # its constraint goes along
