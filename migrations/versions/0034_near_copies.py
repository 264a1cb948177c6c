"""What documents are compared by, so that of those that say nearly the same one is cited."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Documents get theirs as they are read anew, which the next pass does: they come out of extraction otherwise."""
    signature = "by which documents that say nearly the same are told; without, it wasn't read since they are"
    op.add_column("document", sa.Column("signature", sa.LargeBinary(), comment=signature))


def downgrade() -> None:
    """They are made from the documents' texts, and can be made again."""
    op.drop_column("document", "signature")
