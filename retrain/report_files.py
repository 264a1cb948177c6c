"""Where a night's report is kept, and how it gets there: questions looked up, page and picture put in place whole."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from db.errors import NightshiftError, UnknownIdError
from db.generations import find_candidate
from db.runs import Run, list_runs
from db.schema import curated_pair, question
from retrain.labels import Anchor
from retrain.report import render_report
from retrain.report_plot import plot_night

if TYPE_CHECKING:
    from db.settings import Settings

log = logging.getLogger(__name__)


def report_path(settings: Settings, run_id: int) -> Path:
    """The page; its picture is `report.png` beside it."""
    return settings.reports_dir / f"run-{run_id}" / "report.html"


def latest_with_report(engine: sa.Engine) -> Run:
    """The newest run that came to a decision.

    Raises:
        UnknownIdError: there is none.
    """
    for run in list_runs(engine, limit=100):
        if run.decision is not None:
            return run
    raise UnknownIdError("No night has come to a decision yet; `nightshift retrain` runs one.")


def keep_report(engine: sa.Engine, settings: Settings, run: Run) -> None:
    """Writes the report of a night that has just ended; where that fails it is logged, and the night stands."""
    try:
        write_report(engine, settings, run)
    except Exception:
        log.exception("run %d ended, but its report could not be written", run.id)


def write_report(engine: sa.Engine, settings: Settings, run: Run) -> Path:
    """Renders a run's report from what the database holds now, and puts it in the old one's place.

    Raises:
        UnknownIdError: the run came to no decision, so there is nothing to report.
        NightshiftError: the folder can't be written to.
    """
    if run.decision is None:
        raise UnknownIdError(f"Run {run.id} came to no decision ({run.status}), so it has no report.")
    candidate = find_candidate(engine, run.id)
    picture = plot_night(run)
    page = render_report(run, read_texts(engine, _named_in(run)), picture, candidate.id if candidate else None)
    path = report_path(settings, run.id)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _put_in_place(path.with_suffix(".png"), picture)
        _put_in_place(path, page.encode())
    except OSError as error:
        raise NightshiftError(f"The report can't be written to {path.parent}: {error.strerror}.") from error
    return path


def read_texts(engine: sa.Engine, anchors: Iterable[Anchor]) -> dict[Anchor, str | None]:
    """Texts of those that still exist; None where the text is of a question that wasn't asked in a public channel."""
    wanted = list(anchors)
    ids = {kind: [anchor.id for anchor in wanted if anchor.kind == kind] for kind in ("question", "pair")}
    public = (question.c.channel_kind == "public").label("is_public")
    asked = sa.func.coalesce(question.c.rewritten_text, question.c.raw_text).label("text")
    written_or_public = sa.func.coalesce(public, sa.true()).label("is_public")  # a pair may be of an asked question
    queries: dict[Literal["question", "pair"], sa.Select[Any]] = {
        "question": sa.select(question.c.id, asked, public).where(question.c.id.in_(ids["question"])),
        "pair": sa.select(curated_pair.c.id, curated_pair.c.prompt.label("text"), written_or_public)
        .outerjoin(question, question.c.id == curated_pair.c.question_id)
        .where(curated_pair.c.id.in_(ids["pair"])),
    }
    with engine.connect() as connection:
        return {
            Anchor(kind, row.id): row.text if row.is_public else None
            for kind, query in queries.items()
            for row in connection.execute(query)
        }


def _named_in(run: Run) -> list[Anchor]:
    changed = (run.evidence or {}).get("changed", {})
    return [Anchor(change["kind"], change["id"]) for side in changed.values() for change in side]


def _put_in_place(path: Path, content: bytes) -> None:
    """Whole or not at all, and readable by this account only: people's questions are in it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink()
        raise
