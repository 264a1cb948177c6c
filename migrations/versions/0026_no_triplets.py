"""What nights trained on is known by its questions and pairs; which passages they were set against, nobody read."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """A night's evidence keeps how many there were of each kind."""
    op.drop_table("triplet")


def downgrade() -> None:
    """As it was, empty."""
    op.create_table(
        "triplet",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.BigInteger()),
        sa.Column("pair_id", sa.BigInteger()),
        sa.Column("synthetic_id", sa.BigInteger()),
        sa.Column("positive_chunk_id", sa.BigInteger(), nullable=False),
        sa.Column("negative_chunk_id", sa.BigInteger()),
        sa.Column("kind", sa.Text(), nullable=False, comment="where the negative came from"),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.CheckConstraint("kind IN ('voted', 'mined', 'random')", name=op.f("ck_triplet_kind")),
        sa.CheckConstraint("num_nonnulls(question_id, pair_id, synthetic_id) = 1", name=op.f("ck_triplet_one_anchor")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_triplet_{column}"), ondelete="CASCADE")
            for column, table in (
                ("run_id", "retrain_run"),
                ("question_id", "question"),
                ("pair_id", "curated_pair"),
                ("synthetic_id", "synthetic_question"),
                ("positive_chunk_id", "chunk"),
                ("negative_chunk_id", "chunk"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triplet")),
    )
    for column in ("run_id", "question_id", "synthetic_id", "positive_chunk_id", "negative_chunk_id"):
        op.create_index(op.f(f"ix_triplet_{column}"), "triplet", [column])
