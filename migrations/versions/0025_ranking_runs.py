"""Runs that fit a ranking alone, beside nights."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """What there is are nights."""
    comment = "what it makes anew: all, or a ranking"
    op.add_column("retrain_run", sa.Column("kind", sa.Text(), nullable=False, server_default="night", comment=comment))
    op.create_check_constraint(op.f("ck_retrain_run_kind"), "retrain_run", "kind IN ('night', 'ranking')")


def downgrade() -> None:
    """Those under way end: a night would be made of them."""
    op.execute(
        "UPDATE retrain_run SET status = 'failed', finished_at = now(), reasons = reasons || '[\"It was given up.\"]'"
        " WHERE kind = 'ranking' AND status IN ('requested', 'running')"
    )
    op.drop_column("retrain_run", "kind")
