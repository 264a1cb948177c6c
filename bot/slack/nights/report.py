"""Each night's report in the admin channel: posted once, and kept as things are, whoever decides or erases what."""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from typing import TYPE_CHECKING

from slack_sdk.models.blocks import HeaderBlock, SectionBlock

from bot.pools import ASIDE
from bot.slack.showing import digest_of, render_night
from bot.slack.text import verbatim
from bot.slack.transport import LOGGER, error_code
from db.errors import NightshiftError, SlackError
from db.nights import claim_notice, find_overdue, note_told
from db.slack import (
    PostedReport,
    ReportClaim,
    claim_reports,
    keep_claim,
    note_posted,
    note_shown,
    read_night,
    reports_to_check,
)

if TYPE_CHECKING:
    import sqlalchemy as sa
    from slack_sdk.web.async_client import AsyncWebClient

    from db.settings import Settings

_log = logging.getLogger(LOGGER)


class NightReports:
    """Tells of nights where the admins are; one instance a process, any number of processes."""

    def __init__(self, client: AsyncWebClient, engine: sa.Engine, settings: Settings) -> None:
        self._client = client
        self._engine = engine
        self._settings = settings
        self._overdue: str | None = None

    async def sweep(self) -> None:
        """Posts the nights that nobody has told of, and what is overdue; updates what shows what is no longer so.

        Raises:
            DatabaseUnavailableError: it can't be known what there is to tell.
        """
        channel = self._settings.slack_admin_channel
        if channel is None:
            return
        for claim in await ASIDE.run(claim_reports, self._engine, channel):
            await self._logged(claim.run_id, self._post(claim, channel))
        for posted in await ASIDE.run(reports_to_check, self._engine):
            await self._logged(posted.run_id, self._update(posted))
        await self._tell_of_overdue(channel)

    async def _tell_of_overdue(self, channel: str) -> None:
        """Tells once of what was overdue at the last look too: who has just started may be about to catch up."""
        overdue = await ASIDE.run(find_overdue, self._engine, self._settings)
        before, self._overdue = self._overdue, overdue.about if overdue else None
        if overdue is None or overdue.about != before:
            return
        if not await ASIDE.run(claim_notice, self._engine, overdue, channel):
            return
        blocks = [HeaderBlock(text="A night is overdue"), SectionBlock(text=verbatim(overdue.sentence))]
        try:
            posted = await self._client.chat_postMessage(
                channel=channel, text=overdue.sentence, blocks=blocks, parse="none", unfurl_links=False
            )
        except SlackError as error:
            _log.warning("That a night is overdue isn't told in Slack: %s.", error_code(error))
            return
        await ASIDE.run(note_told, self._engine, overdue, str(posted["ts"]))

    async def _post(self, claim: ReportClaim, channel: str) -> None:
        rendered = render_night(await ASIDE.run(read_night, self._engine, claim.run_id))
        if not await ASIDE.run(keep_claim, self._engine, claim):
            return
        posted = await self._client.chat_postMessage(
            channel=channel, text=rendered.text, blocks=rendered.blocks, parse="none", unfurl_links=False
        )
        ts = str(posted["ts"])
        await ASIDE.run(note_posted, self._engine, claim, ts, digest_of(rendered))
        await self._add_picture(claim.run_id, channel, ts)

    async def _update(self, posted: PostedReport) -> None:
        """Until what is shown is what is so: something may be erased while the message changes."""
        shown = posted.shown
        while True:
            rendered = render_night(await ASIDE.run(read_night, self._engine, posted.run_id))
            if digest_of(rendered) == shown:
                return
            await self._client.chat_update(
                channel=posted.channel, ts=posted.message_ts, text=rendered.text, blocks=rendered.blocks, parse="none"
            )
            shown = digest_of(rendered)
            await ASIDE.run(note_shown, self._engine, posted.run_id, shown)

    async def _add_picture(self, run_id: int, channel: str, ts: str) -> None:
        """The report's plot below it. Where the bot may not upload files, or has none, the message has the figures."""
        picture = self._settings.report_picture(run_id)
        if not await ASIDE.run(picture.exists):
            return
        try:
            await self._client.files_upload_v2(
                channel=channel, thread_ts=ts, file=str(picture), title=f"Night {run_id}", alt_txt="Before and after"
            )
        except SlackError as error:
            _log.info("No picture of night %d in Slack: %s.", run_id, error_code(error))

    async def _logged(self, run_id: int, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except NightshiftError as error:
            _log.warning("The report of night %d isn't told in Slack: %s.", run_id, error_code(error))
