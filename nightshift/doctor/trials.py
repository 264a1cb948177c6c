"""Does a trial get on? Nights wait for it: while nobody begins it, looks at it or ends it, nothing else is learnt."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from nightshift.doctor.finding import Check, Figures, Finding, Subject

if TYPE_CHECKING:
    from db.generations import Trial

WAITS_LONG = timedelta(days=3)
"""Over a weekend an admin may be away."""


def look_at_trials(subject: Subject) -> Finding:
    """Whether what is open waits for an admin for days, or for a process that would look at it."""
    from db.generations import Encoders, open_trial
    from db.nights import database_time
    from retrain.night import why_trial_is_overdue

    known = open_trial(subject.engine)
    if known is None:
        return Finding("ok", "No trial is open.")
    figures: Figures = {"trial": known.id, "status": known.status, "looks": len(known.looks)}
    if known.started_at is None:
        return _of_one_that_waits(known, database_time(subject.engine) - known.proposed_at, figures)
    overdue = why_trial_is_overdue(subject.engine, Encoders(subject.settings, subject.engine), known)
    if overdue is not None:
        return Finding(
            "fault",
            f"{overdue} No night trains until it has ended.",
            "See that one process runs nights, `nightshift run` or `nightshift nights`: it looks at trials, and its "
            f"log says what keeps it. Or `nightshift trials stop {known.id}`.",
            figures,
        )
    until = known.started_at + timedelta(days=known.most_days)
    return Finding("ok", f"Trial {known.id} goes on, until {until:%Y-%m-%d} at the latest.", None, figures)


def _of_one_that_waits(known: Trial, waiting: timedelta, figures: Figures) -> Finding:
    said = f"Trial {known.id} waits for an admin to begin it, since {known.proposed_at:%Y-%m-%d}."
    if waiting < WAITS_LONG:
        return Finding("ok", said, None, figures)
    return Finding(
        "warning",
        f"{said} No night trains until it has ended.",
        f"`nightshift trials show {known.id}` tells what it is; then `nightshift trials start {known.id}`, or `stop`, "
        "or the buttons in Slack. NIGHTSHIFT_TRIALS=on has trials begin by themselves.",
        figures,
    )


CHECKS = (
    Check("trials", look_at_trials, "Put its files back, or stop it: `nightshift trials list` shows which is open."),
)
