"""Words count beside vectors: how much for a generation, and what each passage had of both when it was found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "generation",
        sa.Column(
            "words_weight", sa.Float(), server_default="0.35", nullable=False, comment="of words beside the cosine"
        ),
    )
    op.drop_column("impression", "text_score")  # nothing was ever written there
    unknown = "NULL: words weren't looked at"
    for column in (
        sa.Column("words", sa.Float(), comment=f"BM25 as a share of the question's idf; {unknown}"),
        sa.Column("coverage", sa.Float(), comment=f"share of the question's idf that it has; {unknown}"),
        sa.Column("score", sa.Float(), comment="what the list was ordered by"),
    ):
        op.add_column("impression", column)
    op.execute("UPDATE impression SET score = similarity")  # what ordered it until now
    op.alter_column("impression", "score", nullable=False)


def downgrade() -> None:
    for name in "words", "coverage", "score":
        op.drop_column("impression", name)
    op.add_column(
        "impression", sa.Column("text_score", sa.Float(), nullable=True, comment="full text, where it was used")
    )
    op.drop_column("generation", "words_weight")
