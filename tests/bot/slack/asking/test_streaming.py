"""A text under way: its certain part is a beginning of the finished one, and whoever writes it never waits."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.slack.asking import streaming
from bot.slack.asking.streaming import LatestText, MessageStream, certain_markdown
from bot.slack.incoming import QuestionMessage
from bot.slack.showing import stream_text
from bot.slack.transport import make_client
from db.question import Answer
from db.settings import Settings
from tests.doubles_slack import ANNA, BOT_TOKEN, HTTP_CHANNEL, TEAM, OwnSlack

ANSWER = """\
Visitors park **on the north side** [1]. It costs *nothing*, see `PARKING=1` and snake_case:

1. Ask the reception for a card.
2. Put it *behind* the window [2].
   - not on it

| Site | Places |
|------|-------:|
| Porto | 12 |
| Cork | 7 |

```sh
park --at north < card
```

> It is free.

2 * 3 places are left, write to eve@evil.example."""


def test_the_certain_part_is_a_beginning_of_the_whole_wherever_the_text_stops() -> None:
    whole = stream_text(ANSWER)
    certain = [certain_markdown(ANSWER[:end]) for end in range(len(ANSWER) + 1)]
    broken = [part for part in certain if not whole.startswith(part)]
    assert not broken
    assert max(map(len, certain)) > len(whole) - 30
    assert sum(map(len, certain)) > 0.7 * sum(range(len(whole)))  # and not much is held back


@pytest.mark.parametrize(
    ("under_way", "certain"),
    [
        ("", ""),
        ("Ask the recep", "Ask the"),
        ("Ask **the recep", "Ask"),
        ("Set `PARK = 1", "Set"),
        ("Sites:\n\n| Site | Pl", "Sites:"),
        ("Steps:\n1", "Steps:"),
        ("```py\nx = 1\n``", "```py\nx = 1"),
    ],
)
def test_what_may_still_change_is_held_back(under_way: str, certain: str) -> None:
    assert certain_markdown(under_way) == certain


async def test_only_the_newest_text_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "WRITE_EVERY_S", 0)
    written: list[str] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def write(text: str) -> bool:
        written.append(text)
        begun.set()
        await go_on.wait()
        return True

    latest = LatestText(write)
    latest.show("a")
    await begun.wait()
    for text in ("ab", "abc", "abcd"):
        latest.show(text)
    go_on.set()
    while len(written) < 2:
        await asyncio.sleep(0)
    assert written == ["a", "abcd"]


async def test_finishing_waits_for_what_is_on_its_way_and_for_no_pause() -> None:
    written: list[str] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def write(text: str) -> bool:
        begun.set()
        await go_on.wait()
        written.append(text)
        return True

    latest = LatestText(write)
    latest.show("a")
    await begun.wait()
    latest.show("ab")
    finishing = asyncio.create_task(latest.finish())
    go_on.set()
    await asyncio.wait_for(finishing, streaming.WRITE_EVERY_S / 2)
    assert written == ["a"]
    latest.show("abc")
    await latest.finish()
    assert written == ["a"]


async def test_where_nothing_was_shown_there_is_no_pause() -> None:
    written: list[str] = []

    async def write(text: str) -> bool:
        written.append(text)
        return False

    latest = LatestText(write)
    for text in ("a", "ab"):
        latest.show(text)
        async with asyncio.timeout(streaming.WRITE_EVERY_S / 2):
            while text not in written:
                await asyncio.sleep(0)


async def test_pieces_that_join_into_something_live_are_not_appended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "stream_text", lambda text: text)
    monkeypatch.setattr(streaming, "certain_markdown", lambda text: text)
    slack = OwnSlack()
    async with slack.running() as api_url:
        client = make_client(Settings(data_dir=Path("unused"), slack_bot_token=BOT_TOKEN, slack_api_url=api_url))
        message = QuestionMessage(TEAM, HTTP_CHANNEL, "channel", ANNA, "1.5", None, "When?", shared=False)
        for beginning, rest in (
            ("A", " <!channel>"),
            ("@chan", "nel"),
            ("[x]", "(evil)"),
            ("https:", "//evil.example"),
        ):
            stream = MessageStream(client, message)
            assert await stream.send(beginning)
            assert not await stream.send(beginning + rest)
            assert not await stream.finish(Answer(1, "generated", beginning + rest, (), 1, {}, None))
    assert "".join(arguments["chunks"][0]["text"] for _, arguments in slack.calls) == "A@chan[x]https:"
