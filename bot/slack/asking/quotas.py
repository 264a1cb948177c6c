"""How much one person, and one channel, may ask within an hour, and what is said when that is used up."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from db.quotas import channel_waits_s, person_waits_s

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.slack.asking.payloads import QuestionMessage
    from db.settings import Settings


class Quotas:
    """Counts answered questions, over all processes; what is still being answered doesn't count yet."""

    def __init__(self, engine: sa.Engine, settings: Settings) -> None:
        self._engine = engine
        self._person_quota = settings.person_quota
        self._channel_quota = settings.channel_quota

    async def refusal(self, message: QuestionMessage) -> str | None:
        """Why a question has to wait, and for how long, in one sentence; None where it needn't."""
        place = (self._engine, message.team)
        waits_s = await asyncio.to_thread(person_waits_s, *place, message.person, self._person_quota)
        if waits_s > 0:
            return _sentence("You have", self._person_quota, waits_s)
        waits_s = await asyncio.to_thread(channel_waits_s, *place, message.channel, self._channel_quota)
        return _sentence("This channel has", self._channel_quota, waits_s) if waits_s > 0 else None


def _sentence(who: str, quota: int, waits_s: float) -> str:
    return (
        f"{who} asked me {_count(quota, 'question')} within an hour, which is all I may answer. "
        f"Please ask again in {_count(math.ceil(waits_s / 60), 'minute')}."
    )


def _count(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
