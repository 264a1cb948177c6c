"""What admins decide on generations: each press of a button is a request that the night process carries out."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from bot.pools import ASIDE, PROMPT
from bot.slack.incoming import read_press
from bot.slack.showing import DECISION_ACTIONS, wanted_by
from bot.slack.transport import LOGGER, Acknowledge, nobody_waits, note_failure, whisper
from db.errors import DatabaseUnavailableError, NightshiftError
from db.generations import decisions_about, request_decision

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_bolt.async_app import AsyncAck, AsyncRespond

    from bot.slack.incoming import Press
    from bot.slack.nights.report import NightReports
    from bot.slack.transport import Admins, SlackApp

ADMINS_ONLY = "Only an admin can decide on that."
FAILED = "That wasn't asked for: something went wrong on my side. Please press it again in a minute."

NOT_YET = "That is asked for, but not done yet: it will be as soon as the night process runs."

OUTCOME_EVERY_S = 0.5
OUTCOME_WITHIN_S = 10.0
"""Seconds in which the outcome is looked for; what comes later is shown when reports are next looked through."""

_log = logging.getLogger(LOGGER)


def listen_to_decisions(
    app: SlackApp, engine: sa.Engine, admins: Admins, show_home: ShowHome, reports: NightReports
) -> None:
    """Takes in what admins decide."""
    decisions = Decisions(engine, admins, show_home, reports)

    async def on_press(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        press = read_press(body)
        if press is None:
            await ack()
        else:
            await app.work.start_acknowledged(ack, partial(decisions.press, press, respond))

    app.action(DECISION_ACTIONS)(on_press)


class ShowHome(Protocol):
    """A person's App Home, as far as decisions need it."""

    async def __call__(self, team: str, user: str, *, notice: str = "") -> None:
        """Shows it as things are now, with what came of their last press. Never raises."""


class Decisions:
    """Takes requests of admins and follows them to their outcome; one instance a process.

    What was decided is shown in the admin channel, and in the App Home of who pressed there.
    """

    def __init__(self, engine: sa.Engine, admins: Admins, show_home: ShowHome, reports: NightReports) -> None:
        self._engine = engine
        self._admins = admins
        self._show_home = show_home
        self._reports = reports

    async def press(self, press: Press, respond: AsyncRespond, acknowledge: Acknowledge = nobody_waits) -> None:
        """Asks for what the button says, and shows the outcome once there is one."""
        generation_id = int(press.value) if press.value.isdecimal() else 0
        wanted = wanted_by(press.action_id)
        try:
            if not await self._admins.include(press.team, press.user):
                await acknowledge()
                await self._say(press, respond, ADMINS_ONLY)
                return
            asked = await PROMPT.run(request_decision, self._engine, generation_id, wanted, press.person)
            await acknowledge()
            await self._show(press)
            async with asyncio.timeout(OUTCOME_WITHIN_S):
                while not await self._is_done(asked.id, generation_id):
                    await asyncio.sleep(OUTCOME_EVERY_S)
            await self._show(press)
        except TimeoutError:
            _log.warning("What was asked of generation %d isn't done yet: does the night process run?", generation_id)
            await self._say(press, respond, NOT_YET)
        except NightshiftError as error:
            if not isinstance(error, DatabaseUnavailableError):
                await acknowledge()
            await self._say(press, respond, str(error))
        except Exception as error:
            await note_failure(self._engine, f"A decision of {press.person} failed", error)
            await self._say(press, respond, FAILED)

    async def _show(self, press: Press) -> None:
        await self._reports.sweep()
        if not press.channel:
            await self._show_home(press.team, press.user)

    async def _is_done(self, request_id: int, generation_id: int) -> bool:
        requests = await ASIDE.run(decisions_about, self._engine, generation_id)
        return all(request.done_at for request in requests if request.id == request_id)

    async def _say(self, press: Press, respond: AsyncRespond, sentence: str) -> None:
        if press.channel:
            await whisper(respond, press, sentence)
        else:
            await self._show_home(press.team, press.user, notice=sentence)
