"""Every table of the design, Bolt's installation tables, and the public audience."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    "slack_oauth_states",
    "slack_installations",
    "slack_bots",
    "vote_reason",
    "vote_event",
    "vote",
    "citation",
    "triplet",
    "impression",
    "curated_pair_chunk",
    "answer_message",
    "curated_pair",
    "question",
    "chunk",
    "active_generation",
    "generation",
    "document",
    "audience_member",
    "slack_event",
    "retrain_run",
    "audience",
)
"""Every table, those that others point to last."""


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    op.execute(sa.schema.CreateSequence(sa.Sequence("chunk_change_seq")))
    op.create_table(
        "audience",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("workspace", sa.Text(), server_default="", nullable=False, comment="Slack team id; '' for all"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="channel id of a channel, else a name"),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('public', 'channel', 'group')", name=op.f("ck_audience_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audience")),
        sa.UniqueConstraint("workspace", "kind", "name", name=op.f("uq_audience_workspace_kind_name")),
    )
    op.create_table(
        "retrain_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="the tick of a scheduled run: one run a tick",
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Text(), server_default="requested", nullable=False),
        sa.Column(
            "attempt",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="grows when a run is taken up again",
        ),
        sa.Column("phase", sa.Text(), nullable=True),
        sa.Column(
            "phases",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
            comment="{phase: {seconds, …counts}}",
        ),
        sa.Column(
            "snapshot",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="{vote_event_id, pair_id, seed}: what the run learns from",
        ),
        sa.Column("parent_id", sa.BigInteger(), nullable=True, comment="the generation that served when it began"),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment="what the gate saw"),
        sa.CheckConstraint("decision IN ('promoted', 'refused')", name=op.f("ck_retrain_run_decision")),
        sa.CheckConstraint("status IN ('requested', 'running', 'done', 'failed')", name=op.f("ck_retrain_run_status")),
        sa.CheckConstraint("trigger IN ('schedule', 'cli', 'slack', 'console')", name=op.f("ck_retrain_run_trigger")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retrain_run")),
        sa.UniqueConstraint("due_at", name=op.f("uq_retrain_run_due_at")),
    )
    op.create_table(
        "slack_event",
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "payload",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="what to do again if its owner dies; NULL once somebody was answered",
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_slack_event")),
    )
    op.create_table(
        "audience_member",
        sa.Column("audience_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audience_id"], ["audience.id"], name=op.f("fk_audience_member_audience_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("audience_id", "person", name=op.f("pk_audience_member")),
    )
    op.create_index(op.f("ix_audience_member_person"), "audience_member", ["person"], unique=False)
    op.create_table(
        "document",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("source_uri", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "content_hash",
            sa.LargeBinary(),
            nullable=False,
            comment="sha256 of the bytes and of how they were split",
        ),
        sa.Column("audience_id", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("front_matter", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["audience_id"], ["audience.id"], name=op.f("fk_document_audience_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("source_uri", name=op.f("uq_document_source_uri")),
    )
    op.create_table(
        "generation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("base_model", sa.Text(), nullable=False),
        sa.Column("artefact_uri", sa.Text(), nullable=False),
        sa.Column("artefact_sha256", sa.Text(), nullable=False),
        sa.Column("dtype", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), server_default="building", nullable=False),
        sa.Column(
            "ef_search",
            sa.Integer(),
            server_default="100",
            nullable=False,
            comment="breadth of the index's search",
        ),
        sa.Column("min_similarity", sa.Float(), nullable=False, comment="cosine under which nothing is relevant"),
        sa.Column("metrics", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("learnt_from_erased", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("promoted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promoted_by", sa.Text(), nullable=True),
        sa.Column("forced", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "level_seq",
            sa.BigInteger(),
            nullable=True,
            comment="number of the change of documents that it was level with",
        ),
        sa.CheckConstraint("status IN ('building', 'built', 'refused', 'pruned')", name=op.f("ck_generation_status")),
        sa.ForeignKeyConstraint(["parent_id"], ["generation.id"], name=op.f("fk_generation_parent_id")),
        sa.ForeignKeyConstraint(["run_id"], ["retrain_run.id"], name=op.f("fk_generation_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generation")),
        sa.UniqueConstraint("run_id", name=op.f("uq_generation_run_id")),
    )
    op.create_table(
        "active_generation",
        sa.Column("singleton", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("current_id", sa.BigInteger(), nullable=False),
        sa.Column("previous_id", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=True),
        sa.CheckConstraint("current_id <> previous_id", name=op.f("ck_active_generation_two_generations")),
        sa.CheckConstraint("singleton", name=op.f("ck_active_generation_one_row")),
        sa.ForeignKeyConstraint(["current_id"], ["generation.id"], name=op.f("fk_active_generation_current_id")),
        sa.ForeignKeyConstraint(["previous_id"], ["generation.id"], name=op.f("fk_active_generation_previous_id")),
        sa.PrimaryKeyConstraint("singleton", name=op.f("pk_active_generation")),
    )
    op.create_table(
        "chunk",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False, comment="headings above it, 'Benefits > Leave'"),
        sa.Column("text", sa.Text(), nullable=False, comment="never changes: another text is another chunk"),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False, comment="sha256 of what is encoded"),
        sa.Column(
            "text_search",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('english', section || ' ' || text)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "change_seq",
            sa.BigInteger(),
            server_default=sa.text("nextval('chunk_change_seq')"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_chunk_document_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chunk")),
    )
    op.create_index(op.f("ix_chunk_change_seq"), "chunk", ["change_seq"], unique=False)
    op.create_index(op.f("ix_chunk_document_id"), "chunk", ["document_id"], unique=False)
    op.create_index("ix_chunk_text_search", "chunk", ["text_search"], unique=False, postgresql_using="gin")
    op.create_table(
        "question",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "event_id",
            sa.Text(),
            nullable=True,
            comment="the Slack event that asked it: one question an event",
        ),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("channel_kind", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("thread_ts", sa.Text(), nullable=True),
        sa.Column("raw_text", sa.Text(), nullable=False),
        sa.Column("rewritten_text", sa.Text(), nullable=True, comment="as it was searched for, where that differs"),
        sa.Column("audience_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("generation_id", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answer_kind", sa.Text(), nullable=True),
        sa.Column("timings_ms", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("answer_kind IN ('generated', 'quoted', 'unknown')", name=op.f("ck_question_answer_kind")),
        sa.CheckConstraint(
            "channel_kind IN ('public', 'private', 'direct', 'console')",
            name=op.f("ck_question_channel_kind"),
        ),
        sa.ForeignKeyConstraint(["generation_id"], ["generation.id"], name=op.f("fk_question_generation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("event_id", name=op.f("uq_question_event_id")),
    )
    op.create_index("ix_question_person", "question", ["workspace", "person"], unique=False)
    op.create_table(
        "answer_message",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("message_ts", sa.Text(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_answer_message_question_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace", "channel", "message_ts", name=op.f("pk_answer_message")),
        comment="every message an answer was posted as: reactions name messages",
    )
    op.create_index(op.f("ix_answer_message_question_id"), "answer_message", ["question_id"], unique=False)
    op.create_table(
        "curated_pair",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("completion", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column(
            "question_id",
            sa.BigInteger(),
            nullable=True,
            comment="the asked question that it is about; NULL: somebody wrote one",
        ),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_curated_pair_question_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_curated_pair")),
    )
    op.create_index(
        "uq_curated_pair_texts", "curated_pair", [sa.text("md5(prompt)"), sa.text("md5(completion)")], unique=True
    )
    op.create_index(op.f("ix_curated_pair_question_id"), "curated_pair", ["question_id"], unique=False)
    op.create_table(
        "curated_pair_chunk",
        sa.Column("pair_id", sa.BigInteger(), nullable=False),
        sa.Column("chunk_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chunk_id"], ["chunk.id"], name=op.f("fk_curated_pair_chunk_chunk_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["pair_id"], ["curated_pair.id"], name=op.f("fk_curated_pair_chunk_pair_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pair_id", "chunk_id", name=op.f("pk_curated_pair_chunk")),
    )
    op.create_index(op.f("ix_curated_pair_chunk_chunk_id"), "curated_pair_chunk", ["chunk_id"], unique=False)
    op.create_table(
        "impression",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("chunk_id", sa.BigInteger(), nullable=True),
        sa.Column("chunk_text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False, comment="1 is the best"),
        sa.Column("similarity", sa.Float(), nullable=False, comment="cosine"),
        sa.Column("text_score", sa.Float(), nullable=True, comment="full text, where it was used"),
        sa.Column(
            "propensity",
            sa.Float(),
            nullable=True,
            comment="probability that it was shown; NULL if it couldn't be",
        ),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["chunk_id"], ["chunk.id"], name=op.f("fk_impression_chunk_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_impression_question_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_impression")),
        sa.UniqueConstraint("question_id", "rank", name=op.f("uq_impression_question_id_rank")),
    )
    op.create_index(op.f("ix_impression_chunk_id"), "impression", ["chunk_id"], unique=False)
    op.create_table(
        "triplet",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=True),
        sa.Column("pair_id", sa.BigInteger(), nullable=True),
        sa.Column("positive_chunk_id", sa.BigInteger(), nullable=False),
        sa.Column("negative_chunk_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False, comment="where the negative came from"),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.CheckConstraint("kind IN ('voted', 'mined', 'random')", name=op.f("ck_triplet_kind")),
        sa.CheckConstraint("(question_id IS NULL) <> (pair_id IS NULL)", name=op.f("ck_triplet_one_anchor")),
        sa.ForeignKeyConstraint(
            ["negative_chunk_id"], ["chunk.id"], name=op.f("fk_triplet_negative_chunk_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["pair_id"], ["curated_pair.id"], name=op.f("fk_triplet_pair_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["positive_chunk_id"], ["chunk.id"], name=op.f("fk_triplet_positive_chunk_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_triplet_question_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["retrain_run.id"], name=op.f("fk_triplet_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_triplet")),
    )
    op.create_index(op.f("ix_triplet_negative_chunk_id"), "triplet", ["negative_chunk_id"], unique=False)
    op.create_index(op.f("ix_triplet_positive_chunk_id"), "triplet", ["positive_chunk_id"], unique=False)
    op.create_index(op.f("ix_triplet_question_id"), "triplet", ["question_id"], unique=False)
    op.create_index(op.f("ix_triplet_run_id"), "triplet", ["run_id"], unique=False)
    op.create_table(
        "citation",
        sa.Column("id", sa.Text(), nullable=False, comment="random: it travels in Slack's buttons"),
        sa.Column("impression_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["impression_id"], ["impression.id"], name=op.f("fk_citation_impression_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_citation_question_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citation")),
        sa.UniqueConstraint("impression_id", name=op.f("uq_citation_impression_id")),
        sa.UniqueConstraint("question_id", "number", name=op.f("uq_citation_question_id_number")),
    )
    op.create_index(op.f("ix_citation_question_id"), "citation", ["question_id"], unique=False)
    op.create_table(
        "vote",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("citation_id", sa.Text(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.Column(
            "weight",
            sa.Float(),
            nullable=False,
            comment="1, or less for a share of a vote on the whole answer",
        ),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("occurred_ts", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.CheckConstraint("origin IN ('source', 'answer')", name=op.f("ck_vote_origin")),
        sa.CheckConstraint("value IN (-1, 1)", name=op.f("ck_vote_value")),
        sa.ForeignKeyConstraint(["citation_id"], ["citation.id"], name=op.f("fk_vote_citation_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_vote_question_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person", "citation_id", name=op.f("pk_vote")),
        comment="the fold of vote_event",
    )
    op.create_index(op.f("ix_vote_citation_id"), "vote", ["citation_id"], unique=False)
    op.create_index(op.f("ix_vote_question_id"), "vote", ["question_id"], unique=False)
    op.create_table(
        "vote_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("citation_id", sa.Text(), nullable=True, comment="NULL: the whole answer"),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.Column(
            "occurred_ts",
            sa.Numeric(precision=20, scale=6),
            nullable=False,
            comment="Slack's timestamp, seconds",
        ),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("action IN ('press', 'set', 'react', 'unreact')", name=op.f("ck_vote_event_action")),
        sa.CheckConstraint("value IN (-1, 0, 1)", name=op.f("ck_vote_event_value")),
        sa.ForeignKeyConstraint(
            ["citation_id"], ["citation.id"], name=op.f("fk_vote_event_citation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_vote_event_question_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vote_event")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_vote_event_dedupe_key")),
        comment="append-only",
    )
    op.create_index("ix_vote_event_fold", "vote_event", ["question_id", "person"], unique=False)
    op.create_table(
        "vote_reason",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("citation_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "reason IN ('wrong_source', 'outdated', 'badly_written', 'not_allowed', 'other')",
            name=op.f("ck_vote_reason_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["citation_id"], ["citation.id"], name=op.f("fk_vote_reason_citation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person", "citation_id", name=op.f("pk_vote_reason")),
    )
    op.execute("INSERT INTO audience (kind, name) VALUES ('public', 'everyone')")
    _create_bolt_tables()


def _create_bolt_tables() -> None:
    """As slack_sdk's SQLAlchemy stores declare them (a test compares)."""
    op.create_table(
        "slack_bots",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("enterprise_id", sa.String(length=32), nullable=True),
        sa.Column("enterprise_name", sa.String(length=200), nullable=True),
        sa.Column("team_id", sa.String(length=32), nullable=True),
        sa.Column("team_name", sa.String(length=200), nullable=True),
        sa.Column("bot_token", sa.String(length=200), nullable=True),
        sa.Column("bot_id", sa.String(length=32), nullable=True),
        sa.Column("bot_user_id", sa.String(length=32), nullable=True),
        sa.Column("bot_scopes", sa.String(length=1000), nullable=True),
        sa.Column("bot_refresh_token", sa.String(length=200), nullable=True),
        sa.Column("bot_token_expires_at", sa.DateTime(), nullable=True),
        sa.Column("is_enterprise_install", sa.Boolean(), nullable=False),
        sa.Column("installed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "slack_bots_idx",
        "slack_bots",
        ["client_id", "enterprise_id", "team_id", "installed_at"],
        unique=False,
    )
    op.create_table(
        "slack_installations",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("app_id", sa.String(length=32), nullable=False),
        sa.Column("enterprise_id", sa.String(length=32), nullable=True),
        sa.Column("enterprise_name", sa.String(length=200), nullable=True),
        sa.Column("enterprise_url", sa.String(length=200), nullable=True),
        sa.Column("team_id", sa.String(length=32), nullable=True),
        sa.Column("team_name", sa.String(length=200), nullable=True),
        sa.Column("bot_token", sa.String(length=200), nullable=True),
        sa.Column("bot_id", sa.String(length=32), nullable=True),
        sa.Column("bot_user_id", sa.String(length=32), nullable=True),
        sa.Column("bot_scopes", sa.String(length=1000), nullable=True),
        sa.Column("bot_refresh_token", sa.String(length=200), nullable=True),
        sa.Column("bot_token_expires_at", sa.DateTime(), nullable=True),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("user_token", sa.String(length=200), nullable=True),
        sa.Column("user_scopes", sa.String(length=1000), nullable=True),
        sa.Column("user_refresh_token", sa.String(length=200), nullable=True),
        sa.Column("user_token_expires_at", sa.DateTime(), nullable=True),
        sa.Column("incoming_webhook_url", sa.String(length=200), nullable=True),
        sa.Column("incoming_webhook_channel", sa.String(length=200), nullable=True),
        sa.Column("incoming_webhook_channel_id", sa.String(length=200), nullable=True),
        sa.Column("incoming_webhook_configuration_url", sa.String(length=200), nullable=True),
        sa.Column("is_enterprise_install", sa.Boolean(), nullable=False),
        sa.Column("token_type", sa.String(length=32), nullable=True),
        sa.Column("installed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "slack_installations_idx",
        "slack_installations",
        ["client_id", "enterprise_id", "team_id", "user_id", "installed_at"],
        unique=False,
    )
    op.create_table(
        "slack_oauth_states",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("state", sa.String(length=200), nullable=False),
        sa.Column("expire_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    connection = op.get_bind()
    for (generation_id,) in connection.execute(sa.text("SELECT id FROM generation")).all():
        op.execute(f"DROP TABLE IF EXISTS embedding_{generation_id}")
    for table in _TABLES:
        op.drop_table(table)
    op.execute(sa.schema.DropSequence(sa.Sequence("chunk_change_seq")))
