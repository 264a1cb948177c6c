"""How much one person, and one channel, may ask within an hour, and what is said when that is used up."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.pools import ANSWERS
from db.quotas import channel_waits_s, person_waits_s

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.slack.asking.payloads import QuestionMessage
    from db.settings import Settings


class Quotas:
    """Counts what was answered, over all processes, and what is still being answered in this one."""

    def __init__(self, engine: sa.Engine, settings: Settings) -> None:
        self._engine = engine
        self._person_quota = settings.person_quota
        self._channel_quota = settings.channel_quota
        self._under_way: list[QuestionMessage] = []
        self._deciding = asyncio.Lock()

    @asynccontextmanager
    async def admit(self, message: QuestionMessage) -> AsyncIterator[str | None]:
        """Yields None where a question may be answered now: it then counts until the block ends.

        Otherwise yields why it has to wait, and for how long, in one sentence.
        """
        async with self._deciding:  # of two at once the second must see the first
            refusal = await ANSWERS.run(self._refusal, message, tuple(self._under_way))
            if refusal is None:
                self._under_way.append(message)
        try:
            yield refusal
        finally:
            if refusal is None:
                self._under_way.remove(message)

    def _refusal(self, message: QuestionMessage, under_way: Sequence[QuestionMessage]) -> str | None:
        engine, team = self._engine, message.team
        theirs = [other.key for other in under_way if other.person == message.person]
        waits_s = person_waits_s(engine, team, message.person, self._person_quota, theirs, message.key)
        if waits_s > 0:
            return _sentence("You have", self._person_quota, waits_s)
        here = [other.key for other in under_way if (other.team, other.channel) == (team, message.channel)]
        waits_s = channel_waits_s(engine, team, message.channel, self._channel_quota, here, message.key)
        return _sentence("This channel has", self._channel_quota, waits_s) if waits_s > 0 else None


def _sentence(who: str, quota: int, waits_s: float) -> str:
    return (
        f"{who} asked me {_count(quota, 'question')} within an hour, which is all I may answer. "
        f"Please ask again in {_count(math.ceil(waits_s / 60), 'minute')}."
    )


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
