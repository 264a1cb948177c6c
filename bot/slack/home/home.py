"""App Home: a person's own questions and votes, to change, export or erase there; an admin's part below it."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.answering import changes_since
from bot.pools import ASIDE, PROMPT
from bot.slack.home.export import send_export
from bot.slack.incoming import Press, mapping_at, read_press, text_at
from bot.slack.showing import (
    ERASE_ALL,
    ERASE_QUESTION,
    HOME_EXPORT,
    HOME_VOTE,
    PAGE_SIZE,
    TURN_PAGE,
    change_blocks,
    notice_block,
    person_blocks,
)
from bot.slack.transport import LOGGER, Acknowledge, Readers, error_code, nobody_waits, note_failure
from db.answers import PastQuestion, past_questions, question_of_citation
from db.errors import DatabaseUnavailableError, NightshiftError, SlackError
from db.feedback import VoteEvent, record_vote
from db.privacy import erase_person, erase_question

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_bolt.async_app import AsyncAck
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.home.admin import AdminHome
    from bot.slack.transport import SlackApp
    from db.generations import Encoders

FAILED = "That didn't work: something went wrong on my side. Please try again in a minute."
NOTHING_TO_SHOW = "Something went wrong on my side. Please open this again in a minute."
ERASED_ALL = "Everything you asked, voted and decided here is erased."

CHANGES_WITHIN_S = 1.5
"""Seconds that asking past questions again may take; what takes longer isn't shown this time."""

_PRESSES = re.compile(f"^({HOME_VOTE}|{ERASE_QUESTION}|{ERASE_ALL}|{HOME_EXPORT}|{TURN_PAGE})")

_log = logging.getLogger(LOGGER)


def listen_to_home(app: SlackApp, home: Home) -> None:
    """Shows App Home to whoever opens it, and does what is pressed there."""

    async def on_opened(body: dict[str, Any]) -> None:
        event = mapping_at(body, "event")
        team, user = text_at(body, "team_id"), text_at(event, "user")
        if event.get("tab") == "home" and team and user:
            app.work.start(home.show(team, user))

    async def on_press(ack: AsyncAck, body: dict[str, Any]) -> None:
        press = read_press(body)
        if press is None:
            await ack()
            return
        shown = text_at(body, "view", "private_metadata")
        offset = int(shown) if shown.isdecimal() else 0
        if press.action_id.startswith((HOME_EXPORT, TURN_PAGE)):  # which change nothing, and may take long
            await ack()
            app.work.start(home.press(press, offset))
        else:
            await app.work.start_acknowledged(ack, partial(home.press, press, offset))

    app.event("app_home_opened")(on_opened)
    app.action(_PRESSES)(on_press)


class Home:
    """Everybody's App Home; one instance a process."""

    def __init__(
        self,
        client: AsyncWebClient,
        engine: sa.Engine,
        encoders: Encoders,
        admin: AdminHome,
        readers: Readers | None = None,
        old_after_days: int = 0,
    ) -> None:
        self._client = client
        self._engine = engine
        self._encoders = encoders
        self._admin = admin
        self._readers = readers or Readers(client, engine)
        self._old_after_days = old_after_days

    async def show(self, team: str, user: str, offset: int = 0, notice: str = "") -> None:
        """Publishes the view as things are now, or one that says that something went wrong."""
        person = f"{team}:{user}"
        try:
            await self._readers.refresh(person)
            found = await ASIDE.run(
                past_questions, self._engine, person, PAGE_SIZE + 1, offset, old_after_days=self._old_after_days
            )
            if offset and not found:  # the last one of its page was erased
                await self.show(team, user, 0, notice)
                return
            blocks: list[Block] = [notice_block(notice)] if notice else []
            blocks += person_blocks(found, offset, has_more=len(found) > PAGE_SIZE)
            blocks += await self._changes(person, found)
            blocks += await self._admin.blocks(team, user)
            await self._publish(user, blocks, offset)
        except Exception as error:
            await note_failure(self._engine, f"App Home failed for {person}", error)
            with suppress(SlackError):
                await self._publish(user, [notice_block(NOTHING_TO_SHOW)])

    async def _publish(self, user: str, blocks: list[Block], offset: int = 0) -> None:
        view = View(type="home", private_metadata=str(offset), blocks=blocks)
        await self._client.views_publish(user_id=user, view=view)

    async def press(self, press: Press, offset: int, acknowledge: Acknowledge = nobody_waits) -> None:
        """Does what the button says, and shows how things are then."""
        action = next(name for name in self._actions if press.action_id.startswith(name))
        try:
            notice = await self._actions[action](press)
            await acknowledge()
        except NightshiftError as error:
            if not isinstance(error, DatabaseUnavailableError):
                await acknowledge()
            notice = str(error)
        except Exception as error:
            await note_failure(self._engine, f"App Home failed for {press.person}", error)
            notice = FAILED
        turned = int(press.value) if action == TURN_PAGE and press.value.isdecimal() else offset
        await self.show(press.team, press.user, 0 if action == ERASE_ALL else turned, notice)

    @property
    def _actions(self) -> dict[str, Callable[[Press], Awaitable[str]]]:
        return {
            HOME_VOTE: self._vote,
            ERASE_QUESTION: self._erase_question,
            ERASE_ALL: self._erase_all,
            HOME_EXPORT: self._export,
            TURN_PAGE: self._turn_page,
        }

    async def _vote(self, press: Press) -> str:
        citation_id, _, wanted = press.value.partition(" ")
        value: Literal[-1, 0, 1] = 1 if wanted == "1" else -1 if wanted == "-1" else 0
        question_id = await PROMPT.run(question_of_citation, self._engine, citation_id)
        event = VoteEvent(
            dedupe_key=f"home:{press.person}:{citation_id}:{press.occurred_ts}",
            workspace=press.team,
            person=press.person,
            question_id=question_id,
            citation_id=citation_id,
            action="set",
            value=value,
            occurred_ts=press.occurred_ts,
        )
        await PROMPT.run(record_vote, self._engine, event)
        return ""

    async def _erase_question(self, press: Press) -> str:
        question_id = int(press.value) if press.value.isdecimal() else 0
        await ASIDE.run(erase_question, self._engine, press.person, question_id)
        return "That question is erased, with its answer and the votes on it."

    async def _erase_all(self, press: Press) -> str:
        await ASIDE.run(erase_person, self._engine, press.person)
        return ERASED_ALL

    async def _turn_page(self, press: Press) -> str:
        return ""

    async def _export(self, press: Press) -> str:
        try:
            await self._readers.refresh(press.person)
            return await send_export(self._client, self._engine, press.person, press.user)
        except SlackError as error:
            await note_failure(self._engine, f"App Home failed for {press.person}", error)
            return FAILED

    async def _changes(self, person: str, questions: list[PastQuestion]) -> list[Block]:
        asking = ASIDE.run(changes_since, self._engine, self._encoders, person, questions)
        try:
            return change_blocks(*await asyncio.wait_for(asking, CHANGES_WITHIN_S))
        except (NightshiftError, TimeoutError) as error:
            _log.info("What changed for %s isn't shown: %s.", person, error_code(error))
            return []
