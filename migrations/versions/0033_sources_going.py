"""A source whose removal has begun stays one that goes, whatever ended that."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """No removal that was cut off before is known of."""
    op.add_column(
        "source",
        sa.Column(
            "is_going",
            sa.Boolean,
            nullable=False,
            server_default=sa.false(),
            comment="its removal has begun, and whoever comes to it next ends that",
        ),
    )


def downgrade() -> None:
    """One that was to go stays, synced by hand alone."""
    op.execute("UPDATE source SET due_at = NULL WHERE is_going")
    op.drop_column("source", "is_going")
