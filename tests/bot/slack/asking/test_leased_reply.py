"""Who no longer holds the claim on a question shows nothing more of its answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from unittest.mock import AsyncMock

import pytest

from bot.slack.asking.leased_reply import LeasedReply
from bot.slack.asking.reply import Reply
from bot.slack.transport import LeaseLostError
from db.question import Answer

ANSWER = Answer(7, "unknown", "I don't know.", (), 1, {}, None)


class FakeLease:
    """Somebody else's, or ours."""

    def __init__(self, *, is_held: bool) -> None:
        self.is_held = is_held

    async def require(self) -> None:
        if not self.is_held:
            raise LeaseLostError


def make_reply(*, is_held: bool) -> tuple[LeasedReply, AsyncMock]:
    reply = AsyncMock(spec=Reply)
    return LeasedReply(reply, FakeLease(is_held=is_held)), reply  # type: ignore[arg-type]


STAYS: list[Callable[[LeasedReply], Awaitable[None]]] = [
    lambda reply: reply.show_answer(ANSWER),
    lambda reply: reply.say("hello"),
    lambda reply: reply.say_to_asker("hello"),
]


@pytest.mark.parametrize("show", STAYS)
async def test_what_stays_is_shown_only_by_who_holds_it(show: Callable[[LeasedReply], Awaitable[None]]) -> None:
    ours, shown = make_reply(is_held=True)
    await show(ours)
    assert len(shown.mock_calls) == 1
    theirs, shown = make_reply(is_held=False)
    with pytest.raises(LeaseLostError):
        await show(theirs)
    assert shown.mock_calls == []


async def test_what_is_replaced_anyway_is_left_out_in_silence() -> None:
    for is_held in (True, False):
        leased, shown = make_reply(is_held=is_held)
        await leased.show_loading()
        await leased.show_text("I don't")
        assert len(shown.mock_calls) == 2 * is_held


def test_what_was_posted_and_what_went_wrong_is_the_reply_s_to_tell() -> None:
    leased, shown = make_reply(is_held=False)
    shown.posted, shown.troubles = ["1.5"], ["msg_too_long"]
    assert (leased.posted, leased.troubles) == (["1.5"], ["msg_too_long"])
