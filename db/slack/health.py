"""How Nightshift is doing, in figures: what serves, what the last night said, what was asked, voted and failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from db.answers import count_drawn, trial_in_words
from db.corpus import count_chunks, count_documents
from db.generations import generations_by_role, open_trial
from db.nights import Run, last_ended
from db.schema import in_service, question, vote
from db.store import failure_counts

HEALTH_DAYS = 7
"""What "lately" means."""


@dataclass(frozen=True, slots=True)
class Health:
    """`failures` are counted by kind, the commonest first; `up_share` is of the votes that stand, None without any.

    `trial` tells of the one that goes on, or waits to begin, in sentences; then `to_be_tried` is its candidate. All but
    these, the generation, the corpus and the last runs are of the last `HEALTH_DAYS` days.
    """

    generation_id: int
    serving_since: datetime
    can_roll_back: bool
    last_night: Run | None
    documents: int
    chunks: int
    questions: int
    unknown: int
    votes: int
    up_share: float | None
    failures: dict[str, int]
    last_ranking: Run | None = None
    trial: tuple[str, ...] = ()
    to_be_tried: int | None = None


def read_health(engine: sa.Engine) -> Health:
    """Reads it all.

    Raises:
        EmptyCorpusError: nothing was ever ingested.
        DatabaseUnavailableError: it can't be read.
    """
    lately = sa.func.now() - sa.text(f"interval '{HEALTH_DAYS} days'")
    asked = sa.select(sa.func.count(), sa.func.count().filter(question.c.answer_kind == "unknown")).where(
        question.c.asked_at > lately
    )
    standing = sa.select(sa.func.count(), sa.func.avg(sa.case((vote.c.value > 0, 1.0), else_=0.0))).where(
        vote.c.occurred_ts > sa.func.extract("epoch", lately)
    )
    since = sa.select(in_service.c.changed_at).where(in_service.c.role == "serving")
    roles = generations_by_role(engine)
    night, ranking = last_ended(engine, "night"), last_ended(engine, "ranking")
    known = open_trial(engine)
    trial = trial_in_words(known, count_drawn(engine, known.id)) if known else []
    documents, chunks, failures = count_documents(engine), count_chunks(engine), failure_counts(engine, HEALTH_DAYS)
    with engine.connect() as connection:
        questions, unknown = connection.execute(asked).one()
        votes, up_share = connection.execute(standing).one()
        return Health(
            generation_id=roles["serving"].id,
            serving_since=connection.execute(since).scalar_one(),
            can_roll_back="previous" in roles,
            last_night=night,
            last_ranking=ranking,
            documents=documents,
            chunks=chunks,
            questions=questions,
            unknown=unknown,
            votes=votes,
            up_share=None if up_share is None else float(up_share),
            failures=failures,
            trial=tuple(trial),
            to_be_tried=known.candidate_id if known is not None and known.status == "proposed" else None,
        )
