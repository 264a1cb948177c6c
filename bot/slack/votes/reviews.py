"""What a down-vote says of a document itself: that it is outdated, or shown to somebody who may not see it.

Neither message tells who said so, nor what was asked, nor a title to those who may not see the document.
"""

from __future__ import annotations

import logging
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_sdk.models.blocks import Block, SectionBlock

from bot.pools import ASIDE, PROMPT
from bot.slack.incoming import read_press
from bot.slack.showing import (
    REVIEW_ACTIONS,
    document_title,
    outcome_line,
    question_to_owner,
    settlement_by,
)
from bot.slack.text import verbatim
from bot.slack.transport import LOGGER, Acknowledge, error_code, nobody_waits, note_failure, replace_pressed, whisper
from db.corpus import personal_audiences, reply_audiences
from db.errors import AudienceUnknownError, SlackError, UnknownIdError
from db.feedback import (
    CitedDocument,
    Review,
    cited_document,
    load_review,
    open_review,
    settle_review,
    withdraw_review,
)
from db.slack import claim_event, finish_event, nameless_key, release_event

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_bolt.async_app import AsyncAck, AsyncRespond
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.incoming import Press
    from bot.slack.transport import Admins, SlackApp

NOT_YOURS = "Only the document's owner or an admin can say so."
FAILED = "That wasn't stored: something went wrong on my side. Please press it again in a minute."

_SLACK_PERSON = re.compile(r"(?:(T[A-Z0-9]+):)?([UW][A-Z0-9]+)")

_log = logging.getLogger(LOGGER)


def listen(app: SlackApp, reviews: Reviews) -> None:
    """Takes in what owners say."""

    async def on_press(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        press = read_press(body)
        if press is None:
            await ack()
        else:
            await app.work.start_acknowledged(ack, partial(reviews.settle, press, respond))

    app.action(REVIEW_ACTIONS)(on_press)


class Reviews:
    """Tells owners and admins, and takes their word; one instance a process.

    Where to is a channel's id, or a person as "<workspace>:<user>".
    """

    def __init__(self, client: AsyncWebClient, engine: sa.Engine, admins: Admins, admin_channel: str | None) -> None:
        self._client = client
        self._engine = engine
        self._admins = admins
        self._admin_channel = admin_channel

    async def report_outdated(self, citation_id: str, reported_by: str) -> None:
        """Asks the document's owner, else in the admin channel, whether it is; once, until that is settled."""
        document = await ASIDE.run(cited_document, self._engine, citation_id)
        review = await ASIDE.run(open_review, self._engine, document.document_id, reported_by)
        if review is None:
            return
        workspace = reported_by.partition(":")[0]
        places = [place for place in (_slack_person(review.owner, workspace), self._admin_channel) if place]
        for place in places:
            line = f"Somebody says that {await self._name(review, place, workspace)} is outdated."
            if await self._post(place, line, question_to_owner(line, review.id)):
                return
        if places:
            await ASIDE.run(withdraw_review, self._engine, review.id)

    async def report_not_allowed(self, citation_id: str, reported_by: str) -> None:
        """Alerts the admins, once for one person and source."""
        document = await ASIDE.run(cited_document, self._engine, citation_id)
        alert = nameless_key("alert", reported_by, citation_id)
        if not await PROMPT.run(claim_event, self._engine, alert, lasting=True):
            return
        places = [self._admin_channel] if self._admin_channel else await self._admins.persons()
        told = [await self._alert(place, document, reported_by.partition(":")[0]) for place in places]
        await ASIDE.run(finish_event if any(told) else release_event, self._engine, alert)

    async def _alert(self, place: str, document: CitedDocument, workspace: str) -> bool:
        line = (
            "Somebody was shown a source and says that they may not see it: "
            f"{await self._name(document, place, workspace)}, under question {document.question_id}. "
            f"Please check who may see document {document.document_id}."
        )
        return await self._post(place, line, [SectionBlock(text=verbatim(line))])

    async def settle(self, press: Press, respond: AsyncRespond, acknowledge: Acknowledge = nobody_waits) -> None:
        """Takes the owner's or an admin's word, once, and shows it in place of the buttons."""
        try:
            review = await PROMPT.run(load_review, self._engine, int(press.value))
            if not await self._may_settle(press, review):
                await acknowledge()
                await whisper(respond, press, NOT_YOURS)
                return
            state = settlement_by(press.action_id)
            review = await PROMPT.run(settle_review, self._engine, review.id, press.person, state)
        except UnknownIdError as error:
            await acknowledge()
            await whisper(respond, press, str(error))
        except Exception as error:
            await note_failure(self._engine, f"Review {press.value} isn't settled", error)
            await whisper(respond, press, FAILED)
        else:
            await acknowledge()
            place = press.channel if press.channel and not press.channel.startswith("D") else press.person
            name = await self._name(review, place, press.team)
            line = outcome_line(name, review)
            await replace_pressed(respond, press, line, [SectionBlock(text=verbatim(line))])

    async def _may_settle(self, press: Press, review: Review) -> bool:
        is_owner = _slack_person(review.owner, press.team) == press.person
        return is_owner or await self._admins.include(press.team, press.user)

    async def _name(self, document: CitedDocument | Review, place: str, workspace: str) -> str:
        """The document as who reads there may know it: by its title, linked if it can be, or by its number."""
        if isinstance(document, Review) and place == _slack_person(document.owner, workspace):
            return document_title(document)
        if document.audience_id in await ASIDE.run(self._readers, place, workspace):
            return document_title(document)
        return f"a restricted document (number {document.document_id})"

    def _readers(self, place: str, workspace: str) -> tuple[int, ...]:
        try:
            if ":" in place:
                return personal_audiences(self._engine, place)
            return reply_audiences(self._engine, workspace, place, "private", "")
        except AudienceUnknownError:
            return ()

    async def _post(self, place: str, text: str, blocks: list[Block]) -> bool:
        """Posts in a channel, or to a person, whose id names their direct messages; says whether it did."""
        try:
            await self._client.chat_postMessage(
                channel=place.rpartition(":")[2],
                text=text,
                blocks=blocks,
                parse="none",
                unfurl_links=False,
                unfurl_media=False,
            )
        except SlackError as error:
            _log.warning("Couldn't tell %s of a document: %s.", place, error_code(error))
            return False
        return True


def _slack_person(owner: str | None, workspace: str) -> str | None:
    """The owner "T1:U1", or "U1" in that workspace, as "T1:U1"; None for every other way to name an owner."""
    found = _SLACK_PERSON.fullmatch(owner or "")
    return f"{found[1] or workspace}:{found[2]}" if found else None
