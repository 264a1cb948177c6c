"""What nights trained on outlives the questions and pairs it came from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trained_question",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="the first that trained on it"),
        sa.Column("question_id", sa.BigInteger(), comment="it, or the one that the pair is about; may be gone"),
        sa.Column("pair_id", sa.BigInteger(), comment="may be gone"),
        sa.Column("text", sa.Text(), nullable=False, comment="as it trained"),
        sa.Column("person", sa.Text(), nullable=False, comment="whose words these are"),
        sa.CheckConstraint("num_nonnulls(question_id, pair_id) > 0", name=op.f("ck_trained_question_question_or_pair")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["retrain_run.id"], name=op.f("fk_trained_question_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trained_question")),
        comment="never judges, nor anything like it; goes when it is erased, and not with its question or pair",
    )
    op.create_index(
        "uq_trained_question_source_text",
        "trained_question",
        [sa.text("coalesce(question_id, 0)"), sa.text("coalesce(pair_id, 0)"), sa.text("md5(text)")],
        unique=True,
    )
    # what earlier nights made a candidate of, as far as it is still there
    op.execute(
        "INSERT INTO trained_question (run_id, question_id, pair_id, text, person)"
        " SELECT min(t.run_id), coalesce(t.question_id, p.question_id), t.pair_id,"
        " coalesce(p.prompt, q.rewritten_text, q.raw_text), coalesce(q.person, p.added_by)"
        " FROM triplet t JOIN generation g ON g.run_id = t.run_id"
        " LEFT JOIN curated_pair p ON p.id = t.pair_id"
        " LEFT JOIN question q ON q.id = coalesce(t.question_id, p.question_id)"
        " WHERE t.synthetic_id IS NULL GROUP BY 2, 3, 4, 5 ORDER BY 2, 3"
    )


def downgrade() -> None:
    op.drop_table("trained_question")
