"""[Share to channel]: what one person was answered by a command becomes a message for all, with its vote buttons."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncRespond
from slack_sdk.models.blocks import ContextBlock

from bot.pools import ANSWERS, PROMPT, RENDERING
from bot.slack.asking.private_reply import SHARE
from bot.slack.incoming import read_press
from bot.slack.showing import render_answer
from bot.slack.text import one_line, verbatim
from bot.slack.transport import Acknowledge, Readers, find_channel, kind_of, nobody_waits, note_failure, whisper
from db.answers import load_answer, load_asked, remember_message, start_thread
from db.corpus import may_be_shown, reply_audiences
from db.errors import AudienceUnknownError, UnknownIdError
from db.slack import answers_in, claim_event, finish_event, release_event

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.incoming import Press
    from bot.slack.transport import SlackApp
    from db.question import Asked

SHARED = "Shared with the channel."
SHARED_ALREADY = "That answer is shared already."
NOT_THEIRS = "Only who asked can share an answer, and only where it was asked."
WITHDRAWN = "A source of that answer has changed or may no longer be shown here. Please ask again."
OFF = "I'm switched off in this channel, so I don't share anything here."
GONE = "I no longer have that answer. Please ask again."
FAILED = "I couldn't share the answer here. Invite me to this channel if I'm not in it, and press the button again."

QUESTION_CHARS = 200


class Sharing:
    """Posts answers that were private; one instance a process."""

    def __init__(
        self, client: AsyncWebClient, engine: sa.Engine, readers: Readers | None = None, *, old_after_days: int = 0
    ) -> None:
        self._client = client
        self._engine = engine
        self._readers = readers or Readers(client, engine)
        self._old_after_days = old_after_days

    async def share(self, press: Press, respond: AsyncRespond, acknowledge: Acknowledge = nobody_waits) -> None:
        """Posts the answer, once however often the button is pressed, and tells who pressed it what became of it."""
        try:
            said = await self._share(press)
        except AudienceUnknownError as error:
            said = str(error)
        except UnknownIdError:
            said = GONE
        except Exception as error:
            await note_failure(self._engine, f"An answer of {press.person} couldn't be shared", error)
            said = FAILED
        await acknowledge()
        await whisper(respond, press, said)

    async def _share(self, press: Press) -> str:
        question_id = int(press.value)
        asked = await ANSWERS.run(load_asked, self._engine, question_id)
        if (asked.person, asked.channel) != (press.person, press.channel):
            return NOT_THEIRS
        if await ANSWERS.run(answers_in, self._engine, asked.workspace, asked.channel) == "off":
            return OFF
        # Asked of Slack anew: since the answer was made, the channel may have become another kind or been shared.
        kind = kind_of(await find_channel(self._client, asked.channel))
        place = asked.workspace, asked.channel, kind, asked.person
        guests_read = await self._readers.guests_read(kind, asked.workspace, asked.channel, asked.person)
        readers = await ANSWERS.run(reply_audiences, self._engine, *place, guests_read=guests_read)
        if kind == "direct" or not await ANSWERS.run(may_be_shown, self._engine, question_id, readers):
            return WITHDRAWN
        claim = f"share:{question_id}"
        if not await PROMPT.run(claim_event, self._engine, claim, lasting=True):
            return SHARED_ALREADY
        try:
            message_ts = await self._post(question_id, asked)
        except BaseException:
            await ANSWERS.run(release_event, self._engine, claim)
            raise
        await ANSWERS.run(finish_event, self._engine, claim)
        await ANSWERS.run(start_thread, self._engine, question_id, message_ts)
        return SHARED

    async def _post(self, question_id: int, asked: Asked) -> str:
        answer = await ANSWERS.run(load_answer, self._engine, question_id, old_after_days=self._old_after_days)
        rendered = await RENDERING.run(render_answer, answer)
        user = asked.person.removeprefix(f"{asked.workspace}:")
        head = verbatim(f"<@{user}> asked: {one_line(asked.text, QUESTION_CHARS)}")
        posted = await self._client.chat_postMessage(
            channel=asked.channel,
            text=rendered.text,
            blocks=[ContextBlock(elements=[head]), *rendered.blocks],
            parse="none",
            link_names=False,
            unfurl_links=False,
            unfurl_media=False,
        )
        message_ts = str(posted["ts"])
        await ANSWERS.run(remember_message, self._engine, asked.workspace, asked.channel, message_ts, question_id)
        return message_ts


def listen(app: SlackApp, engine: sa.Engine, readers: Readers, old_after_days: int) -> None:
    """Registers the listener for the button."""
    sharing = Sharing(app.identity.client, engine, readers, old_after_days=old_after_days)

    async def on_share(ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond) -> None:
        press = read_press(body)
        if press is None:
            await ack()
        else:
            await app.work.start_acknowledged(ack, partial(sharing.share, press, respond))

    app.action(SHARE)(on_share)
