"""The claim on a Slack event while somebody works on it: renewed as long as that takes, and theirs alone.

However long an answer takes, waits for its turn or for a language model, nobody else begins it meanwhile; and who was
held up for so long that somebody else did shows nothing any more.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from bot.pools import PROMPT
from bot.slack.transport.client import LOGGER
from bot.slack.transport.refusals import error_code
from db.slack import lease_event, renew_event
from db.store import STALE_AFTER_S

if TYPE_CHECKING:
    import sqlalchemy as sa

BEAT_S = 20.0
"""Seconds between renewals: several may fail before the claim goes stale."""

CONFIRM_WITHIN_S = 5.0
"""Seconds that the database may take to say whose a claim is, before its age alone decides."""

_SURE_FOR_S = STALE_AFTER_S - BEAT_S

_log = logging.getLogger(LOGGER)


class LeaseLostError(Exception):
    """Another process has taken the event over, so this one has no more to say to it."""


class Lease:
    """A claim that is kept alive; `attempt` is its number."""

    def __init__(self, engine: sa.Engine, event_id: str, attempt: int, taken_at: float) -> None:
        self._engine = engine
        self._event_id = event_id
        self.attempt = attempt
        self._renewed_at = taken_at
        self._is_lost = False

    @property
    def is_held(self) -> bool:
        """Whether nobody else can have it, as far as is known here: asks nobody, and waits for nobody."""
        return not self._is_lost and time.monotonic() - self._renewed_at < _SURE_FOR_S

    async def require(self) -> None:
        """Makes sure, before something is shown that only one may show.

        Raises:
            LeaseLostError: it is somebody else's by now, or may be.
        """
        try:
            async with asyncio.timeout(CONFIRM_WITHIN_S):
                await self._renew()
        except Exception as error:
            _log.warning("Can't make sure of the claim on %s: %s.", self._event_id, error_code(error))
        if not self.is_held:
            raise LeaseLostError

    async def keep(self, until_lost: asyncio.Timeout, until_done: asyncio.Event) -> None:
        """Renews it again and again until the work is done; once it is lost, the work under `until_lost` ends."""
        while not self._is_lost:
            with suppress(TimeoutError):
                await asyncio.wait_for(until_done.wait(), BEAT_S)
                return
            try:
                await self._renew()
            except Exception as error:  # the next time may do
                _log.warning("The claim on %s wasn't renewed: %s.", self._event_id, error_code(error))
        until_lost.reschedule(asyncio.get_running_loop().time())

    async def _renew(self) -> None:
        asked_at = time.monotonic()
        if await PROMPT.run(renew_event, self._engine, self._event_id, self.attempt):
            self._renewed_at = asked_at
        else:
            self._is_lost = True


@asynccontextmanager
async def lease(engine: sa.Engine, event_id: str, payload: Mapping[str, Any]) -> AsyncIterator[Lease | None]:
    """Claims an event and keeps the claim to the end of the block; None where it is somebody else's, or done.

    Raises:
        LeaseLostError: somebody else took it over meanwhile; the block was ended where it waited.
        DatabaseUnavailableError: nothing is claimed.
    """
    asked_at = time.monotonic()
    attempt = await PROMPT.run(lease_event, engine, event_id, payload=payload)
    if not attempt:
        yield None
        return
    held = Lease(engine, event_id, attempt, asked_at)
    try:
        async with asyncio.timeout(None) as until_lost:
            until_done = asyncio.Event()
            keeping = asyncio.get_running_loop().create_task(held.keep(until_lost, until_done))
            try:
                yield held
            finally:
                until_done.set()
                await asyncio.wait((keeping,), timeout=CONFIRM_WITHIN_S)
                keeping.cancel()
    except TimeoutError:
        if until_lost.expired():
            raise LeaseLostError from None
        raise
