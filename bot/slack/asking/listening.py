"""Every way in which people ask, heard by the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.slack.asking import agent_view, channel_command, command, privately, share, shortcut, ways_in

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.slack.asking.questions import Questions
    from bot.slack.transport import Admins, Readers, SlackApp
    from db.settings import Settings


def listen_to_questions(
    app: SlackApp, engine: sa.Engine, settings: Settings, questions: Questions, admins: Admins, readers: Readers
) -> None:
    """Registers the listeners for messages, commands, the shortcut, [Share] and what suggests questions."""
    ways_in.listen(app, engine, questions)
    command.listen(app, questions)
    privately.listen(app, engine, questions)
    share.listen(app, engine, readers, settings.old_after_days)
    shortcut.listen(app, engine, questions)
    channel_command.listen(app, engine, admins)
    agent_view.listen(app, engine, readers)
