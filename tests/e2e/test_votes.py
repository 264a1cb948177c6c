"""Every way to vote, in a Slack that nobody here wrote: buttons, ballots, modals, owners, and a click in a browser."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.async_api import async_playwright

from bot.slack.showing import REASON_BLOCK, RIGHT_BLOCK
from db import schema
from tests.doubles_slack import (
    ANNA,
    BERT,
    BOT_TOKEN,
    HTTP_CHANNEL,
    PRIVATE_CHANNEL,
    SECRET,
    TEAM,
    LocalSlack,
    Message,
    People,
    buttons,
    wait_until,
)
from tests.e2e.slack_bot import DOWN, QUESTION, UP, Bot, ask, run_bot
from tests.npm import unavailable

ANSWER_UP, ANSWER_DOWN, RIGHT = 4, 5, 6
"""The answer's own buttons, after those of its two sources."""


@pytest.fixture
async def bot(local_slack: LocalSlack, engine: sa.Engine, corpus: None) -> AsyncIterator[Bot]:
    """The bot behind signed HTTP requests, with a channel for admins."""
    async for running in run_bot(
        engine,
        slack_api_url=local_slack.api_url,
        slack_bot_token=BOT_TOKEN,
        slack_signing_secret=SECRET,
        slack_admin_channel=PRIVATE_CHANNEL,
        http_port=local_slack.http_port,
    ):
        yield running


def chosen(message: Message) -> dict[str, str]:
    """The buttons of a message that show as pressed."""
    return {button["text"]["text"]: button["style"] for button in buttons(message) if button.get("style")}


def choice(value: str) -> dict[str, Any]:
    return {"type": "radio_buttons", "selected_option": {"value": value}}


def text(value: str) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": value}


def stored(bot: Bot, column: sa.Column[Any]) -> list[Any]:
    with bot.engine.connect() as connection:
        return list(connection.scalars(sa.select(column)))


async def test_the_whole_answer_is_voted_on_by_a_button_of_its_own(bot: Bot, people: People) -> None:
    _, answer = await ask(people)
    await people.react(ANNA, answer, "thumbsdown")
    await bot.has_votes({1: (-1, 0.15), 2: (-1, 0.15)})
    await people.press(ANNA, answer, buttons(answer)[ANSWER_UP])
    await people.sees_whisper(ANNA, HTTP_CHANNEL, "Your vote on the answer: 👍")
    assert bot.votes() == {1: (1, 0.15), 2: (1, 0.15)}
    await people.press(ANNA, answer, buttons(answer)[DOWN])
    await bot.has_votes({1: (-1, 1.0), 2: (1, 0.15)})
    await people.press(ANNA, answer, buttons(answer)[ANSWER_UP])
    await bot.has_votes({1: (-1, 1.0)})


async def test_in_a_channel_a_ballot_shows_a_persons_votes_and_changes_them(bot: Bot, people: People) -> None:
    _, answer = await ask(people)
    await people.press(ANNA, answer, buttons(answer)[UP])
    ballot = await people.sees_whisper(ANNA, HTTP_CHANNEL, "Your vote on [1]: 👍")
    assert chosen(ballot) == {"[1] 👍": "primary"} and len(buttons(ballot)) == 1
    await people.press(ANNA, ballot, buttons(ballot)[0])
    ballot = await people.sees_whisper(ANNA, HTTP_CHANNEL, "Your vote on [1] is taken back.")
    assert chosen(ballot) == {} and bot.votes() == {}
    # From now on the message can be changed from under the answer too.
    await people.press(ANNA, answer, buttons(answer)[2 + UP])
    ballot = await people.sees_whisper(ANNA, HTTP_CHANNEL, "Your vote on [2]: 👍")
    await people.press(ANNA, answer, buttons(answer)[UP])
    ballot = await people.sees_whisper(ANNA, HTTP_CHANNEL, "Your vote on [1]: 👍")
    assert chosen(ballot) == {"[1] 👍": "primary", "[2] 👍": "primary"}
    assert bot.votes() == {1: (1, 1.0), 2: (1, 1.0)}
    whispers = [message for message in await people.messages(HTTP_CHANNEL) if message.get("ephemeral_to")]
    assert len(whispers) == 1
    [seen] = [message for message in await people.messages(HTTP_CHANNEL) if message["ts"] == answer["ts"]]
    assert chosen(seen) == {}


