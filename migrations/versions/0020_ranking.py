"""A generation has a ranking of several features, and what each passage had of them is kept with the answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_FEATURES = {
    "pairs": "share of the question's neighbouring words that are so in it",
    "in_title": "share of the question's words in its document's title",
    "in_opening": "share of the question's words in its first ones",
    "length": "natural logarithm of how many words it has, and one",
}


def upgrade() -> None:
    op.add_column(
        "generation",
        sa.Column(
            "ranking",
            JSONB(),
            server_default="{}",
            nullable=False,
            comment="weights that order what words and vectors found; empty: as they ship",
        ),
    )
    op.drop_column("generation", "words_weight")  # nothing ever set it
    for name, what in _FEATURES.items():
        op.add_column("impression", sa.Column(name, sa.Float(), comment=f"{what}; NULL: of before it was looked at"))


def downgrade() -> None:
    for name in _FEATURES:
        op.drop_column("impression", name)
    op.add_column(
        "generation",
        sa.Column(
            "words_weight", sa.Float(), server_default="0.35", nullable=False, comment="of words beside the cosine"
        ),
    )
    op.drop_column("generation", "ranking")
