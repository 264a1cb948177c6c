"""What serves, as rows by role."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "in_service",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("generation_id", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by", sa.Text()),
        sa.CheckConstraint("role IN ('serving', 'previous', 'trial')", name=op.f("ck_in_service_role")),
        sa.ForeignKeyConstraint(["generation_id"], ["generation.id"], name=op.f("fk_in_service_generation_id")),
        sa.PrimaryKeyConstraint("role", name=op.f("pk_in_service")),
        sa.UniqueConstraint(
            "generation_id", name=op.f("uq_in_service_generation_id"), deferrable=True, initially="IMMEDIATE"
        ),
        comment="each role once, each generation once: what every change of a document must reach",
    )
    op.execute(
        "INSERT INTO in_service (role, generation_id, changed_at, changed_by)"
        " SELECT role, generation_id, changed_at, changed_by FROM active_generation,"
        " LATERAL (VALUES ('serving', current_id), ('previous', previous_id)) AS each (role, generation_id)"
        " WHERE generation_id IS NOT NULL"
    )
    op.drop_table("active_generation")


def downgrade() -> None:
    op.create_table(
        "active_generation",
        sa.Column("singleton", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("current_id", sa.BigInteger(), nullable=False),
        sa.Column("previous_id", sa.BigInteger()),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by", sa.Text()),
        sa.CheckConstraint("current_id <> previous_id", name=op.f("ck_active_generation_two_generations")),
        sa.CheckConstraint("singleton", name=op.f("ck_active_generation_one_row")),
        sa.ForeignKeyConstraint(["current_id"], ["generation.id"], name=op.f("fk_active_generation_current_id")),
        sa.ForeignKeyConstraint(["previous_id"], ["generation.id"], name=op.f("fk_active_generation_previous_id")),
        sa.PrimaryKeyConstraint("singleton", name=op.f("pk_active_generation")),
    )
    op.execute(
        "INSERT INTO active_generation (current_id, previous_id, changed_at, changed_by)"
        " SELECT s.generation_id, p.generation_id, s.changed_at, s.changed_by"
        " FROM in_service s LEFT JOIN in_service p ON p.role = 'previous' WHERE s.role = 'serving'"
    )
    op.drop_table("in_service")
