"""Whether a document may be outdated, and in which words that is said beside it, the same everywhere; pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

FEW_PEOPLE = 3
"""So many must have called a document outdated before others are told: one or two may be wrong, and would be known."""

MOST_NAMESAKES = 3
"""Other documents by a name, at most, for it to be the name of one thing: "README" is the name of none."""


@dataclass(frozen=True, slots=True)
class Day:
    """From when a document is: the day that it names itself, None where it names none, and when its words changed."""

    named: date | None
    changed: date

    def is_before(self, other: Day) -> bool:
        """Whether another document is newer: by the days that both name, else by when they changed."""
        if self.named is not None and other.named is not None:
            return self.named < other.named
        return self.changed < other.changed


def said_stale(
    day: Day, today: date, old_after_days: int, *, called_outdated_by: int = 0, namesakes: Sequence[Day] = ()
) -> str:
    """That it may be outdated, and why, as half a sentence; "" where nothing says so.

    Args:
        day: its own.
        today: the day on which it is read.
        old_after_days: from which age on it is told as old; 0 for never.
        called_outdated_by: people who say so, of what it says now.
        namesakes: of other documents by its name that the reader may see.
    """
    reasons = "; ".join(_reasons(day, today, old_after_days, called_outdated_by, namesakes))
    return f"may be outdated: {reasons}" if reasons else ""


def _reasons(
    day: Day, today: date, old_after_days: int, called_outdated_by: int, namesakes: Sequence[Day]
) -> Iterable[str]:
    if old_after_days and (day.named or day.changed) < today - timedelta(days=old_after_days):
        yield f"dated {day.named}" if day.named else f"unchanged since {day.changed}"
    if called_outdated_by >= FEW_PEOPLE:
        yield "several people call it outdated"
    if len(namesakes) <= MOST_NAMESAKES and any(day.is_before(other) for other in namesakes):
        yield "a newer document has the same name"
