"""What a night reads is kept until it ends."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_snapshot",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["retrain_run.id"], name=op.f("fk_kept_snapshot_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_kept_snapshot")),
        comment="what an unfinished night reads, people's texts among it; gone with its end, or anybody's erasure",
    )


def downgrade() -> None:
    op.drop_table("kept_snapshot")
