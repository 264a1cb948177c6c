"""Documents are looked up by their titles, so that a reader is told where a newer one has the same."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"

_COMMENT = "when its words changed last, as far as was read in"


def upgrade() -> None:
    """A hash takes titles of any length."""
    op.create_index("ix_document_title", "document", [sa.text("lower(title)")], postgresql_using="hash")
    op.alter_column("document", "changed_at", comment=_COMMENT)


def downgrade() -> None:
    """Nothing is lost."""
    op.drop_index("ix_document_title", "document")
    op.alter_column("document", "changed_at", comment=None, existing_comment=_COMMENT)
