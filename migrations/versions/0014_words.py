"""The words of passages have tables of their own, filled from what is stored; the column that nothing searched goes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

from db.store import driver
from db.words import rebuild_words

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "words",
        sa.Column("singleton", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column(
            "languages",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="that passages are in, and so questions",
        ),
        sa.Column("version", sa.Integer(), nullable=False, comment="of how texts are made into lexemes"),
        sa.Column(
            "average_length", sa.Float(), comment="that the impacts were made with; NULL: there is no passage yet"
        ),
        sa.CheckConstraint("singleton", name=op.f("ck_words_one_row")),
        sa.PrimaryKeyConstraint("singleton", name=op.f("pk_words")),
    )
    op.create_table(
        "words_segment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False, comment="the first chunk id that its elements can tell"),
        sa.Column("chunks", sa.Integer(), nullable=False, comment="how many have elements in it"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_words_segment")),
        comment="what was written at once, or merged since",
    )
    op.create_table(
        "posting",
        sa.Column("lexeme", sa.Text(collation="C"), nullable=False),
        sa.Column("audience_id", sa.BigInteger(), nullable=False),
        sa.Column("segment", sa.BigInteger(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column(
            "n",
            sa.Integer(),
            nullable=False,
            comment="chunks added less removed: the sum is the lexeme's df",
        ),
        sa.Column(
            "packed",
            postgresql.ARRAY(sa.Integer()),
            nullable=False,
            comment="(chunk id - base) << 15 | impact; of removed chunks until it is merged",
        ),
        sa.PrimaryKeyConstraint("lexeme", "audience_id", "segment", name=op.f("pk_posting")),
        comment="the passages of an audience that have a lexeme",
    )
    # packed as they are: compressing them takes long and gains little
    op.execute("ALTER TABLE posting ALTER packed SET STORAGE EXTERNAL")
    op.create_table(
        "words_of_audience",
        sa.Column("audience_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.Column("words", sa.BigInteger(), nullable=False, comment="their lengths in all"),
        sa.Column("dead", sa.Integer(), nullable=False, comment="removed chunks whose elements still stand"),
        sa.PrimaryKeyConstraint("audience_id", name=op.f("pk_words_of_audience")),
    )
    _index_words()
    op.drop_column("chunk", "text_search")  # at the end: who asks meanwhile waits from here on; its index goes along


def _index_words() -> None:
    """Those of all passages, in the one transaction of an upgrade: killed meanwhile, the next upgrade begins again.

    The code that does it is today's: should it ever need tables as a later migration makes them, that one takes over.
    """
    raw = driver(op.get_bind())
    if raw.execute("SELECT FROM chunk LIMIT 1").fetchone() is not None:
        raw.execute("LOCK TABLE chunk IN SHARE ROW EXCLUSIVE MODE")  # who writes some without words waits
        given = context.config.attributes
        rebuild_words(raw, given.get("languages", ("english",)), given.get("progress"))


def downgrade() -> None:
    op.add_column(
        "chunk",
        sa.Column(
            "text_search",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('english', section || ' ' || text)", persisted=True),
            nullable=False,
        ),
    )
    op.create_index("ix_chunk_text_search", "chunk", ["text_search"], unique=False, postgresql_using="gin")
    for table in "words_of_audience", "posting", "words_segment", "words":
        op.drop_table(table)
