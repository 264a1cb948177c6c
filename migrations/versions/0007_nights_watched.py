"""A night's signs of life, attempts that were stopped rather than died, and what was told of overdue nights."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "retrain_run",
        sa.Column(
            "stopped",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="attempts that did not die: stopped, or let go to start over",
        ),
    )
    op.add_column(
        "retrain_run",
        sa.Column("beat_at", sa.DateTime(timezone=True), comment="the last sign of life of the process that has it"),
    )
    op.add_column("retrain_run", sa.Column("holder", sa.Text(), comment="that process: its host and number"))
    op.create_table(
        "overdue_notice",
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("message_ts", sa.Text()),
        sa.PrimaryKeyConstraint("about", name=op.f("pk_overdue_notice")),
        comment="what the admin channel was told of nights that are overdue, each once",
    )


def downgrade() -> None:
    op.drop_table("overdue_notice")
    for column in ("holder", "beat_at", "stopped"):
        op.drop_column("retrain_run", column)
