"""Encoders with their vectors, the generations that use them, which of those serve, and what people decide on them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from db.schema.columns import attempts, identity, metadata, now, one_of, time

artefact = sa.Table(
    "artefact",
    metadata,
    identity(),
    sa.Column("base_model", sa.Text, nullable=False),
    sa.Column("uri", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("dtype", sa.Text, nullable=False),
    sa.Column("dimension", sa.Integer, nullable=False),
    sa.Column("ef_search", sa.Integer, nullable=False, server_default="100", comment="breadth of the index's search"),
    sa.Column("level_with", sa.BigInteger, comment="number of changes of documents that its vectors were level with"),
    comment="an encoder and the vectors it made; its files and table go with the last generation that uses them",
)

artefact_part = sa.Table(
    "artefact_part",
    metadata,
    sa.Column("artefact_id", sa.ForeignKey("artefact.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sa.Column("path", sa.Text, primary_key=True, comment="of a file in the model's folder, with forward slashes"),
    sa.Column("part", sa.Integer, primary_key=True, autoincrement=False, comment="from 0 on"),
    sa.Column("content", sa.LargeBinary, nullable=False),
    comment="files of encoders that nights trained, for bots with other data folders",
)

generation = sa.Table(
    "generation",
    metadata,
    identity(),
    sa.Column("parent_id", sa.ForeignKey("generation.id")),
    sa.Column("run_id", sa.ForeignKey("retrain_run.id"), unique=True),
    sa.Column("artefact_id", sa.ForeignKey("artefact.id"), nullable=False, index=True),
    sa.Column("status", sa.Text, nullable=False, server_default="building"),
    sa.Column(
        "unrelated_nearness",
        sa.Float,
        nullable=False,
        server_default="0.182",
        comment="mean cosine of sources to questions that no document answers: nearness counts from it",
    ),
    sa.Column("unrelated_spread", sa.Float, nullable=False, server_default="0.086", comment="and its spread"),
    sa.Column(
        "ranking",
        JSONB,
        nullable=False,
        server_default="{}",
        comment="weights that order what words and vectors found; empty: as they ship",
    ),
    sa.Column("metrics", JSONB, nullable=False, server_default="{}"),
    sa.Column("learnt_from_erased", sa.Boolean, nullable=False, server_default=sa.false()),
    now("created_at"),
    time("promoted_at"),
    sa.Column("promoted_by", sa.Text),
    sa.Column("forced", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column(
        "turned_down_at",
        sa.DateTime(timezone=True),
        comment="when a person rolled it back or rejected it; NULL: nobody did, or somebody wanted it after all",
    ),
    sa.Column("turned_down_by", sa.Text),
    sa.Column("turned_down_how", sa.Text),
    one_of("turned_down_how", "rolled back", "rejected"),
    one_of("status", "building", "built", "refused", "pruned"),
)

in_service = sa.Table(
    "in_service",
    metadata,
    sa.Column("role", sa.Text, primary_key=True),
    sa.Column("generation_id", sa.ForeignKey("generation.id"), nullable=False),
    now("changed_at"),
    sa.Column("changed_by", sa.Text),
    one_of("role", "serving", "previous", "trial"),
    # looked at when a statement ends, so that one statement can swap two
    sa.UniqueConstraint("generation_id", deferrable=True, initially="IMMEDIATE"),
    comment="each role once, each generation once: what every change of a document must reach",
)

trial = sa.Table(
    "trial",
    metadata,
    identity(),
    sa.Column("incumbent_id", sa.ForeignKey("generation.id"), nullable=False, comment="what serves meanwhile"),
    sa.Column("candidate_id", sa.ForeignKey("generation.id"), nullable=False),
    sa.Column("status", sa.Text, nullable=False, comment="proposed: an admin is to begin it"),
    sa.Column("alpha", sa.Float, nullable=False, comment="the chance of luck that promoting its candidate may use"),
    sa.Column("spent", sa.Float, nullable=False, server_default="0", comment="how much of it its looks used"),
    sa.Column("share", sa.Float, nullable=False, comment="of the questions that both answer"),
    sa.Column("most_questions", sa.Integer, nullable=False, comment="that somebody had a say on; then it ends"),
    sa.Column("most_days", sa.Integer, nullable=False, comment="after which it ends"),
    sa.Column("looks", JSONB, nullable=False, server_default="[]", comment="what was seen at each, the first first"),
    now("proposed_at"),
    time("started_at"),
    sa.Column("started_by", sa.Text),
    time("ended_at"),
    sa.Column("ended_by", sa.Text),
    sa.Column("reason", sa.Text, comment="one plain sentence: why it ended as it did"),
    one_of("status", "proposed", "running", "promoted", "dropped", "undecided", "stopped"),
    sa.Index(
        "uq_trial_open",
        sa.text("(true)"),
        unique=True,
        postgresql_where=sa.text("status IN ('proposed', 'running')"),
    ),
    comment="a candidate and what serves answer the same questions, and people's votes decide; one at a time",
)

decision_request = sa.Table(
    "decision_request",
    metadata,
    identity(),
    sa.Column("generation_id", sa.ForeignKey("generation.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("wanted", sa.Text, nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    now("requested_at"),
    time("claimed_at"),
    attempts(0),
    time("done_at"),
    sa.Column("outcome", sa.Text, comment="one plain sentence, once it is done"),
    one_of("wanted", "promote", "reject", "roll_back", "begin_trial"),
    comment="asked for by people, carried out by the night process",
)
