"""Shows a person how their votes on an answer stand: in one message that they alone see, changed by each vote.

Slack lets such a message be changed only by the address that comes with a press of its own buttons, five times within
half an hour. So a press in it changes it, and the address is kept, for every process: a vote under the answer itself
then changes the message too. Where nobody ever pressed in it, or too long ago, a new one is shown.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from slack_bolt.async_app import AsyncRespond

from bot.pools import PROMPT
from bot.slack.transport import LOGGER, error_code, replace_pressed, whisper
from db.slack import keep_ballot, use_ballot

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.slack.incoming import Press
    from bot.slack.transport import Blocks

_log = logging.getLogger(LOGGER)


class Ballots:
    """The message of each person about each answer; its state is in the database."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    async def change_pressed(
        self, press: Press, respond: AsyncRespond, question_id: int, line: str, blocks: Blocks
    ) -> None:
        """Changes the message whose button was pressed; the address by which it can be changed again is kept first.

        Whoever sees the change may vote at once, and that vote is to find it.
        """
        if press.response_url:
            await self._keep(press, question_id, press.response_url)
        await replace_pressed(respond, press, line, blocks)

    async def show(self, press: Press, respond: AsyncRespond, question_id: int, line: str, blocks: Blocks) -> None:
        """Changes the person's message about that answer, or shows one where that can't be done."""
        address = await self._address(press, question_id)
        if address and await replace_pressed(AsyncRespond(response_url=address), press, line, blocks):
            return
        await whisper(respond, press, line, blocks)

    async def _keep(self, press: Press, question_id: int, address: str) -> None:
        try:
            await PROMPT.run(keep_ballot, self._engine, press.person, question_id, address)
        except Exception as error:
            _log.warning("Where the votes of %s are shown isn't kept: %s.", press.person, error_code(error))

    async def _address(self, press: Press, question_id: int) -> str | None:
        try:
            return await PROMPT.run(use_ballot, self._engine, press.person, question_id)
        except Exception as error:
            _log.warning("Can't tell where the votes of %s are shown: %s.", press.person, error_code(error))
            return None
