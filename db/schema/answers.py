"""What was asked and answered."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from db.schema.columns import identity, metadata, now, one_of

question = sa.Table(
    "question",
    metadata,
    identity(),
    sa.Column("event_id", sa.Text, unique=True, comment="the Slack event that asked it: one question an event"),
    sa.Column("workspace", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("channel_kind", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column(
        "authors",
        ARRAY(sa.Text),
        nullable=False,
        server_default="{}",
        comment="others whose words it brings in: who wrote the message that was chosen or forwarded",
    ),
    sa.Column("thread_ts", sa.Text),
    sa.Column("raw_text", sa.Text, nullable=False),
    sa.Column("rewritten_text", sa.Text, comment="as it was searched for, where that differs"),
    sa.Column("audience_ids", ARRAY(sa.BigInteger), nullable=False),
    sa.Column("generation_id", sa.ForeignKey("generation.id"), nullable=False),
    sa.Column("answer", sa.Text),
    sa.Column("answer_kind", sa.Text),
    sa.Column("refused_because", sa.Text, comment="why it wasn't answered from what was found"),
    sa.Column("timings_ms", JSONB, nullable=False, server_default="{}"),
    now("asked_at"),
    one_of("channel_kind", "public", "private", "direct", "console"),
    one_of("answer_kind", "generated", "quoted", "unknown"),
    sa.Index("ix_question_person", "workspace", "person"),
    sa.Index("ix_question_authors", "authors", postgresql_using="gin"),
    sa.Index("ix_question_thread", "workspace", "channel", "thread_ts"),
)

_UNRANKED = "NULL: of before it was looked at"

impression = sa.Table(
    "impression",
    metadata,
    identity(),
    sa.Column("question_id", sa.ForeignKey("question.id", ondelete="CASCADE"), nullable=False),
    sa.Column("chunk_id", sa.ForeignKey("chunk.id", ondelete="SET NULL"), index=True),
    sa.Column("chunk_text_hash", sa.LargeBinary, nullable=False, comment="of the passage as it was found"),
    sa.Column("passage_hash", sa.LargeBinary, nullable=False, comment="sha256 of its passage's text by now"),
    sa.Column(
        "nearness",
        sa.Float,
        nullable=False,
        server_default="1",
        comment="share of the found passage's words that its passage has by now, at least",
    ),
    sa.Column("part_from", sa.Integer, comment="words of its passage that are of the found one; NULL: all of them"),
    sa.Column("part_to", sa.Integer, comment="where they end"),
    sa.Column("rank", sa.Integer, nullable=False, comment="1 is the best"),
    sa.Column("similarity", sa.Float, nullable=False, comment="cosine"),
    sa.Column("words", sa.Float, comment="BM25 as a share of the question's idf; NULL: words weren't looked at"),
    sa.Column("coverage", sa.Float, comment="share of the question's idf that it has; NULL: words weren't looked at"),
    sa.Column("pairs", sa.Float, comment=f"share of the question's neighbouring words that are so in it; {_UNRANKED}"),
    sa.Column("in_title", sa.Float, comment=f"share of the question's words in its document's title; {_UNRANKED}"),
    sa.Column("in_opening", sa.Float, comment=f"share of the question's words in its first ones; {_UNRANKED}"),
    sa.Column("length", sa.Float, comment=f"natural logarithm of how many words it has, and one; {_UNRANKED}"),
    sa.Column("score", sa.Float, nullable=False, comment="what the list was ordered by"),
    sa.Column(
        "propensity",
        sa.Float,
        comment="probability that its document was shown, at the document's best passage; NULL: it couldn't be",
    ),
    sa.Column("shown", sa.Boolean, nullable=False),
    sa.Column("source_number", sa.Integer, comment="of the source that it was a passage of; NULL: it was not shown"),
    sa.Column("team", sa.Text, comment="whose pick its source was, in a trial; NULL: nobody's, or both had it at hand"),
    sa.Column("incumbent_rank", sa.Integer, comment="in what the serving generation found, in a trial"),
    sa.Column("candidate_rank", sa.Integer, comment="in what the candidate found, in a trial"),
    one_of("team", "incumbent", "candidate"),
    sa.UniqueConstraint("question_id", "rank"),
    sa.Index("ix_impression_shown", "chunk_id", postgresql_where=sa.text("shown")),
    sa.Index("ix_impression_waiting", "passage_hash", postgresql_where=sa.text("chunk_id IS NULL")),
)

trial_question = sa.Table(
    "trial_question",
    metadata,
    sa.Column("question_id", sa.ForeignKey("question.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sa.Column("trial_id", sa.ForeignKey("trial.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("slots", sa.Integer, nullable=False, comment="sources that were shown"),
    sa.Column("contested", sa.Integer, nullable=False, comment="of them those that one team picked; 0: nobody wins"),
    comment="questions that two generations answered together",
)

citation = sa.Table(
    "citation",
    metadata,
    sa.Column("id", sa.Text, primary_key=True, comment="random: it travels in Slack's buttons"),
    sa.Column(
        "impression_id",
        sa.ForeignKey("impression.id", ondelete="CASCADE"),
        nullable=False,
        unique=True,
        comment="the passage that leads: cited or quoted, or the best",
    ),
    sa.Column("question_id", sa.ForeignKey("question.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.UniqueConstraint("question_id", "number"),
)

answer_message = sa.Table(
    "answer_message",
    metadata,
    sa.Column("workspace", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("message_ts", sa.Text, primary_key=True),
    sa.Column("question_id", sa.ForeignKey("question.id", ondelete="CASCADE"), nullable=False, index=True),
    comment="every message an answer was posted as: reactions name messages",
)
