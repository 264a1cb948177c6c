"""One queue: every claim is numbered, a report's, a notice's and a decision's too."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

_CLAIMED_ONCE = ("posted_report", "overdue_notice")


def upgrade() -> None:
    """What is there was claimed once; what is asked for is still to be."""
    for table in _CLAIMED_ONCE:
        op.add_column(table, sa.Column("attempts", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("decision_request", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("decision_request", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """As it was."""
    op.drop_column("decision_request", "attempts")
    op.drop_column("decision_request", "claimed_at")
    for table in _CLAIMED_ONCE:
        op.drop_column(table, "attempts")
