"""Where everything stands, in figures for whoever measures: counts and moments of the whole store, never texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from db.answers import count_drawn
from db.corpus import count_chunks, count_documents
from db.generations import Trial, open_trial
from db.nights import database_time
from db.schema import curated_pair, decision_request, in_service, question, retrain_run, slack_event, vote
from db.sources import list_sources
from db.store import failure_counts

FAILURE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Figures:
    """`silences` are questions that were not answered, `wrong_silences` those of them that somebody answered since.

    `sources` are those that are synced, by how they stand: "ok", "failed" at the last sync, or "overdue" for the
    next; `synced_at` is the oldest last sync of those that are synced by the clock. `runs` are counted by kind and
    outcome, `ended_at` is the last end by kind, `waiting` what nobody is at yet, by what it is; `failures` are of
    the last `FAILURE_DAYS` days. `trial` is of the one that goes on, in questions: that both `answered`, `voted`
    on, and at the last look `won` by the candidate or `lost`; empty where there is none.
    """

    documents: int
    chunks: int
    generation_id: int | None
    serving_since: datetime | None
    silences: int
    wrong_silences: int
    votes_up: int
    votes_down: int
    runs: dict[tuple[str, str], int]
    ended_at: dict[str, datetime]
    waiting: dict[str, int]
    failures: dict[str, int]
    sources: dict[str, int]
    synced_at: datetime | None
    trial: dict[str, int] = field(default_factory=dict)


def read_figures(engine: sa.Engine) -> Figures:
    """Reads them all.

    Raises:
        DatabaseUnavailableError: they can't be read.
    """
    documents, chunks, failures = count_documents(engine), count_chunks(engine), failure_counts(engine, FAILURE_DAYS)
    known, sources, now = open_trial(engine), list_sources(engine), database_time(engine)
    failed = sum(own.has_failed for own in sources)
    overdue = sum(own.is_overdue(now) for own in sources)
    sound = sum(not own.has_failed and not own.is_overdue(now) for own in sources)
    with engine.connect() as connection:
        serves = connection.execute(_SERVES).one_or_none()
        silences, wrong_silences = connection.execute(_SILENCES).one()
        up, down = connection.execute(_VOTES).one()
        runs = {(kind, outcome): count for kind, outcome, count in connection.execute(_RUNS)}
        ended_at = {kind: at for kind, at in connection.execute(_ENDED)}
        nights, decisions, events = connection.execute(_WAITING).one()
    return Figures(
        documents=documents,
        chunks=chunks,
        generation_id=serves.generation_id if serves else None,
        serving_since=serves.changed_at if serves else None,
        silences=silences,
        wrong_silences=wrong_silences,
        votes_up=up,
        votes_down=down,
        runs=runs,
        ended_at=ended_at,
        waiting={"nights": nights, "decisions": decisions, "events": events},
        failures=failures,
        sources={"ok": sound, "failed": failed, "overdue": overdue},
        synced_at=min((own.synced_at for own in sources if own.every_s and own.synced_at), default=None),
        trial=_questions_of(engine, known) if known else {},
    )


def _questions_of(engine: sa.Engine, known: Trial) -> dict[str, int]:
    drawn, last = count_drawn(engine, known.id), known.looks[-1] if known.looks else {"won": 0, "lost": 0}
    return {"answered": drawn.questions, "voted": drawn.voted, "won": last["won"], "lost": last["lost"]}


_COUNT = sa.func.count()
_SERVES = sa.select(in_service.c.generation_id, in_service.c.changed_at).where(in_service.c.role == "serving")
_SILENCES = sa.select(_COUNT, _COUNT.filter(sa.exists().where(curated_pair.c.question_id == question.c.id))).where(
    question.c.answer_kind == "unknown"
)
_VOTES = sa.select(_COUNT.filter(vote.c.value > 0), _COUNT.filter(vote.c.value < 0))
_OVER = retrain_run.c.status.in_(["done", "failed"])
_OUTCOME = sa.case((retrain_run.c.status == "failed", "failed"), else_=sa.func.coalesce(retrain_run.c.decision, "none"))
_RUNS = sa.select(retrain_run.c.kind, _OUTCOME, _COUNT).where(_OVER).group_by(retrain_run.c.kind, _OUTCOME)
_ENDED = sa.select(retrain_run.c.kind, sa.func.max(retrain_run.c.finished_at)).where(_OVER).group_by(retrain_run.c.kind)
_WAITING = sa.select(
    sa.select(_COUNT).where(retrain_run.c.status == "requested").scalar_subquery(),
    sa.select(_COUNT).where(decision_request.c.done_at.is_(None)).scalar_subquery(),
    sa.select(_COUNT).where(slack_event.c.done_at.is_(None), slack_event.c.payload.is_not(None)).scalar_subquery(),
)
