"""Here's the right one: a person names the document that answers a question, and the pair becomes golden."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bot.pools import ENCODING, PROMPT
from bot.slack.incoming import read_press, read_submission
from bot.slack.showing import RIGHT_BLOCK, RIGHT_SOURCE, right_source_modal
from bot.slack.text import one_line
from bot.slack.transport import (
    NOT_STORED,
    Acknowledge,
    ModalProblem,
    Readers,
    nobody_waits,
    note_failure,
    shown_in_modal,
    tell,
    whisper,
)
from db.answers import load_asked
from db.errors import UnknownIdError
from db.feedback import RightDocument, add_right_document, find_right_document

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_bolt.async_app import AsyncAck, AsyncRespond
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.incoming import Press, Submission
    from bot.slack.transport import SlackApp
    from db.generations import Encoders

GONE = "I no longer have that answer, so I can't learn what is right for it."

_TITLE_LIMIT = 200


def listen(app: SlackApp, right_sources: RightSources) -> None:
    """Opens the modal and takes in what is sent in it."""

    async def on_press(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        await ack()
        press = read_press(body)
        if press is not None:
            app.work.start(right_sources.ask(press, respond))

    async def on_submission(ack: AsyncAck, body: dict[str, Any]) -> None:
        submission = read_submission(body)
        if submission is None:
            await ack()
            return
        await app.work.start_acknowledged(ack, partial(right_sources.take, submission))

    app.action(RIGHT_SOURCE)(on_press)
    app.view(RIGHT_SOURCE)(on_submission)


class RightSources:
    """Learns from people which document is right; one instance a process."""

    def __init__(
        self, client: AsyncWebClient, engine: sa.Engine, encoders: Encoders, readers: Readers | None = None
    ) -> None:
        self._client = client
        self._engine = engine
        self._encoders = encoders
        self._readers = readers or Readers(client, engine)

    async def ask(self, press: Press, respond: AsyncRespond) -> None:
        """Opens the modal under an answer."""
        try:
            question_id = await PROMPT.run(self._question_of, press)
            await self._client.views_open(trigger_id=press.trigger_id, view=right_source_modal(question_id))
        except UnknownIdError:
            await whisper(respond, press, GONE)
        except Exception as error:
            await note_failure(self._engine, f"{press.person} couldn't name a document", error)
            await whisper(respond, press, NOT_STORED)

    async def take(self, submission: Submission, acknowledge: Acknowledge = nobody_waits) -> None:
        """Makes the document golden that a person named under an answer, or says in the modal why it can't be."""
        try:
            await self._readers.refresh(submission.person)
            found = await ENCODING.run(self._store, submission)
        except ModalProblem as problem:
            await acknowledge(response_action="errors", errors=problem.errors)
        else:
            await acknowledge()
            await self.thank(found)

    def _store(self, submission: Submission) -> RightDocument:
        with shown_in_modal(self._engine, RIGHT_BLOCK):
            question_id, name = int(submission.subject), submission.given.get(RIGHT_BLOCK, "")
            found = find_right_document(self._engine, question_id, submission.person, name)
            self.add(found)
        return found

    def add(self, found: RightDocument) -> None:
        """Makes the pair golden; done twice, it changes nothing. See `add_right_document` for what it raises."""
        add_right_document(self._engine, self._encoders, found)

    async def thank(self, found: RightDocument) -> None:
        """Thanks the person where the question was asked."""
        title = one_line(found.title, _TITLE_LIMIT) or "that document"
        line = f"Thank you: from the next night on, {title} counts as the right one for that question."
        user = found.person.rpartition(":")[2]
        await tell(self._client, found.channel, user, line, found.thread_ts)

    def _question_of(self, press: Press) -> int:
        question_id = int(press.value) if press.value.isdecimal() else 0
        load_asked(self._engine, question_id)
        return question_id
