"""Encoders that nights trained reach bots with other data folders."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """The night process adds those that are there as it starts."""
    op.create_table(
        "artefact_part",
        sa.Column("artefact_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("path", sa.Text(), nullable=False, comment="of a file in the model's folder, with forward slashes"),
        sa.Column("part", sa.Integer(), nullable=False, autoincrement=False, comment="from 0 on"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["artefact_id"], ["artefact.id"], name=op.f("fk_artefact_part_artefact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("artefact_id", "path", "part", name=op.f("pk_artefact_part")),
        comment="files of encoders that nights trained, for bots with other data folders",
    )
    op.execute("ALTER TABLE artefact_part ALTER COLUMN content SET STORAGE EXTERNAL")  # weights don't compress


def downgrade() -> None:
    """Bots need a folder that all share again."""
    op.drop_table("artefact_part")
