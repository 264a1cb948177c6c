"""A person's data as direct messages: whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from bot.slack.home.export import EXPORTED, TOO_MUCH, send_export
from bot.slack.transport import make_client
from db.question import Asked
from db.settings import Settings
from tests.corpus import add_answer
from tests.doubles_slack import ANNA, BOT_TOKEN, TEAM, OwnSlack


def ask(engine: sa.Engine, times: int, text: str) -> None:
    for number in range(times):
        add_answer(engine, 1, Asked(text, TEAM, f"C{times}-{number}", "public", f"{TEAM}:{ANNA}"))


async def test_it_is_sent_whole_in_as_many_messages_as_it_takes(engine: sa.Engine) -> None:
    slack = OwnSlack()
    async with slack.running() as api_url:
        settings = Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=api_url)
        client = make_client(settings)
        ask(engine, 1, "<!channel> " + "é" * 15_000)
        assert await send_export(client, engine, f"{TEAM}:{ANNA}", ANNA) == EXPORTED
        pieces = [call["blocks"][0]["elements"][0]["elements"][0]["text"] for call in slack.of("chat.postMessage")]
        assert len(pieces) == 2 and "".join(pieces).count("é") == 15_000
        assert all(len(piece) <= 10_000 for piece in pieces)
        ask(engine, 14, "é" * 15_000)
        assert await send_export(client, engine, f"{TEAM}:{ANNA}", ANNA) == TOO_MUCH
    assert {call["channel"] for call in slack.of("chat.postMessage")} == {ANNA}
    assert len(slack.of("chat.postMessage")) == 2
