"""What is told of a night in Slack: which nights, under which message, and what the database says of each by now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db.answers import count_drawn, trial_in_words
from db.corpus import asked_in_public
from db.generations import DecisionRequest, Trial, decisions_about, find_candidate, generations_by_role, list_trials
from db.nights import Run, get_run
from db.schema import curated_pair, posted_report, question, retrain_run
from db.store import Queue

POSTED_WITHIN = "2 days"
"""A night that ended longer ago is history: naming an admin channel doesn't bring up all that ever was."""

KEPT_CURRENT = 10
"""Reports whose messages are compared, again and again, with what is so by now: the newest."""

Named = tuple[str, int]
"""Kind and id: ("question", 7) or ("pair", 3)."""

_REPORTS = Queue(posted_report, posted_report.c.message_ts.is_(None))


class ReportClaim(NamedTuple):
    """A night that is this caller's to tell of: by the number of its claim, until somebody else has it."""

    run_id: int
    attempt: int


@dataclass(frozen=True, slots=True)
class PostedReport:
    """The message that tells of a night, and the digest of what it shows (None: it has to be made anew)."""

    run_id: int
    channel: str
    message_ts: str
    shown: bytes | None


@dataclass(frozen=True, slots=True)
class NightFacts:
    """A night and what became of it; `texts` are of the questions it names, None where one may not be shown.

    `trial` tells of its candidate's trial, if there is or was one, in sentences; `trial_waits`: an admin may begin it.
    """

    run: Run
    generation_id: int | None
    serves: bool
    can_roll_back: bool
    requests: tuple[DecisionRequest, ...]
    texts: dict[Named, str | None]
    trial: tuple[str, ...] = ()
    trial_waits: bool = False


def claim_reports(engine: sa.Engine, channel: str) -> list[ReportClaim]:
    """Takes the runs that nobody has told of, for this caller alone; a claim that came to nothing is taken again.

    Of ranking runs that the clock asked for only those that came to something: others would be no news.
    """
    run = retrain_run.c
    is_news = (run.kind == "night") | (run.trigger != "schedule") | run.decision.is_distinct_from("refused")
    ended = (
        sa.select(retrain_run.c.id, sa.literal(channel))
        .outerjoin(posted_report, posted_report.c.run_id == retrain_run.c.id)
        .where(
            retrain_run.c.status.in_(["done", "failed"]),
            is_news,
            retrain_run.c.finished_at > sa.func.now() - sa.text(f"interval '{POSTED_WITHIN}'"),
            posted_report.c.run_id.is_(None) | _REPORTS.is_stale(),
        )
        .order_by(retrain_run.c.id)
    )
    with engine.begin() as connection:
        claimed = _REPORTS.claim(connection, insert(posted_report).from_select(["run_id", "channel"], ended), "channel")
    return sorted(ReportClaim(*row) for row in claimed)


def keep_claim(engine: sa.Engine, claim: ReportClaim) -> bool:
    """Whether nobody else tells of the night by now, nor will while this caller does."""
    with engine.begin() as connection:
        return _REPORTS.renew(connection, *claim)


def note_posted(engine: sa.Engine, claim: ReportClaim, message_ts: str, shown: bytes) -> None:
    """Notes under which message a night is told of, and the digest of what that shows, unless the claim was lost."""
    with engine.begin() as connection:
        _REPORTS.change(connection, *claim, message_ts=message_ts, shown=shown)


def note_shown(engine: sa.Engine, run_id: int, shown: bytes) -> None:
    """Notes the digest of what the message that tells of a night shows by now."""
    with engine.begin() as connection:
        connection.execute(sa.update(posted_report).where(posted_report.c.run_id == run_id).values(shown=shown))


def reports_to_check(engine: sa.Engine) -> list[PostedReport]:
    """The newest reports, and all from which something was erased, oldest first."""
    posted = posted_report.c
    newest = sa.select(posted.run_id).order_by(posted.run_id.desc()).limit(KEPT_CURRENT)
    wanted = sa.select(posted.run_id, posted.channel, posted.message_ts, posted.shown).where(
        posted.message_ts.is_not(None), posted.shown.is_(None) | posted.run_id.in_(newest)
    )
    with engine.connect() as connection:
        return [PostedReport(*row) for row in connection.execute(wanted.order_by(posted.run_id))]


def read_night(engine: sa.Engine, run_id: int) -> NightFacts:
    """Everything that a report in Slack shows of a night.

    Raises:
        UnknownIdError: there is no such run.
        EmptyCorpusError: nothing was ever ingested.
    """
    candidate = find_candidate(engine, run_id)
    # before what they bring about: whoever reads that a request was done must find what it did
    requests = tuple(decisions_about(engine, candidate.id)) if candidate else ()
    run = get_run(engine, run_id)
    roles = generations_by_role(engine)
    named = [(each["kind"], each["id"]) for side in changed_in(run).values() for each in side]
    trial = _trial_of(engine, candidate.id) if candidate else None
    return NightFacts(
        run=run,
        generation_id=candidate.id if candidate else None,
        serves=candidate is not None and candidate.id == roles["serving"].id,
        can_roll_back="previous" in roles,
        requests=requests,
        texts=texts_to_show(engine, named),
        trial=tuple(trial_in_words(trial, count_drawn(engine, trial.id))) if trial else (),
        trial_waits=trial is not None and trial.status == "proposed",
    )


def changed_in(run: Run) -> dict[str, list[dict[str, Any]]]:
    """The questions that got most better and most worse: {"better": [{kind, id, …}, …], "worse": […]}."""
    changed: dict[str, list[dict[str, Any]]] = (run.evidence or {}).get("changed", {})
    return changed


def texts_to_show(engine: sa.Engine, named: Iterable[Named]) -> dict[Named, str | None]:
    """Texts of those that still exist; None where the text is of a question that wasn't asked in a public channel."""
    wanted = list(named)
    ids = {kind: [number for of, number in wanted if of == kind] for kind in ("question", "pair")}
    public = asked_in_public().label("is_public")
    asked = sa.func.coalesce(question.c.rewritten_text, question.c.raw_text).label("text")
    written_or_public = (question.c.id.is_(None) | asked_in_public()).label("is_public")  # a pair may be of a question
    queries: dict[str, sa.Select[Any]] = {
        "question": sa.select(question.c.id, asked, public).where(question.c.id.in_(ids["question"])),
        "pair": sa.select(curated_pair.c.id, curated_pair.c.prompt.label("text"), written_or_public)
        .outerjoin(question, question.c.id == curated_pair.c.question_id)
        .where(curated_pair.c.id.in_(ids["pair"])),
    }
    with engine.connect() as connection:
        return {
            (kind, row.id): row.text if row.is_public else None
            for kind, query in queries.items()
            for row in connection.execute(query)
        }


def _trial_of(engine: sa.Engine, candidate_id: int) -> Trial | None:
    return next((own for own in list_trials(engine) if own.candidate_id == candidate_id), None)
