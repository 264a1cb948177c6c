"""From a document to what people said of it where it was shown, past all that it was only found for."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Of 50 passages that a question finds a few are shown; reasons go with their citations, which look for them."""
    op.create_index("ix_impression_shown", "impression", ["chunk_id"], postgresql_where=sa.text("shown"))
    op.create_index("ix_vote_reason_citation_id", "vote_reason", ["citation_id"])


def downgrade() -> None:
    """Nothing is lost."""
    op.drop_index("ix_vote_reason_citation_id", "vote_reason")
    op.drop_index("ix_impression_shown", "impression")
