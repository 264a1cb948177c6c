"""What was removed is known again wherever it comes back, and what was hidden by mistake whose it was before."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """What was removed before is known again by its bytes alone."""
    before = "id of the audience that had it until what is said of its readers couldn't be made out"
    op.add_column("document", sa.Column("audience_before", sa.BigInteger(), comment=before))
    sketch = "of one that was removed and wasn't for all: by which it is known again if it comes back elsewhere"
    op.add_column("document", sa.Column("sketch", sa.ARRAY(sa.BigInteger()), comment=sketch))


def downgrade() -> None:
    """What is hidden stays hidden."""
    op.drop_column("document", "sketch")
    op.drop_column("document", "audience_before")
