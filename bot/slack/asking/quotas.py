"""How much one person, and one channel, may ask within an hour, and what is said when that is used up."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.pools import ANSWERS
from db.slack import RecentQuestion, asked_by, asked_in, waits_s

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.slack.incoming import QuestionMessage
    from db.settings import Settings


class Quotas:
    """Counts what was answered, over all processes, and what is still being answered in this one."""

    def __init__(self, engine: sa.Engine, settings: Settings) -> None:
        self._engine = engine
        self._person_quota = settings.person_quota
        self._channel_quota = settings.channel_quota
        self._under_way: list[QuestionMessage] = []
        self._deciding: list[list[QuestionMessage]] = []

    @asynccontextmanager
    async def admit(self, message: QuestionMessage) -> AsyncIterator[str | None]:
        """Yields None where a question may be answered now: it then counts until the block ends.

        Otherwise yields why it has to wait, and for how long, in one sentence. Nobody waits for anybody here: the
        database is read by all at once, and the decision that follows at once sees what was under way at any moment
        since.
        """
        seen = list(self._under_way)
        self._deciding.append(seen)
        try:
            by_person, in_channel = await ANSWERS.run(self._read, message)
        finally:
            self._deciding = [each for each in self._deciding if each is not seen]
        refusal = self._refusal(message, by_person, in_channel, seen)
        if refusal is None:
            for others in (self._under_way, *self._deciding):
                others.append(message)
        try:
            yield refusal
        finally:
            if refusal is None:
                self._under_way.remove(message)

    def _read(self, message: QuestionMessage) -> tuple[list[RecentQuestion], list[RecentQuestion]]:
        by_person = asked_by(self._engine, message.team, message.person, self._person_quota + 1)
        return by_person, asked_in(self._engine, message.team, message.channel, self._channel_quota + 1)

    def _refusal(
        self,
        message: QuestionMessage,
        by_person: Sequence[RecentQuestion],
        in_channel: Sequence[RecentQuestion],
        under_way: Sequence[QuestionMessage],
    ) -> str | None:
        theirs = {other.key for other in under_way if other.person == message.person}
        wait_s = waits_s(by_person, self._person_quota, theirs, message.key)
        if wait_s > 0:
            return _sentence("You have", self._person_quota, wait_s)
        place = message.team, message.channel
        here = {other.key for other in under_way if (other.team, other.channel) == place}
        wait_s = waits_s(in_channel, self._channel_quota, here, message.key)
        return _sentence("This channel has", self._channel_quota, wait_s) if wait_s > 0 else None


def _sentence(who: str, quota: int, waits_s: float) -> str:
    return (
        f"{who} asked me {_count(quota, 'question')} within an hour, which is all I may answer. "
        f"Please ask again in {_count(math.ceil(waits_s / 60), 'minute')}."
    )


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
