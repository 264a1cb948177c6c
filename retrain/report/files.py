"""Where a night's report is kept, and how it gets there: questions looked up, page and picture put in place whole."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from db.errors import NightshiftError, UnknownIdError
from db.generations import find_candidate
from db.nights import Run, get_run, list_runs, take_outdated_report
from db.slack import changed_in, texts_to_show
from retrain.lesson import Anchor
from retrain.report.page import render_report
from retrain.report.plot import plot_night

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.settings import Settings

log = logging.getLogger(__name__)


def report_path(settings: Settings, run_id: int) -> Path:
    """The page; its picture is beside it."""
    return settings.report_picture(run_id).with_suffix(".html")


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


def rewrite_outdated_report(engine: sa.Engine, settings: Settings) -> bool:
    """Renders a kept page that says what no longer holds, if there is one; whether there was.

    Where that fails it is logged, and tried again with the next call.
    """
    try:
        with take_outdated_report(engine) as run_id:
            if run_id is not None and report_path(settings, run_id).exists():
                write_report(engine, settings, get_run(engine, run_id))
            return run_id is not None
    except NightshiftError as error:
        log.error("a report that is out of date could not be rewritten: %s", type(error).__name__)
        return False


def read_texts(engine: sa.Engine, anchors: Iterable[Anchor]) -> dict[Anchor, str | None]:
    """Texts of those that still exist; None where the text is of a question that wasn't asked in a public channel."""
    wanted = list(anchors)
    found = texts_to_show(engine, wanted)
    return {anchor: found[anchor] for anchor in wanted if anchor in found}


def _named_in(run: Run) -> list[Anchor]:
    return [Anchor(change["kind"], change["id"]) for side in changed_in(run).values() for change in side]


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
