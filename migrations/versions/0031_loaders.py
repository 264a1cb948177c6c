"""Sources that loaders of others read."""

from alembic import op

revision = "0031"
down_revision = "0030"

_BEFORE = "'directory', 'git', 'website'"


def upgrade() -> None:
    """A row names an entry of the operator's file, and no code."""
    op.drop_constraint(op.f("ck_source_kind"), "source", type_="check")
    op.create_check_constraint(op.f("ck_source_kind"), "source", f"kind IN ({_BEFORE}, 'loader')")


def downgrade() -> None:
    """Their documents stay, as if they had been read in by hand."""
    op.execute("DELETE FROM source WHERE kind = 'loader'")
    op.drop_constraint(op.f("ck_source_kind"), "source", type_="check")
    op.create_check_constraint(op.f("ck_source_kind"), "source", f"kind IN ({_BEFORE})")
