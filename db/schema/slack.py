"""Slack's own: its events, and what was told where."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from db.schema.columns import attempts, metadata, now, one_of, time

channel_setting = sa.Table(
    "channel_setting",
    metadata,
    sa.Column("workspace", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("answers", sa.Text, nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False),
    now("changed_at"),
    one_of("answers", "mention", "always", "off"),
)

posted_report = sa.Table(
    "posted_report",
    metadata,
    sa.Column("run_id", sa.ForeignKey("retrain_run.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("message_ts", sa.Text, comment="NULL: claimed, not yet posted"),
    sa.Column("shown", sa.LargeBinary, comment="digest of what the message shows; NULL: it has to be made anew"),
    now("claimed_at"),
    attempts(1),
)

slack_event = sa.Table(
    "slack_event",
    metadata,
    sa.Column("event_id", sa.Text, primary_key=True),
    now("claimed_at"),
    time("done_at"),
    attempts(1),
    sa.Column("payload", JSONB, comment="what to do again if its owner dies; NULL once somebody was answered"),
    sa.Column(
        "lasting", sa.Boolean, nullable=False, server_default=sa.false(), comment="a fact of its own: never pruned"
    ),
    sa.Index("ix_slack_event_open", "claimed_at", postgresql_where=sa.text("done_at IS NULL")),
    sa.Index("ix_slack_event_done", "done_at", postgresql_where=sa.text("NOT lasting")),
)

ballot = sa.Table(
    "ballot",
    metadata,
    sa.Column("key", sa.Text, primary_key=True, comment="digest of a person and a question"),
    sa.Column("response_url", sa.Text, nullable=False, comment="by which that person's one message can be changed"),
    sa.Column("uses_left", sa.Integer, nullable=False),
    now("given_at"),
)
