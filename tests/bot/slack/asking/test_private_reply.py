"""What one person alone sees: the answer with the button to share it, whatever the bot may do in that channel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.slack.asking.private_reply import SHARE, PrivateReply
from bot.slack.incoming import QuestionMessage
from db.question import Answer
from tests.doubles_slack import ANNA, HTTP_CHANNEL, TEAM, OwnSlack

ANSWER = Answer(7, "unknown", "I don't know.", (), 1, {}, None)
COMMAND = QuestionMessage(TEAM, HTTP_CHANNEL, "", ANNA, "", None, "Where?", shared=False, trigger_id="1.2.3")


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


def reply(slack: OwnSlack, channel: str = HTTP_CHANNEL) -> PrivateReply:
    return PrivateReply(replace(COMMAND, channel=channel, response_url=f"{slack.api_url}said"))


async def test_an_answer_can_be_shared_where_others_are(slack: OwnSlack) -> None:
    await reply(slack).show_answer(ANSWER)
    await reply(slack, "D0ANNA").show_answer(ANSWER)
    in_channel, alone = slack.of("said")
    [button] = in_channel["blocks"][-1]["elements"]
    assert (button["action_id"], button["value"]) == (SHARE, "7")
    assert SHARE not in str(alone)
    assert in_channel["response_type"] == alone["response_type"] == "ephemeral"


async def test_it_is_one_message_that_nobody_can_react_to(slack: OwnSlack) -> None:
    private = reply(slack)
    await private.show_loading()
    await private.show_text("I don't")
    await private.show_answer(ANSWER)
    assert len(slack.calls) == 1 and private.posted == private.troubles == ()


async def test_a_sentence_is_shown_as_it_is_written(slack: OwnSlack) -> None:
    await reply(slack).say("a < b")
    await reply(slack).say_to_asker("a < b")  # nobody else sees either
    assert [said["text"] for said in slack.of("said")] == ["a &lt; b"] * 2
    assert {said["response_type"] for said in slack.of("said")} == {"ephemeral"}
