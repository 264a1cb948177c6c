"""Suggested prompts: what a person may press when they open the bot's own view and have nothing to ask yet."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from bot.pools import ASIDE
from bot.slack.incoming import text_at
from bot.slack.text import clean, shorten
from bot.slack.transport import LOGGER, error_code
from db.answers import popular_questions, public_titles

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.slack.transport import Readers, SlackApp

MAX_PROMPTS = 4
"""What Slack shows."""
TITLE_CHARS = 75

_log = logging.getLogger(LOGGER)


async def suggest_prompts(
    client: AsyncWebClient, engine: sa.Engine, team: str, channel: str, user: str = "", readers: Readers | None = None
) -> None:
    """Sets the prompts of a person's conversation with the bot; that it can't be done is logged and does no harm.

    A guest gets none: what colleagues asked in public, and what all may read, isn't theirs to see.
    """
    try:
        prompts = await ASIDE.run(find_prompts, engine, team)
        if prompts and readers is not None:
            prompts = [] if await readers.guests_read("direct", team, channel, f"{team}:{user}") else prompts
        if prompts:
            # With a thread_ts, which the older assistant view wants, Slack would ignore the call.
            await client.assistant_threads_setSuggestedPrompts(
                channel_id=channel, title="For example:", prompts=prompts
            )
    except Exception as error:
        _log.warning("No prompts are suggested in %s: %s.", channel, error_code(error))


def find_prompts(engine: sa.Engine, team: str) -> list[dict[str, str]]:
    """What colleagues asked in public, and where that is too little, what is in documents that all may read."""
    asked = popular_questions(engine, team, MAX_PROMPTS)
    titles = public_titles(engine, MAX_PROMPTS - len(asked))
    messages = [clean(text) for text in (*asked, *(f"What does “{title}” say?" for title in titles))]
    return [{"title": shorten(message, TITLE_CHARS), "message": message} for message in messages]


def listen(app: SlackApp, engine: sa.Engine, readers: Readers) -> None:
    """Registers the listener for the view's tab of messages; its Home tab is another's."""

    async def is_messages_tab(event: dict[str, Any]) -> bool:
        return text_at(event, "tab") == "messages"

    async def on_opened(body: dict[str, Any]) -> None:
        team, channel, user = (
            text_at(body, "team_id"),
            text_at(body, "event", "channel"),
            text_at(body, "event", "user"),
        )
        if team and channel and user:
            app.work.start(suggest_prompts(app.identity.client, engine, team, channel, user, readers))

    app.event("app_home_opened", matchers=[is_messages_tab])(on_opened)
