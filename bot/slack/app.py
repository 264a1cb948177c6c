"""The Slack app with all its parts, made once."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from bot.pools import ASIDE
from bot.slack.asking import Answering, Questions, Quotas, listen_to_questions
from bot.slack.home import AdminHome, Home, listen_to_home
from bot.slack.nights import ModelAlarm, NightReports, listen_to_decisions
from bot.slack.transport import (
    LOGGER,
    Admins,
    BackgroundWork,
    Identity,
    NotKeptError,
    Readers,
    Services,
    SlackApp,
    make_client,
    note_unforeseen,
)
from bot.slack.votes import Reasons, Reviews, RightSources, listen_to_votes
from db.slack import prune_ballots, prune_events

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.answering import Answerer
    from db.settings import Settings

_log = logging.getLogger(LOGGER)


def build_app(settings: Settings, engine: sa.Engine, answerer: Answerer) -> SlackApp:
    """Builds the app with all its listeners; it calls nobody until the first event or `sign_in`.

    Raises:
        ConfigurationError: NIGHTSHIFT_SLACK_BOT_TOKEN isn't set.
    """
    identity = Identity(make_client(settings))
    client, encoders = identity.client, answerer.encoders
    admins, admin_channel = Admins(settings, identity), settings.slack_admin_channel
    work = BackgroundWork(partial(note_unforeseen, engine))
    readers = Readers(client, engine, settings.slack_guests)
    answering = Answering(client, engine, answerer, Quotas(engine, settings), readers)
    questions = Questions(client, engine, answering)
    reviews = Reviews(client, engine, admins, admin_channel)
    right_sources = RightSources(client, engine, encoders, readers)
    reasons = Reasons(engine, reviews, right_sources)
    reports = NightReports(client, engine, settings)
    alarm = ModelAlarm(client, answerer.pins, admin_channel)
    home = Home(
        client, engine, encoders, AdminHome(engine, settings, admins, encoders), readers, settings.old_after_days
    )

    services = Services(
        warm_up=answering.warm_up,
        answer_abandoned=partial(questions.answer_abandoned, work),
        pass_on_reasons=reasons.pass_on_left,
        tell_of_nights=partial(_tell_of_nights, reports, alarm),
        tidy=partial(_tidy, engine),
    )
    app = SlackApp(settings, engine, identity, work, services)
    listen_to_questions(app, engine, settings, questions, admins, readers)
    listen_to_votes(app, engine, reviews, right_sources, reasons)
    listen_to_home(app, home)
    listen_to_decisions(app, engine, admins, home.show, reports)
    app.error(_error_handler(engine))
    return app


def _error_handler(engine: sa.Engine) -> Callable[[Exception], Awaitable[None]]:
    """What Bolt does with what a listener raised."""

    async def on_error(error: Exception) -> None:  # Bolt passes arguments by these names
        if isinstance(error, NotKeptError):
            _log.warning("Something for Slack isn't acknowledged: it isn't stored yet.")
        else:
            await note_unforeseen(engine, error)

    return on_error


async def _tell_of_nights(reports: NightReports, alarm: ModelAlarm) -> None:
    await reports.sweep()
    await alarm.sweep()


async def _tidy(engine: sa.Engine) -> None:
    """Forgets the events that Slack can't send again, and the messages that can't be changed any more."""
    await ASIDE.run(prune_events, engine)
    await ASIDE.run(prune_ballots, engine)
