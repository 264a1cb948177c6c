"""What people say of answers and documents, and what is learnt from besides votes."""

from __future__ import annotations

import sqlalchemy as sa

from db.schema.columns import identity, metadata, now, one_of, time

vote_event = sa.Table(
    "vote_event",
    metadata,
    identity(),
    sa.Column("dedupe_key", sa.Text, nullable=False, unique=True),
    sa.Column("workspace", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("question_id", sa.ForeignKey("question.id", ondelete="CASCADE"), nullable=False),
    sa.Column("citation_id", sa.ForeignKey("citation.id", ondelete="CASCADE"), comment="NULL: the whole answer"),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("value", sa.SmallInteger, nullable=False),
    sa.Column("occurred_ts", sa.Numeric(20, 6), nullable=False, comment="Slack's timestamp, seconds"),
    now("received_at"),
    one_of("action", "press", "set", "react", "unreact"),
    sa.CheckConstraint("value IN (-1, 0, 1)", name="value"),
    sa.Index("ix_vote_event_fold", "question_id", "person"),
    comment="append-only",
)

vote = sa.Table(
    "vote",
    metadata,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("citation_id", sa.ForeignKey("citation.id", ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("question_id", sa.ForeignKey("question.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("value", sa.SmallInteger, nullable=False),
    sa.Column("weight", sa.Float, nullable=False, comment="1, or less for a share of a vote on the whole answer"),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("occurred_ts", sa.Numeric(20, 6), nullable=False),
    sa.CheckConstraint("value IN (-1, 1)", name="value"),
    one_of("origin", "source", "answer"),
    comment="the fold of vote_event",
)

vote_reason = sa.Table(
    "vote_reason",
    metadata,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("citation_id", sa.ForeignKey("citation.id", ondelete="CASCADE"), primary_key=True, index=True),
    sa.Column("reason", sa.Text, nullable=False),
    now("given_at"),
    time("passed_on_at"),
    one_of("reason", "wrong_source", "outdated", "badly_written", "not_allowed", "other"),
)

document_review = sa.Table(
    "document_review",
    metadata,
    identity(),
    sa.Column("document_id", sa.ForeignKey("document.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("reported_by", sa.Text, nullable=False, comment="who said that it is outdated"),
    sa.Column("state", sa.Text, nullable=False, server_default="open"),
    now("reported_at"),
    time("settled_at"),
    sa.Column("settled_by", sa.Text),
    one_of("state", "open", "still_right", "will_fix"),
    sa.Index("uq_document_review_open", "document_id", unique=True, postgresql_where=sa.text("state = 'open'")),
)

curated_pair = sa.Table(
    "curated_pair",
    metadata,
    identity(),
    sa.Column("prompt", sa.Text, nullable=False),
    sa.Column("completion", sa.Text, nullable=False),
    sa.Column("added_by", sa.Text, nullable=False),
    sa.Column(
        "question_id",
        sa.ForeignKey("question.id", ondelete="CASCADE"),
        index=True,
        comment="the asked question that it is about; NULL: somebody wrote one",
    ),
    now("added_at"),
    # of their digests: a completion may be longer than what an index can hold
    sa.Index("uq_curated_pair_texts", sa.text("md5(prompt)"), sa.text("md5(completion)"), unique=True),
)

curated_pair_chunk = sa.Table(
    "curated_pair_chunk",
    metadata,
    sa.Column("pair_id", sa.ForeignKey("curated_pair.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("chunk_id", sa.ForeignKey("chunk.id", ondelete="CASCADE"), primary_key=True, index=True),
)

synthetic_question = sa.Table(
    "synthetic_question",
    metadata,
    identity(),
    sa.Column("chunk_id", sa.ForeignKey("chunk.id", ondelete="CASCADE"), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    now("made_at"),
    sa.Index("uq_synthetic_question_text", "chunk_id", sa.text("md5(text)"), unique=True),
    comment="written by a language model to learn from; never shown to anybody",
)