async def test_in_a_direct_message_the_answers_own_buttons_show_the_vote(bot: Bot, people: People) -> None:
    answer = await people.sees_answer(await people.write(ANNA, ANNA, QUESTION))
    await people.press(ANNA, answer, buttons(answer)[UP])
    voted = await people.sees(answer["channel"], chosen, "no vote shown")
    assert (voted["ts"], chosen(voted), voted["text"]) == (answer["ts"], {"👍": "primary"}, answer["text"])
    await people.press(ANNA, voted, buttons(voted)[ANSWER_DOWN])
    voted = await people.sees(answer["channel"], lambda message: len(chosen(message)) == 2, "no second vote shown")
    await people.press(ANNA, voted, buttons(voted)[UP])
    await people.sees(answer["channel"], lambda message: chosen(message) == {"👎": "danger"}, "not taken back")
    assert [message.get("ephemeral_to") for message in await people.messages(answer["channel"])] == [None] * 2


async def test_a_wrong_source_and_the_right_one_instead(bot: Bot, people: People) -> None:
    _, answer = await ask(people)
    await people.press(ANNA, answer, buttons(answer)[2 + DOWN])
    modal = await people.modal()
    assert modal["title"]["text"] == "What's wrong with [2]?" and bot.votes() == {2: (-1, 1.0)}
    errors = await people.send_in(ANNA, **{REASON_BLOCK: choice("wrong_source"), RIGHT_BLOCK: text("Pay day")})
    assert errors == {RIGHT_BLOCK: "There is no document by that address or title; titles must be given whole."}
    assert stored(bot, schema.vote_reason.c.reason) == []
    assert await people.send_in(ANNA, **{REASON_BLOCK: choice("wrong_source"), RIGHT_BLOCK: text("payroll")}) == {}
    await people.sees_whisper(ANNA, HTTP_CHANNEL, "Thank you: from the next night on, Payroll counts")
    assert stored(bot, schema.vote_reason.c.reason) == ["wrong_source"]
    assert stored(bot, schema.curated_pair.c.prompt) == [QUESTION]


async def test_the_right_document_is_named_by_its_link(bot: Bot, people: People) -> None:
    _, answer = await ask(people)
    await people.press(BERT, answer, buttons(answer)[RIGHT])
    assert (await people.modal())["title"]["text"] == "Here's the right one"
    assert await people.send_in(BERT, **{RIGHT_BLOCK: text("file:///srv/handbook/bicycles.md#cellar")}) == {}
    await people.sees_whisper(BERT, HTTP_CHANNEL, "Bicycles counts as the right one")
    assert stored(bot, schema.curated_pair.c.added_by) == [f"{TEAM}:{BERT}"]


async def test_outdated_reaches_the_owner_who_settles_it(bot: Bot, people: People) -> None:
    with bot.engine.begin() as connection:
        connection.execute(schema.document.update().values(owner=f"{TEAM}:{BERT}"))
    _, answer = await ask(people)
    await people.press(ANNA, answer, buttons(answer)[2 + DOWN])
    await people.modal()
    assert await people.send_in(ANNA, **{REASON_BLOCK: choice("outdated")}) == {}
    owners = await people.direct_channel(BERT)
    asked = await people.sees(owners, buttons, "the owner isn't asked")
    assert asked["text"] == "Somebody says that Bicycles is outdated."
    await people.press(ANNA, asked, buttons(asked)[0])
    await people.sees_whisper(ANNA, owners, "Only the document's owner or an admin")
    await people.press(BERT, asked, buttons(asked)[0])
    settled = await people.sees(owners, lambda message: "is still right" in message["text"], "not settled")
    assert settled["ts"] == asked["ts"] and not buttons(settled)
    assert stored(bot, schema.document_review.c.state) == ["still_right"]


async def test_what_may_not_be_seen_alerts_the_admin_channel(bot: Bot, people: People) -> None:
    _, answer = await ask(people)
    await people.press(ANNA, answer, buttons(answer)[DOWN])
    await people.modal()
    assert await people.send_in(ANNA, **{REASON_BLOCK: choice("not_allowed")}) == {}
    alert = await people.sees(PRIVATE_CHANNEL, lambda message: "may not see" in message["text"], "no alert")
    assert "Parking &lt;for&gt; visitors" in alert["text"] and QUESTION not in alert["text"]


async def test_a_click_in_a_browser_is_a_vote(bot: Bot, people: People, local_slack: LocalSlack) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        unavailable("Chromium isn't installed")
    await ask(people)
    async with async_playwright() as driver:
        # As root, and so in most containers, Chromium starts without its sandbox only.
        browser = await driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = await browser.new_page()
        await page.goto(local_slack.address)
        await page.get_by_role("button", name="1 reply").click()
        await page.get_by_role("button", name="👍", exact=True).first.click()
        await bot.has_votes({1: (1, 1.0)})
        await page.get_by_text("Your vote on [1]: 👍").first.wait_for()
        await browser.close()
    assert await wait_until(lambda: stored(bot, schema.vote.c.person), "a row") == [f"{TEAM}:{ANNA}"]
