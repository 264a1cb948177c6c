"""Trials: a candidate and what serves answer some questions together, and people's votes decide between them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0037"
down_revision = "0036"

_TEAM = "whose pick its source was, in a trial; NULL: nobody's, or both had it at hand"
_ALPHA = "the chance of luck that promoting its candidate may use"
_LOOKS = "what was seen at each, the first first"
_DECISIONS = "decision IN ('promoted', 'refused', 'pending'{})"


def upgrade() -> None:
    """No trial was ever held."""
    op.create_table(
        "trial",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("incumbent_id", sa.BigInteger(), nullable=False, comment="what serves meanwhile"),
        sa.Column("candidate_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False, comment="proposed: an admin is to begin it"),
        sa.Column("alpha", sa.Float(), nullable=False, comment=_ALPHA),
        sa.Column("spent", sa.Float(), server_default="0", nullable=False, comment="how much of it its looks used"),
        sa.Column("share", sa.Float(), nullable=False, comment="of the questions that both answer"),
        sa.Column("most_questions", sa.Integer(), nullable=False, comment="that somebody had a say on; then it ends"),
        sa.Column("most_days", sa.Integer(), nullable=False, comment="after which it ends"),
        sa.Column(
            "looks", JSONB(), server_default="[]", nullable=False, comment="what was seen at each, the first first"
        ),
        sa.Column("proposed_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("started_by", sa.Text()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.Text()),
        sa.Column("reason", sa.Text(), comment="one plain sentence: why it ended as it did"),
        sa.CheckConstraint(
            "status IN ('proposed', 'running', 'promoted', 'dropped', 'undecided', 'stopped')",
            name=op.f("ck_trial_status"),
        ),
        sa.ForeignKeyConstraint(["incumbent_id"], ["generation.id"], name=op.f("fk_trial_incumbent_id")),
        sa.ForeignKeyConstraint(["candidate_id"], ["generation.id"], name=op.f("fk_trial_candidate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trial")),
        comment="a candidate and what serves answer the same questions, and people's votes decide; one at a time",
    )
    is_open = sa.text("status IN ('proposed', 'running')")
    op.create_index("uq_trial_open", "trial", [sa.text("(true)")], unique=True, postgresql_where=is_open)
    op.create_table(
        "trial_question",
        sa.Column("question_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("trial_id", sa.BigInteger(), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False, comment="sources that were shown"),
        sa.Column(
            "contested", sa.Integer(), nullable=False, comment="of them those that one team picked; 0: nobody wins"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_trial_question_question_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["trial.id"], name=op.f("fk_trial_question_trial_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_trial_question")),
        comment="questions that two generations answered together",
    )
    op.create_index(op.f("ix_trial_question_trial_id"), "trial_question", ["trial_id"], unique=False)
    op.add_column("impression", sa.Column("team", sa.Text(), comment=_TEAM))
    for side, whose in (("incumbent", "the serving generation"), ("candidate", "the candidate")):
        rank = f"in what {whose} found, in a trial"
        op.add_column("impression", sa.Column(f"{side}_rank", sa.Integer(), comment=rank))
    op.create_check_constraint(op.f("ck_impression_team"), "impression", "team IN ('incumbent', 'candidate')")
    _allow(_DECISIONS.format(", 'trial'"))


def downgrade() -> None:
    """What is on trial is refused, as it would have been: nothing showed it to be better."""
    op.execute("UPDATE retrain_run SET decision = 'refused' WHERE decision = 'trial'")
    op.execute(
        "UPDATE generation SET status = 'refused' FROM trial"
        " WHERE trial.candidate_id = generation.id AND trial.status IN ('proposed', 'running')"
    )
    op.execute("DELETE FROM in_service WHERE role = 'trial'")
    _allow(_DECISIONS.format(""))
    for column in ("team", "incumbent_rank", "candidate_rank"):
        op.drop_column("impression", column)
    op.drop_table("trial_question")
    op.drop_table("trial")


def _allow(decisions: str) -> None:
    op.drop_constraint(op.f("ck_retrain_run_decision"), "retrain_run")
    op.create_check_constraint(op.f("ck_retrain_run_decision"), "retrain_run", decisions)
