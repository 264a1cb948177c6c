"""The reply to a command, which only who asked sees, with a button that shares it with the channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement

from bot.pools import RENDERING
from bot.slack.showing import Rendered, render_answer
from bot.slack.text import escape
from bot.slack.transport import respond

if TYPE_CHECKING:
    from bot.slack.incoming import QuestionMessage
    from db.question import Answer

SHARE = "share_answer"


class PrivateReply:
    """A `Reply` by the address that Slack sent with a command; it works where the bot is no member, for half an hour.

    The command's acknowledgement was its loading status. Nobody can react to what one person sees.
    """

    posted: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()

    def __init__(self, message: QuestionMessage) -> None:
        self._response_url = message.response_url
        self._can_be_shared = not (message.alone or message.channel.startswith("D"))

    async def show_loading(self) -> None:
        """Nothing: see the class."""

    async def show_text(self, text: str) -> None:
        """Nothing: Slack takes five messages by that address, so it gets the whole answer."""

    async def show_answer(self, answer: Answer) -> None:
        """Shows the answer and, in a channel, the button to share it. Raises SlackError."""
        rendered = await RENDERING.run(render_answer, answer)
        if self._can_be_shared:
            rendered = Rendered(rendered.text, [*rendered.blocks, _share_row(answer.question_id)])
        await respond(self._response_url, rendered)

    async def say(self, sentence: str) -> None:
        """Says a plain sentence. Raises SlackError."""
        await respond(self._response_url, Rendered(escape(sentence), []))

    async def say_to_asker(self, sentence: str, blocks: Sequence[Block] = ()) -> None:
        """The same: nobody else sees any of it."""
        await respond(self._response_url, Rendered(escape(sentence), list(blocks)))


def _share_row(question_id: int) -> ActionsBlock:
    button = ButtonElement(text="Share to channel", action_id=SHARE, value=str(question_id))
    return ActionsBlock(elements=[button])
