"""Which events and actions the Slack app listens to, and who deals with each."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.slack.admins import Admins
from bot.slack.asking import agent_view, channel_command, command, share, shortcut, ways_in
from bot.slack.asking.answering import Answering
from bot.slack.asking.quotas import Quotas
from bot.slack.bolt_app import SlackApp
from bot.slack.client import LOGGER
from bot.slack.home import home
from bot.slack.nights import decisions
from bot.slack.nights.alarm import ModelAlarm
from bot.slack.nights.report import NightReports
from bot.slack.votes import reasons, reviews, right_source, voting
from bot.slack.work import NotKeptError

_log = logging.getLogger(LOGGER)

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.answer import Answerer
    from db.settings import Settings


def build_app(settings: Settings, engine: sa.Engine, answerer: Answerer) -> SlackApp:
    """Builds the app with all its listeners; it calls nobody until the first event or `sign_in`.

    Raises:
        ConfigurationError: NIGHTSHIFT_SLACK_BOT_TOKEN isn't set.
    """
    app = SlackApp(settings, engine)
    admins = Admins(settings, app.identity)
    answering = app.answering = Answering(app.identity.client, engine, answerer, Quotas(engine, settings))

    async def on_error(error: Exception) -> None:
        if isinstance(error, NotKeptError):
            _log.warning("Something for Slack isn't acknowledged: it isn't stored yet.")
        else:
            await app.note_failure(error)

    ways_in.listen(app, engine, answering)
    command.listen(app, answering)
    share.listen(app, engine)
    shortcut.listen(app, engine, answering)
    channel_command.listen(app, engine, admins)
    agent_view.listen(app, engine)
    voting.listen(app, engine)
    document_reviews = reviews.listen(app, engine, admins, settings.slack_admin_channel)
    right_sources = right_source.listen(app, engine, answerer.encoders)
    app.pass_on_reasons = reasons.listen(app, engine, document_reviews, right_sources).pass_on_left
    app.reports = NightReports(app.identity.client, engine, settings)
    app.alarm = ModelAlarm(app.identity.client, answerer.pins, settings.slack_admin_channel)
    own_home = home.listen(app, engine, settings, admins, answerer.encoders)
    decisions.listen(app, engine, admins, own_home, app.reports)
    app.error(on_error)
    return app
