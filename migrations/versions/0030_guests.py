"""Guests don't see what is for all; a name that another channel has as well shows nothing to either."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Who is a guest is asked of Slack when they next ask; a name that changed hands is noticed when it is next met."""
    contested = (
        "what else in Slack was met by that name, 'workspace:id': nobody sees what is for it until a person says which "
        "is meant"
    )
    op.add_column("audience", sa.Column("contested_by", sa.Text(), comment=contested))
    settled = "a person said what has that name; no other by it contests that"
    op.add_column(
        "audience", sa.Column("is_settled", sa.Boolean(), nullable=False, server_default=sa.false(), comment=settled)
    )
    op.create_table(
        "slack_guest",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_slack_guest")),
        comment="who is no full member of their workspace, as Slack told: they don't see what is for all",
    )


def downgrade() -> None:
    """What is contested becomes nobody's: the older version knows a name by whom it was bound to."""
    op.execute("UPDATE audience SET slack_id = 'contested' WHERE contested_by IS NOT NULL")
    op.execute(
        "DELETE FROM audience_member m USING audience a WHERE a.id = m.audience_id AND a.contested_by IS NOT NULL"
    )
    op.drop_table("slack_guest")
    op.drop_column("audience", "is_settled")
    op.drop_column("audience", "contested_by")
