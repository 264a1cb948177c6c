"""What each run learnt from is known whatever became of its passages."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """A night starts from all that was said so far: what one trained on, later ones are taken to have learnt too."""
    op.create_table(
        "learnt_from",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), comment="it, or the one that the pair is about"),
        sa.Column("pair_id", sa.BigInteger(), comment="may be gone"),
        sa.Column("added_by", sa.Text(), comment="whose pair it is"),
        sa.CheckConstraint("num_nonnulls(question_id, pair_id) > 0", name=op.f("ck_learnt_from_question_or_pair")),
        sa.ForeignKeyConstraint(["run_id"], ["retrain_run.id"], name=op.f("fk_learnt_from_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learnt_from")),
        comment="every question and pair that a run learnt from, whatever became of their passages;"
        " goes when it is erased",
    )
    op.create_index(
        "uq_learnt_from_run_source",
        "learnt_from",
        ["run_id", sa.text("coalesce(question_id, 0)"), sa.text("coalesce(pair_id, 0)")],
        unique=True,
    )
    op.execute(
        "INSERT INTO learnt_from (run_id, question_id, pair_id, added_by)"
        " SELECT g.run_id, t.question_id, t.pair_id,"
        " CASE WHEN t.pair_id IS NOT NULL THEN coalesce(p.added_by, t.person) END"
        " FROM trained_question t JOIN generation g ON g.run_id >= t.run_id"
        " LEFT JOIN curated_pair p ON p.id = t.pair_id ORDER BY g.run_id, t.id ON CONFLICT DO NOTHING"
    )


def downgrade() -> None:
    """As it was."""
    op.drop_table("learnt_from")
