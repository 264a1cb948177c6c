"""Nights: runs, what they read, and what they trained on."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from db.schema.columns import attempts, identity, metadata, now, one_of, time

retrain_run = sa.Table(
    "retrain_run",
    metadata,
    identity(),
    sa.Column("kind", sa.Text, nullable=False, server_default="night", comment="what it makes anew: all, or a ranking"),
    sa.Column("trigger", sa.Text, nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    now("requested_at"),
    sa.Column(
        "due_at",
        sa.DateTime(timezone=True),
        unique=True,
        comment="the tick of a scheduled run: one run a tick",
    ),
    time("started_at"),
    time("finished_at"),
    sa.Column("status", sa.Text, nullable=False, server_default="requested"),
    sa.Column(
        "attempt",
        sa.Integer,
        nullable=False,
        server_default="0",
        comment="grows when a run is taken up again",
    ),
    sa.Column("phase", sa.Text),
    sa.Column("phases", JSONB, nullable=False, server_default="{}", comment="{phase: {seconds, …counts}}"),
    sa.Column("snapshot", JSONB, comment="{vote_event_id, pair_id, seed}: what the run learns from"),
    sa.Column("parent_id", sa.BigInteger, comment="the generation that served when it began"),
    sa.Column("decision", sa.Text),
    sa.Column("reasons", JSONB, nullable=False, server_default="[]"),
    sa.Column("evidence", JSONB, comment="what the gate saw"),
    sa.Column(
        "report_outdated",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="its kept page says what was decided otherwise since, or quotes what was erased",
    ),
    sa.Column(
        "stopped",
        sa.Integer,
        nullable=False,
        server_default="0",
        comment="attempts that did not die: stopped, or let go to start over",
    ),
    sa.Column("beat_at", sa.DateTime(timezone=True), comment="the last sign of life of the process that has it"),
    sa.Column("holder", sa.Text, comment="that process: its host and number"),
    one_of("kind", "night", "ranking"),
    one_of("trigger", "schedule", "cli", "slack", "console"),
    one_of("status", "requested", "running", "done", "failed"),
    one_of("decision", "promoted", "refused", "pending", "trial"),
)

kept_snapshot = sa.Table(
    "kept_snapshot",
    metadata,
    sa.Column("run_id", sa.ForeignKey("retrain_run.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    comment="what an unfinished night reads, people's texts among it; gone with its end, or anybody's erasure",
)

trained_question = sa.Table(
    "trained_question",
    metadata,
    identity(),
    sa.Column(
        "run_id",
        sa.ForeignKey("retrain_run.id", ondelete="CASCADE"),
        nullable=False,
        comment="the first that trained on it",
    ),
    sa.Column("question_id", sa.BigInteger, comment="it, or the one that the pair is about; may be gone"),
    sa.Column("pair_id", sa.BigInteger, comment="may be gone"),
    sa.Column("text", sa.Text, nullable=False, comment="as it trained"),
    sa.Column("person", sa.Text, nullable=False, comment="whose words these are"),
    sa.CheckConstraint("num_nonnulls(question_id, pair_id) > 0", name="question_or_pair"),
    sa.Index(
        "uq_trained_question_source_text",
        sa.text("coalesce(question_id, 0)"),
        sa.text("coalesce(pair_id, 0)"),
        sa.text("md5(text)"),
        unique=True,
    ),
    comment="never judges, nor anything like it; goes when it is erased, and not with its question or pair",
)

learnt_from = sa.Table(
    "learnt_from",
    metadata,
    identity(),
    sa.Column("run_id", sa.ForeignKey("retrain_run.id", ondelete="CASCADE"), nullable=False),
    sa.Column("question_id", sa.BigInteger, comment="it, or the one that the pair is about"),
    sa.Column("pair_id", sa.BigInteger, comment="may be gone"),
    sa.Column("added_by", sa.Text, comment="whose pair it is"),
    sa.CheckConstraint("num_nonnulls(question_id, pair_id) > 0", name="question_or_pair"),
    sa.Index(
        "uq_learnt_from_run_source",
        "run_id",
        sa.text("coalesce(question_id, 0)"),
        sa.text("coalesce(pair_id, 0)"),
        unique=True,
    ),
    comment="every question and pair that a run learnt from, whatever became of their passages; goes when it is erased",
)

overdue_notice = sa.Table(
    "overdue_notice",
    metadata,
    sa.Column("about", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    now("claimed_at"),
    attempts(1),
    sa.Column("message_ts", sa.Text),
    comment="what the admin channel was told of nights that are overdue, each once",
)
