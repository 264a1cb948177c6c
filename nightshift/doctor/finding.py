"""What a check found, and what it has to look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.settings import Settings

Level = Literal["ok", "warning", "fault", "skipped"]
"""`fault`: something doesn't work, or soon won't. `skipped`: it couldn't be looked at, for what another check found."""

Figures = dict[str, str | int | float | bool | None | list[str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """`sentence` says what is so, `remedy` what to do about it; `figures` are by name, for scripts."""

    level: Level
    sentence: str
    remedy: str | None = None
    figures: Figures = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is examined: settings, the database as it stands, and by what clock."""

    settings: Settings
    engine: sa.Engine
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at; `needs` is how much of the database has to be sound before.

    `look` raises `NightshiftError` for what is wrong, or whatever it likes; `remedy` is for what it doesn't say.
    """

    name: str
    look: Callable[[Subject], Finding]
    remedy: str
    needs: Literal["nothing", "database", "tables"] = "tables"
