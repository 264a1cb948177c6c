"""Refusals: nearness is counted from that of unrelated questions, for each generation, and a question says why.

The similarity under which nothing was relevant lay about so far above what unrelated questions reach.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_ABOVE = 0.118


def upgrade() -> None:
    """The place of unrelated questions follows from the similarity that was needed, until it is measured."""
    op.add_column(
        "generation",
        sa.Column(
            "unrelated_nearness",
            sa.Float(),
            nullable=False,
            server_default="0.182",
            comment="mean cosine of sources to questions that no document answers: nearness counts from it",
        ),
    )
    op.add_column(
        "generation",
        sa.Column("unrelated_spread", sa.Float(), nullable=False, server_default="0.086", comment="and its spread"),
    )
    op.execute(f"UPDATE generation SET unrelated_nearness = min_similarity - {_ABOVE} WHERE min_similarity > 0")  # noqa: S608
    op.drop_column("generation", "min_similarity")
    op.add_column(
        "question", sa.Column("refused_because", sa.Text(), comment="why it wasn't answered from what was found")
    )


def downgrade() -> None:
    """As it was; why questions weren't answered is forgotten."""
    op.drop_column("question", "refused_because")
    op.add_column(
        "generation",
        sa.Column(
            "min_similarity",
            sa.Float(),
            nullable=True,
            comment="cosine under which nothing is relevant",
        ),
    )
    op.execute(f"UPDATE generation SET min_similarity = unrelated_nearness + {_ABOVE}")  # noqa: S608
    op.alter_column("generation", "min_similarity", nullable=False)
    op.drop_column("generation", "unrelated_spread")
    op.drop_column("generation", "unrelated_nearness")
