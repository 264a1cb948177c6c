"""How far a trial is, for people: the same sentences wherever it is told of; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from db.answers.picks import Drawing
from db.generations import Trial

_STANDS = {
    "proposed": "waits for an admin to begin it",
    "running": "goes on",
    "promoted": "ended: the candidate serves",
    "dropped": "ended: the candidate was dropped",
    "undecided": "ended without a decision, so nothing was changed",
    "stopped": "was stopped",
}


def trial_in_words(known: Trial, drawn: Drawing) -> list[str]:
    """What it compares and how it stands, what was drawn, and what the last look said: a sentence each."""
    told = [
        f"Trial {known.id}, of generation {known.candidate_id} against generation {known.incumbent_id}, "
        f"{_STANDS[known.status]}."
    ]
    if known.started_at is not None:
        told.append(
            f"Both answered {drawn.questions} questions together and differed on {drawn.competitive}; people voted on "
            f"what they differed in on {drawn.voted} of the {known.most_questions} there may be."
        )
    if known.looks:
        told.append(_look_in_words(known.looks[-1]))
    elif known.status == "running":
        told.append("It was not looked at yet.")
    if known.reason is not None:
        told.append(known.reason)
    return told


def _look_in_words(seen: Mapping[str, Any]) -> str:
    return (
        f"Last look, at {seen['questions']} questions with a say: candidate preferred on {seen['won']}, incumbent on "
        f"{seen['lost']}; p = {seen['p']:.4f} of {seen['allowed']:.4f} allowed then."
    )
