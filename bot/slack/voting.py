"""Votes from Slack: button presses, answered with the person's own vote, and reactions, which show for themselves."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from bot.slack.client import LOGGER, SLACK_FAILURES, error_code
from bot.slack.source_rows import vote_line
from db.errors import UnknownIdError, VoteRefusedError
from db.questions import load_answer, question_of_citation, question_of_message
from db.slack_events import claim_event, finish_event
from db.votes import VoteEvent, record_vote

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_bolt.async_app import AsyncRespond
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.payloads import Press, Reaction

FAILED = "Your vote wasn't stored: something went wrong on my side. Please vote again in a minute."
GONE = "I no longer have that answer, so your vote can't count."

_log = logging.getLogger(LOGGER)


class Voting:
    """Records votes; one instance a process. Storing a vote twice changes nothing, so no delivery is turned away."""

    def __init__(self, client: AsyncWebClient, engine: sa.Engine) -> None:
        self._client = client
        self._engine = engine

    async def press(self, press: Press, respond: AsyncRespond) -> None:
        """Records a press and shows the person, and nobody else, how their vote now stands."""
        try:
            line = await asyncio.to_thread(self._record_press, press)
        except VoteRefusedError as error:
            line = str(error)
        except UnknownIdError:
            line = GONE
        except Exception as error:
            _log.error("A press of %s:%s wasn't stored: %s.", press.team, press.user, error_code(error))
            line = FAILED
        try:
            shown = await respond(
                text=line, response_type="ephemeral", replace_original=False, thread_ts=press.thread_ts
            )
            failure = None if shown.status_code == 200 else str(shown.status_code)
        except (*SLACK_FAILURES, ValueError) as error:
            failure = error_code(error)
        if failure:
            _log.warning("Couldn't show %s:%s their vote: %s.", press.team, press.user, failure)

    async def react(self, reaction: Reaction) -> None:
        """Records a reaction to an answer; a reaction to any other message is nothing to the bot."""
        try:
            await asyncio.to_thread(self._record_reaction, reaction)
        except UnknownIdError:
            return
        except VoteRefusedError as error:
            await self._tell_once(reaction, str(error))
        except Exception as error:
            _log.error("Reaction %s wasn't stored: %s.", reaction.event_id, error_code(error))
            await self._tell(reaction, FAILED)

    def _record_press(self, press: Press) -> str:
        question_id = question_of_citation(self._engine, press.citation_id)
        event = VoteEvent(
            dedupe_key=press.key,
            workspace=press.team,
            person=f"{press.team}:{press.user}",
            question_id=question_id,
            citation_id=press.citation_id,
            action="press",
            value=press.value,
            occurred_ts=press.occurred_ts,
        )
        live = record_vote(self._engine, event).get(press.citation_id)
        sources = load_answer(self._engine, question_id).sources
        number = next(source.number for source in sources if source.citation_id == press.citation_id)
        return vote_line(number, live.value if live else 0)

    def _record_reaction(self, reaction: Reaction) -> None:
        question_id = question_of_message(self._engine, reaction.team, reaction.channel, reaction.message_ts)
        if question_id is None:
            raise UnknownIdError
        record_vote(
            self._engine,
            VoteEvent(
                dedupe_key=reaction.event_id,
                workspace=reaction.team,
                person=f"{reaction.team}:{reaction.user}",
                question_id=question_id,
                citation_id=None,
                action="react" if reaction.added else "unreact",
                value=reaction.value,
                occurred_ts=reaction.occurred_ts,
            ),
        )

    async def _tell_once(self, reaction: Reaction, sentence: str) -> None:
        """Tells the person, however often Slack delivers the reaction, once."""
        told = f"told:{reaction.event_id}"
        if await asyncio.to_thread(claim_event, self._engine, told):
            await self._tell(reaction, sentence)
            await asyncio.to_thread(finish_event, self._engine, told)

    async def _tell(self, reaction: Reaction, sentence: str) -> None:
        try:
            await self._client.chat_postEphemeral(channel=reaction.channel, user=reaction.user, text=sentence)
        except SLACK_FAILURES as error:
            _log.warning("Couldn't tell %s:%s: %s.", reaction.team, reaction.user, error_code(error))
