"""Slack's events are found by index and pruned, and the message that shows a person their votes can be changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_LASTING = ("share:", "off:", "alert:")


def upgrade() -> None:
    op.add_column(
        "slack_event",
        sa.Column(
            "lasting",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="a fact of its own: never pruned",
        ),
    )
    for beginning in _LASTING:
        op.execute(
            sa.text("UPDATE slack_event SET lasting = true WHERE starts_with(event_id, :beginning)").bindparams(
                beginning=beginning
            )
        )
    # what was given back is as old as can be, but no older: it is kept for as long as anything that wasn't finished
    op.execute("UPDATE slack_event SET claimed_at = now() - interval '1 hour' WHERE claimed_at = '-infinity'")
    op.create_index("ix_slack_event_open", "slack_event", ["claimed_at"], postgresql_where=sa.text("done_at IS NULL"))
    op.create_index("ix_slack_event_done", "slack_event", ["done_at"], postgresql_where=sa.text("NOT lasting"))
    op.create_table(
        "ballot",
        sa.Column("key", sa.Text(), nullable=False, comment="digest of a person and a question"),
        sa.Column(
            "response_url", sa.Text(), nullable=False, comment="by which that person's one message can be changed"
        ),
        sa.Column("uses_left", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_ballot")),
    )


def downgrade() -> None:
    op.drop_table("ballot")
    op.drop_index("ix_slack_event_done", table_name="slack_event")
    op.drop_index("ix_slack_event_open", table_name="slack_event")
    op.drop_column("slack_event", "lasting")
