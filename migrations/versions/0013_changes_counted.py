"""Changes of documents are counted in a row, so that who sees a number sees those changes and no others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "corpus",
        sa.Column("singleton", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False, comment="how often documents were changed"),
        sa.CheckConstraint("singleton", name=op.f("ck_corpus_one_row")),
        sa.PrimaryKeyConstraint("singleton", name=op.f("pk_corpus")),
    )
    # it goes on from where the sequence stands, so that what is level stays so
    op.execute("INSERT INTO corpus (changes) SELECT last_value FROM chunk_change_seq WHERE is_called")
    op.drop_column("chunk", "change_seq")  # its index goes along
    op.execute(sa.schema.DropSequence(sa.Sequence("chunk_change_seq")))
    op.alter_column(
        "artefact",
        "level_seq",
        new_column_name="level_with",
        existing_comment="number of the change of documents that its vectors were level with",
        comment="number of changes of documents that its vectors were level with",
    )


def downgrade() -> None:
    op.alter_column(
        "artefact",
        "level_with",
        new_column_name="level_seq",
        existing_comment="number of changes of documents that its vectors were level with",
        comment="number of the change of documents that its vectors were level with",
    )
    op.execute(sa.schema.CreateSequence(sa.Sequence("chunk_change_seq")))
    op.execute("SELECT setval('chunk_change_seq', changes) FROM corpus WHERE changes > 0")
    op.add_column(
        "chunk",
        sa.Column("change_seq", sa.BigInteger(), server_default=sa.text("nextval('chunk_change_seq')"), nullable=False),
    )
    op.create_index(op.f("ix_chunk_change_seq"), "chunk", ["change_seq"], unique=False)
    op.drop_table("corpus")
