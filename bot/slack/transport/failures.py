"""What went wrong, for those who look after the bot: a line in the log, and a count for the admins' App Home."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.pools import ANSWERS, ASIDE
from bot.slack.transport.client import LOGGER
from bot.slack.transport.refusals import error_code
from db.store import count_failure

if TYPE_CHECKING:
    import sqlalchemy as sa

_log = logging.getLogger(LOGGER)


async def note_failure(engine: sa.Engine, what: str, error: BaseException) -> None:
    """Logs and counts a failure; `what` is a clause with ids and no texts. Never raises."""
    await ASIDE.run(note_failure_here, engine, what, error)


async def note_unforeseen(engine: sa.Engine, error: BaseException) -> None:
    """Logs and counts what nobody else has dealt with. Never raises."""
    await note_failure(engine, "Something for Slack failed", error)


def note_failure_here(engine: sa.Engine, what: str, error: BaseException) -> None:
    """The same, for a thread that may wait."""
    _log.error("%s: %s.", what, error_code(error))
    count_quietly(engine, error_code(error))


def count_quietly(engine: sa.Engine, kind: str) -> None:
    """Counts alone; that it can't be done is logged."""
    try:
        count_failure(engine, kind)
    except Exception as error:
        _log.error("A failure (%s) wasn't counted: %s.", kind, error_code(error))


async def count_kinds(engine: sa.Engine, *kinds: str) -> None:
    """Counts failures that an answer got round. Never raises."""
    for kind in kinds:
        await ANSWERS.run(count_quietly, engine, kind)


async def despite_errors(note: Callable[..., object], *args: object) -> None:
    """Notes in the database what a person knows already; that it can't be done is logged."""
    try:
        await ANSWERS.run(note, *args)
    except Exception as error:
        _log.error("%s failed: %s.", note.__name__, error_code(error))
