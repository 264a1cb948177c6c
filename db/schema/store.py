"""What went wrong, counted."""

from __future__ import annotations

import sqlalchemy as sa

from db.schema.columns import metadata

failure_count = sa.Table(
    "failure_count",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True, comment="the kind of error, or Slack's own code; never a text"),
    sa.Column("count", sa.BigInteger, nullable=False),
)
