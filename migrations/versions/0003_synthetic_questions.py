"""Questions that a language model wrote for passages nobody asked about, and triplets that come of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "synthetic_question",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("chunk_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["chunk_id"], ["chunk.id"], name=op.f("fk_synthetic_question_chunk_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synthetic_question")),
        comment="written by a language model to learn from; never shown to anybody",
    )
    op.create_index("uq_synthetic_question_text", "synthetic_question", ["chunk_id", sa.text("md5(text)")], unique=True)
    op.add_column("triplet", sa.Column("synthetic_id", sa.BigInteger()))
    op.create_foreign_key(
        op.f("fk_triplet_synthetic_id"), "triplet", "synthetic_question", ["synthetic_id"], ["id"], ondelete="CASCADE"
    )
    op.create_index(op.f("ix_triplet_synthetic_id"), "triplet", ["synthetic_id"])
    op.drop_constraint(op.f("ck_triplet_one_anchor"), "triplet")
    op.create_check_constraint(
        op.f("ck_triplet_one_anchor"), "triplet", "num_nonnulls(question_id, pair_id, synthetic_id) = 1"
    )


def downgrade() -> None:
    op.execute("DELETE FROM triplet WHERE synthetic_id IS NOT NULL")
    op.drop_column("triplet", "synthetic_id")  # its constraint goes along
    op.create_check_constraint(op.f("ck_triplet_one_anchor"), "triplet", "(question_id IS NULL) <> (pair_id IS NULL)")
    op.drop_table("synthetic_question")
