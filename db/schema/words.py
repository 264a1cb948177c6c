"""The words of passages: which passages have which, and how much each counts in them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from db.schema.columns import identity, metadata

words = sa.Table(
    "words",
    metadata,
    sa.Column("singleton", sa.Boolean, primary_key=True, server_default=sa.true()),
    sa.Column("languages", ARRAY(sa.Text), nullable=False, comment="that passages are in, and so questions"),
    sa.Column("version", sa.Integer, nullable=False, comment="of how texts are made into lexemes"),
    sa.Column("average_length", sa.Float, comment="that the impacts were made with; NULL: there is no passage yet"),
    sa.CheckConstraint("singleton", name="one_row"),
)

words_segment = sa.Table(
    "words_segment",
    metadata,
    identity(),
    sa.Column("base", sa.BigInteger, nullable=False, comment="the first chunk id that its elements can tell"),
    sa.Column("chunks", sa.Integer, nullable=False, comment="how many have elements in it"),
    comment="what was written at once, or merged since",
)

posting = sa.Table(
    "posting",
    metadata,
    sa.Column("lexeme", sa.Text(collation="C"), primary_key=True),
    sa.Column("audience_id", sa.BigInteger, primary_key=True),
    sa.Column("segment", sa.BigInteger, primary_key=True),
    sa.Column("base", sa.BigInteger, nullable=False),
    sa.Column("n", sa.Integer, nullable=False, comment="chunks added less removed: the sum is the lexeme's df"),
    sa.Column(
        "packed",
        ARRAY(sa.Integer),
        nullable=False,
        comment="(chunk id - base) << 15 | impact; of removed chunks until it is merged",
    ),
    comment="the passages of an audience that have a lexeme",
)

words_of_audience = sa.Table(
    "words_of_audience",
    metadata,
    sa.Column("audience_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("chunks", sa.Integer, nullable=False),
    sa.Column("words", sa.BigInteger, nullable=False, comment="their lengths in all"),
    sa.Column("dead", sa.Integer, nullable=False, comment="removed chunks whose elements still stand"),
)
