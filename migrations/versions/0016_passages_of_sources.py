"""A source is a document with its passages: each passage that was in an answer says of which source it was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CHANCE = "probability that it was shown; NULL if it couldn't be"
CHANCE_OF_DOCUMENT = "probability that its document was shown, at the document's best passage; NULL: it couldn't be"


def upgrade() -> None:
    op.add_column(
        "impression",
        sa.Column(
            "source_number", sa.Integer(), comment="of the source that it was a passage of; NULL: it was not shown"
        ),
    )
    op.execute("UPDATE impression SET source_number = c.number FROM citation c WHERE c.impression_id = impression.id")
    op.alter_column("impression", "propensity", existing_comment=CHANCE, comment=CHANCE_OF_DOCUMENT)
    op.execute("DELETE FROM kept_snapshot")  # votes in there have no passages; a night under way reads anew
    op.alter_column("citation", "impression_id", comment="the passage that leads: cited or quoted, or the best")


def downgrade() -> None:
    # what was shown was cited
    op.execute(
        "UPDATE impression SET shown = false"
        " WHERE shown AND NOT EXISTS (SELECT FROM citation c WHERE c.impression_id = impression.id)"
    )
    op.alter_column(
        "citation",
        "impression_id",
        existing_comment="the passage that leads: cited or quoted, or the best",
        comment=None,
    )
    op.alter_column("impression", "propensity", existing_comment=CHANCE_OF_DOCUMENT, comment=CHANCE)
    op.drop_column("impression", "source_number")
