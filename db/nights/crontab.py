"""Crontab lines: when they come next in a time zone, whatever its clock does.

A line that names hours comes once at each civil time it names: where clocks go forward over it, at the first moment
after; where they go back over it, the first time only; on a day that a zone left out, not at all. A line for every hour
goes by the hours that pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from db.errors import ConfigurationError

if TYPE_CHECKING:
    from db.settings import Settings

_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}

_UNTIL_SUNDAY = re.compile(r"\b(?!0-|SUN-)(\w+)-SUN\b")

_A_MINUTE = timedelta(minutes=1)
_LOOKS_BACK = (timedelta(days=1), timedelta(days=35), timedelta(days=400))


def night_line(settings: Settings) -> CronLine:
    """When nights are due.

    Raises:
        ConfigurationError: the crontab line or the time zone can't be read.
    """
    try:
        zone = ZoneInfo(settings.timezone)
    except (KeyError, ValueError, OSError):
        raise ConfigurationError(
            f"NIGHTSHIFT_TIMEZONE: {settings.timezone!r} is not a time zone; use a name like Europe/Amsterdam."
        ) from None
    try:
        return CronLine(settings.night_cron, zone)
    except ValueError as error:
        raise ConfigurationError(
            f"NIGHTSHIFT_NIGHT_CRON: {settings.night_cron!r} is not a crontab line ({error}); "
            "use five fields like '0 2 * * *'."
        ) from None


class CronLine:
    """Five fields as `man 5 crontab` has them, or a name like @daily, in a time zone.

    Weekdays are 0 to 7, both ends Sunday, or names; of a day of the month and a weekday either will do. Beyond that `L`
    is a month's last day, `5L` its last Friday, `1#2` its second Monday.
    """

    def __init__(self, line: str, zone: ZoneInfo) -> None:
        """Raises ValueError, with what is wrong in a few words."""
        fields = _MACROS.get(line.strip().lower(), line).upper().split()
        if len(fields) != 5:
            raise ValueError(f"it has {len(fields)} field{'' if len(fields) == 1 else 's'}")
        fields[4] = _UNTIL_SUNDAY.sub(r"\1-7", fields[4])
        try:
            parsed = CronSim(" ".join(fields), datetime(2000, 1, 1))
            next(parsed)
        except CronSimError as error:
            raise ValueError(str(error).lower()) from None
        except StopIteration:
            raise ValueError("that day never comes") from None
        self.zone = zone
        self._every_hour = parsed.hours == set(range(24))
        if self._every_hour:
            fields[1] = "*"
        self._line = " ".join(fields)

    def next_after(self, moment: datetime) -> datetime:
        """The first tick after a moment (aware), in the line's zone."""
        at = moment.astimezone(UTC)
        return next(tick for tick in self._ticks_from(moment.astimezone(self.zone)) if tick.astimezone(UTC) > at)

    def _ticks_from(self, local: datetime) -> Iterator[datetime]:
        """Ticks in their order, from that day on; there is always one more, which each line is checked for."""
        if self._every_hour:
            for found in CronSim(self._line, local):
                shown = found.astimezone(UTC).astimezone(self.zone)
                if shown.date() == found.date():  # not so where the zone left that day out
                    yield shown
        else:
            for civil in CronSim(self._line, local.replace(tzinfo=None, fold=0)):
                if (first := self._moment_of(civil)) is not None:
                    yield first

    def latest(self, since: datetime, now: datetime) -> datetime | None:
        """The last tick in (since, now], or None; both are aware."""
        since, now = since.astimezone(UTC), now.astimezone(UTC)
        for begin in (now - back for back in _LOOKS_BACK):
            if begin > since and (latest := self._last(begin, now)) is not None:
                return latest
        return self._last(since, now)

    def _last(self, since: datetime, now: datetime) -> datetime | None:
        latest, tick = since, self.next_after(since)
        while tick <= now:
            latest, tick = tick, self.next_after(tick)
        return latest if latest > since else None

    def _moment_of(self, civil: datetime) -> datetime | None:
        """When it is that time of that day, or the moment that stands for it; None where the zone left the day out."""
        named = civil.replace(tzinfo=self.zone)
        after = named.astimezone(UTC)
        if after.astimezone(self.zone).replace(tzinfo=None) == civil:
            return named
        # clocks went forward over it, between `before` and `after`
        before, offset = named.replace(fold=1).astimezone(UTC), after.astimezone(self.zone).utcoffset()
        while after - before > timedelta(seconds=1):
            middle = before + (after - before) / 2
            if middle.astimezone(self.zone).utcoffset() == offset:
                after = middle
            else:
                before = middle
        change = after.replace(microsecond=0)
        for moment in (change, change - _A_MINUTE):
            if (found := moment.astimezone(self.zone)).date() == civil.date():
                return found
        return None
