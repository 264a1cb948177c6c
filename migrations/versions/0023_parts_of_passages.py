"""What was said of a passage is known to be of a part of the one that takes its place."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """What is there is of the whole."""
    part = "words of its passage that are of the found one; NULL: all of them"
    op.add_column("impression", sa.Column("part_from", sa.Integer(), comment=part))
    op.add_column("impression", sa.Column("part_to", sa.Integer(), comment="where they end"))


def downgrade() -> None:
    """As it was."""
    op.drop_column("impression", "part_to")
    op.drop_column("impression", "part_from")
