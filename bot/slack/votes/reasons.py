"""Why was a source voted down? The modal that asks, and where each reason goes.

Only "wrong source", or no reason at all, teaches the search. "Outdated" goes to the document's owner, "not allowed" to
the admins. The vote itself stands whether or not anybody answers.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.pools import ASIDE, ENCODING, PROMPT
from bot.slack.incoming import read_submission
from bot.slack.showing import REASON_BLOCK, RIGHT_BLOCK, VOTE_REASON, reason_modal
from bot.slack.transport import (
    LOGGER,
    Acknowledge,
    ModalProblem,
    error_code,
    nobody_waits,
    note_failure,
    shown_in_modal,
)
from db.answers import question_of_citation
from db.errors import SlackError
from db.feedback import GivenReason, RightDocument, find_right_document, left_reasons, note_passed_on, set_reason

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_bolt.async_app import AsyncAck
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.incoming import Press, Submission
    from bot.slack.transport import SlackApp
    from bot.slack.votes.reviews import Reviews
    from bot.slack.votes.right_source import RightSources

_CONCERNING = ("outdated", "not_allowed")
"""Reasons that somebody has to hear of."""

_log = logging.getLogger(LOGGER)


def listen(app: SlackApp, reasons: Reasons) -> None:
    """Takes in the reasons that people give."""

    async def on_submission(ack: AsyncAck, body: dict[str, Any]) -> None:
        submission = read_submission(body)
        if submission is None:
            await ack()
            return
        await app.work.start_acknowledged(ack, partial(reasons.take, submission))

    app.view(VOTE_REASON)(on_submission)


async def ask_reason(client: AsyncWebClient, press: Press, number: int) -> None:
    """Opens the modal; where Slack refuses (its trigger lives for three seconds) the vote stands without a reason."""
    try:
        await client.views_open(trigger_id=press.trigger_id, view=reason_modal(press.value, number))
    except SlackError as error:
        _log.warning("%s wasn't asked for a reason: %s.", press.person, error_code(error))


class Reasons:
    """Stores reasons and passes them on; one instance a process."""

    def __init__(self, engine: sa.Engine, reviews: Reviews, right_sources: RightSources) -> None:
        self._engine = engine
        self._reviews = reviews
        self._right_sources = right_sources

    async def take(self, submission: Submission, acknowledge: Acknowledge = nobody_waits) -> None:
        """Stores a reason, with the right document if one was named, and passes it on; or says why not in the modal."""
        pool = ENCODING if RIGHT_BLOCK in submission.given else PROMPT
        try:
            right = await pool.run(self._store, submission)
        except ModalProblem as problem:
            await acknowledge(response_action="errors", errors=problem.errors)
            return
        await acknowledge()
        reason = submission.given.get(REASON_BLOCK, "")
        await self._pass_on(GivenReason(submission.person, submission.subject, reason))
        if right is not None:
            await self._right_sources.thank(right)

    def _store(self, submission: Submission) -> RightDocument | None:
        right, name = None, submission.given.get(RIGHT_BLOCK)
        with shown_in_modal(self._engine, RIGHT_BLOCK):
            if name is not None:
                question_id = question_of_citation(self._engine, submission.subject)
                right = find_right_document(self._engine, question_id, submission.person, name)
        with shown_in_modal(self._engine, REASON_BLOCK):
            reason = submission.given.get(REASON_BLOCK, "")
            set_reason(self._engine, submission.person, submission.subject, reason)
        with shown_in_modal(self._engine, RIGHT_BLOCK):
            if right is not None:
                self._right_sources.add(right)
        return right

    async def pass_on_left(self) -> None:
        """Passes on what a process stored and died over; whoever hears of it hears once."""
        for given in await ASIDE.run(left_reasons, self._engine, _CONCERNING):
            await self._pass_on(given)

    async def _pass_on(self, given: GivenReason) -> None:
        """Tells those whom the reason concerns."""
        try:
            match given.reason:
                case "outdated":
                    await self._reviews.report_outdated(given.citation_id, given.person)
                case "not_allowed":
                    await self._reviews.report_not_allowed(given.citation_id, given.person)
            if given.reason in _CONCERNING:
                await ASIDE.run(note_passed_on, self._engine, given)
        except Exception as error:
            await note_failure(self._engine, f"A reason of {given.person} wasn't passed on", error)
