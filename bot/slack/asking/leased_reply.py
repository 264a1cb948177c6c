"""A reply that only who holds the claim on its question gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slack_sdk.models.blocks import Block

    from bot.slack.asking.reply import Reply
    from bot.slack.transport import Lease
    from db.question import Answer


class LeasedReply:
    """A `Reply` that shows nothing once the claim is another's.

    What comes often, and is replaced in the end, is shown by what is known of the claim here; before what stays, the
    database is asked.
    """

    def __init__(self, reply: Reply, lease: Lease) -> None:
        self._reply = reply
        self._lease = lease

    @property
    def posted(self) -> Sequence[str]:
        """See `Reply`."""
        return self._reply.posted

    @property
    def troubles(self) -> Sequence[str]:
        """See `Reply`."""
        return self._reply.troubles

    async def show_loading(self) -> None:
        """See `Reply`."""
        if self._lease.is_held:
            await self._reply.show_loading()

    async def show_text(self, text: str) -> None:
        """See `Reply`."""
        if self._lease.is_held:
            await self._reply.show_text(text)

    async def show_answer(self, answer: Answer) -> None:
        """See `Reply`. Raises LeaseLostError as well."""
        await self._lease.require()
        await self._reply.show_answer(answer)

    async def say(self, sentence: str) -> None:
        """See `Reply`. Raises LeaseLostError as well."""
        await self._lease.require()
        await self._reply.say(sentence)

    async def say_to_asker(self, sentence: str, blocks: Sequence[Block] = ()) -> None:
        """See `Reply`. Raises LeaseLostError as well."""
        await self._lease.require()
        await self._reply.say_to_asker(sentence, blocks)
