"""Reviews of documents, decisions by people, channels' settings, failures, reports posted, and threads' index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = ("posted_report", "failure_count", "channel_setting", "decision_request", "document_review")


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "document_review",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("reported_by", sa.Text(), nullable=False, comment="who said that it is outdated"),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        _now("reported_at"),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("settled_by", sa.Text()),
        sa.CheckConstraint("state IN ('open', 'still_right', 'will_fix')", name=op.f("ck_document_review_state")),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk_document_review_document_id_document"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_review")),
    )
    op.create_index(op.f("ix_document_review_document_id"), "document_review", ["document_id"])
    op.create_index(
        "uq_document_review_open",
        "document_review",
        ["document_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "decision_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("generation_id", sa.BigInteger(), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        _now("requested_at"),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.Text(), comment="one plain sentence, once it is done"),
        sa.CheckConstraint("wanted IN ('promote', 'reject', 'roll_back')", name=op.f("ck_decision_request_wanted")),
        sa.ForeignKeyConstraint(
            ["generation_id"],
            ["generation.id"],
            name=op.f("fk_decision_request_generation_id_generation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_request")),
        comment="asked for by people, carried out by the night process",
    )
    op.create_index(op.f("ix_decision_request_generation_id"), "decision_request", ["generation_id"])
    op.create_table(
        "channel_setting",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        _now("changed_at"),
        sa.CheckConstraint("answers IN ('mention', 'always', 'off')", name=op.f("ck_channel_setting_answers")),
        sa.PrimaryKeyConstraint("workspace", "channel", name=op.f("pk_channel_setting")),
    )
    op.create_table(
        "failure_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="the kind of error, or Slack's own code; never a text"),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", name=op.f("pk_failure_count")),
    )
    op.create_table(
        "posted_report",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("message_ts", sa.Text(), comment="NULL: claimed, not yet posted"),
        sa.Column("shown", sa.LargeBinary(), comment="digest of what the message shows; NULL: it has to be made anew"),
        _now("claimed_at"),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["retrain_run.id"],
            name=op.f("fk_posted_report_run_id_retrain_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_posted_report")),
    )
    op.create_index("ix_question_thread", "question", ["workspace", "channel", "thread_ts"])
    op.add_column(
        "retrain_run",
        sa.Column(
            "report_outdated",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="its kept page says what was decided otherwise since, or quotes what was erased",
        ),
    )
    _allow_decisions("'promoted', 'refused', 'pending'")


def downgrade() -> None:
    op.execute("UPDATE retrain_run SET decision = 'refused' WHERE decision = 'pending'")
    _allow_decisions("'promoted', 'refused'")
    op.drop_column("retrain_run", "report_outdated")
    op.drop_index("ix_question_thread", "question")
    for table in _TABLES:
        op.drop_table(table)


def _allow_decisions(values: str) -> None:
    op.drop_constraint(op.f("ck_retrain_run_decision"), "retrain_run", type_="check")
    op.create_check_constraint(op.f("ck_retrain_run_decision"), "retrain_run", f"decision IN ({values})")
