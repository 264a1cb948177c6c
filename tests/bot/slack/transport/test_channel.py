"""What kind of conversation a message is in; where that isn't known, an error rather than a guess."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.slack.incoming import QuestionMessage
from bot.slack.transport.channel import channel_kind
from bot.slack.transport.client import make_client
from db.errors import AudienceUnknownError
from db.settings import Settings
from tests.doubles_slack import ANNA, BOT_TOKEN, TEAM, OwnSlack, refused


async def kind_of(slack: OwnSlack, *, channel_type: str = "", shared: bool = False) -> str:
    async with slack.running() as api_url:
        settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=api_url)
        message = QuestionMessage(TEAM, "C1", channel_type, ANNA, "1.5", None, "Where?", shared)
        return await channel_kind(make_client(settings), message)


@pytest.mark.parametrize(
    ("channel", "kind"),
    [
        ({"is_channel": True, "is_private": False}, "public"),
        ({"is_channel": True, "is_private": True}, "private"),
        ({"is_group": True, "is_private": True}, "private"),
        ({"is_mpim": True, "is_private": True}, "private"),
        ({"is_im": True}, "direct"),
        ({"is_channel": True}, "private"),
    ],
)
async def test_slack_says_what_it_is(channel: dict[str, Any], kind: str) -> None:
    slack = OwnSlack()
    slack.answers["conversations.info"] = [{"channel": channel}]
    # The event's own word for it is not believed.
    assert await kind_of(slack, channel_type="channel") == kind


async def test_a_direct_message_needs_no_asking() -> None:
    slack = OwnSlack()
    assert await kind_of(slack, channel_type="im") == "direct"
    assert slack.calls == []


@pytest.mark.parametrize(
    "response", [refused("missing_scope"), refused("channel_not_found"), {"channel": None}, (500, {}, {"ok": False})]
)
async def test_when_slack_does_not_say_nothing_is_shown(response: Any) -> None:
    slack = OwnSlack()
    slack.answers["conversations.info"] = [response]
    with pytest.raises(AudienceUnknownError):
        await kind_of(slack)


@pytest.mark.parametrize("flag", ["is_ext_shared", "is_pending_ext_shared"])
async def test_a_channel_shared_with_another_organisation_is_refused(flag: str) -> None:
    slack = OwnSlack()
    slack.answers["conversations.info"] = [{"channel": {"is_channel": True, "is_private": False, flag: True}}]
    with pytest.raises(AudienceUnknownError, match="another organisation"):
        await kind_of(slack)


async def test_a_direct_message_from_another_organisation_is_refused() -> None:
    with pytest.raises(AudienceUnknownError, match="another organisation"):
        await kind_of(OwnSlack(), channel_type="im", shared=True)
