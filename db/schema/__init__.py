"""The tables: what Nightshift knows, said, was told, and learnt.

Vectors are not here: each artefact has one plain table of its own, `embedding_<artefact id>`, made and dropped by
`db/generations/vectors.py`, so that dimensions may differ and dropping is instant.
"""

from db.schema.answers import answer_message, citation, impression, question, trial_question
from db.schema.columns import metadata
from db.schema.corpus import (
    PUBLIC_AUDIENCE_ID,
    audience,
    audience_member,
    audience_part,
    chunk,
    document,
    slack_guest,
    source,
    source_item,
)
from db.schema.feedback import (
    curated_pair,
    curated_pair_chunk,
    document_review,
    synthetic_question,
    vote,
    vote_event,
    vote_reason,
)
from db.schema.generations import artefact, artefact_part, decision_request, generation, in_service, trial
from db.schema.nights import kept_snapshot, learnt_from, overdue_notice, retrain_run, trained_question
from db.schema.slack import ballot, channel_setting, posted_report, slack_event
from db.schema.store import failure_count
from db.schema.words import posting, words, words_of_audience, words_segment

__all__ = [
    "PUBLIC_AUDIENCE_ID",
    "answer_message",
    "artefact",
    "artefact_part",
    "audience",
    "audience_member",
    "audience_part",
    "ballot",
    "channel_setting",
    "chunk",
    "citation",
    "curated_pair",
    "curated_pair_chunk",
    "decision_request",
    "document",
    "document_review",
    "failure_count",
    "generation",
    "impression",
    "in_service",
    "kept_snapshot",
    "learnt_from",
    "metadata",
    "overdue_notice",
    "posted_report",
    "posting",
    "question",
    "retrain_run",
    "slack_event",
    "slack_guest",
    "source",
    "source_item",
    "synthetic_question",
    "trained_question",
    "trial",
    "trial_question",
    "vote",
    "vote_event",
    "vote_reason",
    "words",
    "words_of_audience",
    "words_segment",
]
