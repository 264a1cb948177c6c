"""A trial that goes on, and that nobody looks at or ends when it is time to: every night waits for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from db.answers import count_voted
from db.nights import database_time
from retrain.court import TrialRules, is_due, read_look
from retrain.night.trials import read_says

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.generations import Encoders, Trial

LATE_AFTER = timedelta(hours=1)
"""Whoever runs nights looks each half minute, but for what takes a while: carrying out what people decided."""


def why_trial_is_overdue(engine: sa.Engine, encoders: Encoders, known: Trial) -> str | None:
    """A sentence, where what `look_at_trial` does with a trial that goes on was due an hour ago; else None.

    Raises:
        ModelError: the serving generation's encoder can't be used, so nobody can look at it.
    """
    if known.started_at is None:
        return None
    by = database_time(engine) - LATE_AFTER
    seen = [read_look(kept) for kept in known.looks]
    if seen and seen[-1].decision != "go on":
        decided_at = datetime.fromisoformat(known.looks[-1]["at"])
        what = f"The votes on trial {known.id} were counted at {_when(decided_at)} ({seen[-1].decision})"
        return f"{what}, and nobody has carried that out." if decided_at <= by else None
    ends_at = known.started_at + timedelta(days=known.most_days)
    if ends_at <= by:
        return f"The time of trial {known.id} was up at {_when(ends_at)}, and nobody has ended it."
    rules = TrialRules(known.alpha, known.most_questions)
    if not is_due(count_voted(engine, known.id, by), seen, rules):
        return None
    said = len(read_says(engine, encoders, known))  # fewer, where near-duplicates are among them
    if not is_due(said, seen, rules):
        return None
    new = said - (seen[-1].questions if seen else 0)
    return (
        f"Nobody looks at trial {known.id}: people voted on {new} more questions since the last look, which is due "
        f"after {rules.questions_a_look}."
    )


def _when(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M %Z}"
