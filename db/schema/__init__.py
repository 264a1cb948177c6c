"""The tables: what Nightshift knows, said, was told, and learnt.

Vectors are not here: each artefact has one plain table of its own, `embedding_<artefact id>`, made and dropped by
`db/generations/vectors.py`, so that dimensions may differ and dropping is instant. Nor are the tables of Bolt's own
installation stores: the first migration makes them, `slack_sdk` reads and writes them.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

PUBLIC_AUDIENCE_ID = 1
"""The audience that everyone is in; the first migration inserts it."""


def _identity() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True)


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True))


def _one_of(column: str, *values: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=column)


# --- what Nightshift knows

audience = sa.Table(
    "audience",
    metadata,
    _identity(),
    sa.Column("workspace", sa.Text, nullable=False, server_default="", comment="Slack team id; '' for all"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, comment="channel id of a channel, else a name"),
    _now("created_at"),
    sa.UniqueConstraint("workspace", "kind", "name"),
    _one_of("kind", "public", "channel", "group"),
)

audience_member = sa.Table(
    "audience_member",
    metadata,
    sa.Column("audience_id", sa.ForeignKey("audience.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("person", sa.Text, primary_key=True, index=True),
)

document = sa.Table(
    "document",
    metadata,
    _identity(),
    sa.Column("source_uri", sa.Text, nullable=False, unique=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column(
        "content_hash",
        sa.LargeBinary,
        nullable=False,
        comment="sha256 of the bytes and of how they were split",
    ),
    sa.Column("audience_id", sa.ForeignKey("audience.id"), nullable=False, server_default=str(PUBLIC_AUDIENCE_ID)),
    sa.Column("owner", sa.Text),
    sa.Column("front_matter", JSONB, nullable=False, server_default="{}"),
    _now("changed_at"),
    _time("deleted_at"),
)

chunk_change_seq = sa.Sequence("chunk_change_seq", metadata=metadata)

chunk = sa.Table(
    "chunk",
    metadata,
    _identity(),
    sa.Column("document_id", sa.ForeignKey("document.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("ordinal", sa.Integer, nullable=False),
    sa.Column("section", sa.Text, nullable=False, comment="headings above it, 'Benefits > Leave'"),
    sa.Column("text", sa.Text, nullable=False, comment="never changes: another text is another chunk"),
    sa.Column("text_hash", sa.LargeBinary, nullable=False, comment="sha256 of what is encoded"),
    sa.Column(
        "text_search",
        TSVECTOR,
        sa.Computed("to_tsvector('english', section || ' ' || text)", persisted=True),
        nullable=False,
    ),
    sa.Column("change_seq", sa.BigInteger, nullable=False, server_default=chunk_change_seq.next_value(), index=True),
    sa.Index("ix_chunk_text_search", "text_search", postgresql_using="gin"),
)

curated_pair = sa.Table(
    "curated_pair",
    metadata,
    _identity(),
    sa.Column("prompt", sa.Text, nullable=False),
    sa.Column("completion", sa.Text, nullable=False),
    sa.Column("added_by", sa.Text, nullable=False),
    sa.Column(
        "question_id",
        sa.ForeignKey("question.id", ondelete="CASCADE"),
        index=True,
        comment="the asked question that it is about; NULL: somebody wrote one",
    ),
    _now("added_at"),
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
    _identity(),
    sa.Column("chunk_id", sa.ForeignKey("chunk.id", ondelete="CASCADE"), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    _now("made_at"),
    sa.Index("uq_synthetic_question_text", "chunk_id", sa.text("md5(text)"), unique=True),
    comment="written by a language model to learn from; never shown to anybody",
)

# --- nights and what they make

retrain_run = sa.Table(
    "retrain_run",
    metadata,
    _identity(),
    sa.Column("trigger", sa.Text, nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    _now("requested_at"),
    sa.Column(
        "due_at",
        sa.DateTime(timezone=True),
        unique=True,
        comment="the tick of a scheduled run: one run a tick",
    ),
    _time("started_at"),
    _time("finished_at"),
    sa.Column("status", sa.Text, nullable=False, server_default="requested"),
    sa.Column(
        "attempt",
        sa.Integer,
        nullable=False,
        server_default="0",
        comment="grows when a run is taken up again",
    ),
    sa.Column("phase", sa.Text),
    sa.Column("phases", JSONB, nullable=False, server_default="{}", comment="{phase: {seconds, …counts}}"),
    sa.Column("snapshot", JSONB, comment="{vote_event_id, pair_id, seed}: what the run learns from"),
    sa.Column("parent_id", sa.BigInteger, comment="the generation that served when it began"),
    sa.Column("decision", sa.Text),
    sa.Column("reasons", JSONB, nullable=False, server_default="[]"),
    sa.Column("evidence", JSONB, comment="what the gate saw"),
    sa.Column(
        "report_outdated",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="its kept page says what was decided otherwise since, or quotes what was erased",
    ),
    sa.Column(
        "stopped",
        sa.Integer,
        nullable=False,
        server_default="0",
        comment="attempts that did not die: stopped, or let go to start over",
    ),
    sa.Column("beat_at", sa.DateTime(timezone=True), comment="the last sign of life of the process that has it"),
    sa.Column("holder", sa.Text, comment="that process: its host and number"),
    _one_of("trigger", "schedule", "cli", "slack", "console"),
    _one_of("status", "requested", "running", "done", "failed"),
    _one_of("decision", "promoted", "refused", "pending"),
)

kept_snapshot = sa.Table(
    "kept_snapshot",
    metadata,
    sa.Column("run_id", sa.ForeignKey("retrain_run.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
    comment="what an unfinished night reads, people's texts among it; gone with its end, or anybody's erasure",
)

artefact = sa.Table(
    "artefact",
    metadata,
    _identity(),
    sa.Column("base_model", sa.Text, nullable=False),
    sa.Column("uri", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("dtype", sa.Text, nullable=False),
    sa.Column("dimension", sa.Integer, nullable=False),
    sa.Column("ef_search", sa.Integer, nullable=False, server_default="100", comment="breadth of the index's search"),
    sa.Column("level_seq", sa.BigInteger, comment="number of the change of documents that its vectors were level with"),
    comment="an encoder and the vectors it made; its files and table go with the last generation that uses them",
)

generation = sa.Table(
    "generation",
    metadata,
    _identity(),
    sa.Column("parent_id", sa.ForeignKey("generation.id")),
    sa.Column("run_id", sa.ForeignKey("retrain_run.id"), unique=True),
    sa.Column("artefact_id", sa.ForeignKey("artefact.id"), nullable=False, index=True),
    sa.Column("status", sa.Text, nullable=False, server_default="building"),
    sa.Column("min_similarity", sa.Float, nullable=False, comment="cosine under which nothing is relevant"),
    sa.Column("metrics", JSONB, nullable=False, server_default="{}"),
    sa.Column("learnt_from_erased", sa.Boolean, nullable=False, server_default=sa.false()),
    _now("created_at"),
    _time("promoted_at"),
    sa.Column("promoted_by", sa.Text),
    sa.Column("forced", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column(
        "turned_down_at",
        sa.DateTime(timezone=True),
        comment="when a person rolled it back or rejected it; NULL: nobody did, or somebody wanted it after all",
    ),
    sa.Column("turned_down_by", sa.Text),
    sa.Column("turned_down_how", sa.Text),
    _one_of("turned_down_how", "rolled back", "rejected"),
    _one_of("status", "building", "built", "refused", "pruned"),
)

in_service = sa.Table(
    "in_service",
    metadata,
    sa.Column("role", sa.Text, primary_key=True),
    sa.Column("generation_id", sa.ForeignKey("generation.id"), nullable=False),
    _now("changed_at"),
    sa.Column("changed_by", sa.Text),
    _one_of("role", "serving", "previous", "trial"),
    # looked at when a statement ends, so that one statement can swap two
    sa.UniqueConstraint("generation_id", deferrable=True, initially="IMMEDIATE"),
    comment="each role once, each generation once: what every change of a document must reach",
)

trained_question = sa.Table(
    "trained_question",
    metadata,
    _identity(),
    sa.Column(
        "run_id",
        sa.ForeignKey("retrain_run.id", ondelete="CASCADE"),
        nullable=False,
        comment="the first that trained on it",
    ),
    sa.Column("question_id", sa.BigInteger, comment="it, or the one that the pair is about; may be gone"),
    sa.Column("pair_id", sa.BigInteger, comment="may be gone"),
    sa.Column("text", sa.Text, nullable=False, comment="as it trained"),
    sa.Column("person", sa.Text, nullable=False, comment="whose words these are"),
    sa.CheckConstraint("num_nonnulls(question_id, pair_id) > 0", name="question_or_pair"),
    sa.Index(
        "uq_trained_question_source_text",
        sa.text("coalesce(question_id, 0)"),
        sa.text("coalesce(pair_id, 0)"),
        sa.text("md5(text)"),
        unique=True,
    ),
    comment="never judges, nor anything like it; goes when it is erased, and not with its question or pair",
)

triplet = sa.Table(
    "triplet",
    metadata,
    _identity(),
    sa.Column("run_id", sa.ForeignKey("retrain_run.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("question_id", sa.ForeignKey("question.id", ondelete="CASCADE"), index=True),
    sa.Column("pair_id", sa.ForeignKey("curated_pair.id", ondelete="CASCADE")),
    sa.Column("synthetic_id", sa.ForeignKey("synthetic_question.id", ondelete="CASCADE"), index=True),
    sa.Column("positive_chunk_id", sa.ForeignKey("chunk.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("negative_chunk_id", sa.ForeignKey("chunk.id", ondelete="CASCADE"), index=True),
    sa.Column("kind", sa.Text, nullable=False, comment="where the negative came from"),
    sa.Column("weight", sa.Float, nullable=False),
    sa.CheckConstraint("num_nonnulls(question_id, pair_id, synthetic_id) = 1", name="one_anchor"),
    _one_of("kind", "voted", "mined", "random"),
)

# --- what was asked and answered

question = sa.Table(
    "question",
    metadata,
    _identity(),
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
    sa.Column("timings_ms", JSONB, nullable=False, server_default="{}"),
    _now("asked_at"),
    _one_of("channel_kind", "public", "private", "direct", "console"),
    _one_of("answer_kind", "generated", "quoted", "unknown"),
    sa.Index("ix_question_person", "workspace", "person"),
    sa.Index("ix_question_authors", "authors", postgresql_using="gin"),
    sa.Index("ix_question_thread", "workspace", "channel", "thread_ts"),
)

impression = sa.Table(
    "impression",
    metadata,
    _identity(),
    sa.Column("question_id", sa.ForeignKey("question.id", ondelete="CASCADE"), nullable=False),
    sa.Column("chunk_id", sa.ForeignKey("chunk.id", ondelete="SET NULL"), index=True),
    sa.Column("chunk_text_hash", sa.LargeBinary, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False, comment="1 is the best"),
    sa.Column("similarity", sa.Float, nullable=False, comment="cosine"),
    sa.Column("text_score", sa.Float, comment="full text, where it was used"),
    sa.Column("propensity", sa.Float, comment="probability that it was shown; NULL if it couldn't be"),
    sa.Column("shown", sa.Boolean, nullable=False),
    sa.UniqueConstraint("question_id", "rank"),
)

citation = sa.Table(
    "citation",
    metadata,
    sa.Column("id", sa.Text, primary_key=True, comment="random: it travels in Slack's buttons"),
    sa.Column("impression_id", sa.ForeignKey("impression.id", ondelete="CASCADE"), nullable=False, unique=True),
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

# --- what people thought of it

vote_event = sa.Table(
    "vote_event",
    metadata,
    _identity(),
    sa.Column("dedupe_key", sa.Text, nullable=False, unique=True),
    sa.Column("workspace", sa.Text, nullable=False),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("question_id", sa.ForeignKey("question.id", ondelete="CASCADE"), nullable=False),
    sa.Column("citation_id", sa.ForeignKey("citation.id", ondelete="CASCADE"), comment="NULL: the whole answer"),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("value", sa.SmallInteger, nullable=False),
    sa.Column("occurred_ts", sa.Numeric(20, 6), nullable=False, comment="Slack's timestamp, seconds"),
    _now("received_at"),
    _one_of("action", "press", "set", "react", "unreact"),
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
    _one_of("origin", "source", "answer"),
    comment="the fold of vote_event",
)

vote_reason = sa.Table(
    "vote_reason",
    metadata,
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("citation_id", sa.ForeignKey("citation.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    _now("given_at"),
    _time("passed_on_at"),
    _one_of("reason", "wrong_source", "outdated", "badly_written", "not_allowed", "other"),
)

document_review = sa.Table(
    "document_review",
    metadata,
    _identity(),
    sa.Column("document_id", sa.ForeignKey("document.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("reported_by", sa.Text, nullable=False, comment="who said that it is outdated"),
    sa.Column("state", sa.Text, nullable=False, server_default="open"),
    _now("reported_at"),
    _time("settled_at"),
    sa.Column("settled_by", sa.Text),
    _one_of("state", "open", "still_right", "will_fix"),
    sa.Index("uq_document_review_open", "document_id", unique=True, postgresql_where=sa.text("state = 'open'")),
)

# --- what people decide on

decision_request = sa.Table(
    "decision_request",
    metadata,
    _identity(),
    sa.Column("generation_id", sa.ForeignKey("generation.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("wanted", sa.Text, nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    _now("requested_at"),
    _time("done_at"),
    sa.Column("outcome", sa.Text, comment="one plain sentence, once it is done"),
    _one_of("wanted", "promote", "reject", "roll_back"),
    comment="asked for by people, carried out by the night process",
)

# --- Slack's own

channel_setting = sa.Table(
    "channel_setting",
    metadata,
    sa.Column("workspace", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("answers", sa.Text, nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False),
    _now("changed_at"),
    _one_of("answers", "mention", "always", "off"),
)

failure_count = sa.Table(
    "failure_count",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True, comment="the kind of error, or Slack's own code; never a text"),
    sa.Column("count", sa.BigInteger, nullable=False),
)

posted_report = sa.Table(
    "posted_report",
    metadata,
    sa.Column("run_id", sa.ForeignKey("retrain_run.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("message_ts", sa.Text, comment="NULL: claimed, not yet posted"),
    sa.Column("shown", sa.LargeBinary, comment="digest of what the message shows; NULL: it has to be made anew"),
    _now("claimed_at"),
)

overdue_notice = sa.Table(
    "overdue_notice",
    metadata,
    sa.Column("about", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),
    _now("claimed_at"),
    sa.Column("message_ts", sa.Text),
    comment="what the admin channel was told of nights that are overdue, each once",
)

slack_event = sa.Table(
    "slack_event",
    metadata,
    sa.Column("event_id", sa.Text, primary_key=True),
    _now("claimed_at"),
    _time("done_at"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="1"),
    sa.Column("payload", JSONB, comment="what to do again if its owner dies; NULL once somebody was answered"),
    sa.Column(
        "lasting", sa.Boolean, nullable=False, server_default=sa.false(), comment="a fact of its own: never pruned"
    ),
    sa.Index("ix_slack_event_open", "claimed_at", postgresql_where=sa.text("done_at IS NULL")),
    sa.Index("ix_slack_event_done", "done_at", postgresql_where=sa.text("NOT lasting")),
)

ballot = sa.Table(
    "ballot",
    metadata,
    sa.Column("key", sa.Text, primary_key=True, comment="digest of a person and a question"),
    sa.Column("response_url", sa.Text, nullable=False, comment="by which that person's one message can be changed"),
    sa.Column("uses_left", sa.Integer, nullable=False),
    _now("given_at"),
)
