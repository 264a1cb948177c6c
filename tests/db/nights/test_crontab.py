"""Crontab lines: as crontab(5) has them, and once a civil day whatever the clocks do."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.nights.crontab import CronLine

NEW_YEAR = datetime(2026, 1, 1, 12, tzinfo=UTC)

# gaps at two, at midnight, of half an hour; the southern side; none; a day left out; a gap that ends at midnight
CHANGES = [
    ("Europe/Amsterdam", 2026),
    ("America/New_York", 2026),
    ("America/Santiago", 2026),
    ("Asia/Beirut", 2026),
    ("Africa/Cairo", 2026),
    ("America/Havana", 2026),
    ("Australia/Lord_Howe", 2026),
    ("Asia/Kolkata", 2026),
    ("Asia/Tehran", 2022),
    ("America/Scoresbysund", 2024),
    ("Pacific/Apia", 2011),
    ("Pacific/Kwajalein", 1993),
    ("Asia/Pyongyang", 2018),
]

ZONES = sorted(zoneinfo.available_timezones())


def ticks(line: str, zone: str, since: datetime, until: datetime) -> list[datetime]:
    cron, found = CronLine(line, ZoneInfo(zone)), list[datetime]()
    tick = cron.next_after(since)
    while tick <= until:
        found.append(tick)
        tick = cron.next_after(tick)
    return found


def days(line: str, count: int) -> str:
    return " ".join(f"{tick:%a%d}" for tick in ticks(line, "UTC", NEW_YEAR, NEW_YEAR + timedelta(days=400))[:count])


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("0 2 * * 0", "Sun04 Sun11 Sun18"),
        ("0 2 * * 7", "Sun04 Sun11 Sun18"),
        ("0 2 * * 1", "Mon05 Mon12 Mon19"),
        ("0 2 * * 6", "Sat03 Sat10 Sat17"),
        ("0 2 * * 1-5", "Fri02 Mon05 Tue06 Wed07 Thu08 Fri09 Mon12"),
        ("0 2 * * mon-fri", "Fri02 Mon05 Tue06 Wed07 Thu08 Fri09 Mon12"),
        ("0 2 * * 5-7", "Fri02 Sat03 Sun04 Fri09"),
        ("0 2 * * FRI-SUN", "Fri02 Sat03 Sun04 Fri09"),
        ("0 2 * * 0-7", "Fri02 Sat03 Sun04 Mon05"),
        ("0 2 * * sun-tue", "Sun04 Mon05 Tue06 Sun11"),
        ("0 2 * * sun-sun", "Sun04 Sun11"),
        ("0 2 * * 0,6", "Sat03 Sun04 Sat10"),
        ("0 2 * * */2", "Sat03 Sun04 Tue06 Thu08 Sat10"),
        ("0 2 * * 1-7/3", "Sun04 Mon05 Thu08 Sun11"),
        # either, not both
        ("0 2 1 * 1", "Mon05 Mon12 Mon19 Mon26 Sun01 Mon02"),
        ("0 2 13,27 * fri", "Fri02 Fri09 Tue13 Fri16 Fri23 Tue27 Fri30"),
        # both, where one of them begins with a star
        ("0 2 */10 * 1", "Mon11"),
        ("0 2 1 * *", "Sun01 Sun01 Wed01"),
        ("0 2 L * *", "Sat31 Sat28"),
        ("0 2 * * 1#2", "Mon12 Mon09"),
        ("@daily", "Fri02 Sat03"),
        ("@Weekly", "Sun04 Sun11"),
        ("@monthly", "Sun01 Sun01"),
    ],
)
def test_days_are_those_of_crontab(line: str, first: str) -> None:
    assert days(line, len(first.split())) == first


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("every night", "2 fields"),
        ("@reboot", "1 field"),
        ("", "0 fields"),
        ("0 0 2 * * *", "6 fields"),
        ("61 2 * * *", "bad minute"),
        ("0 24 * * *", "bad hour"),
        ("0 2 0 * *", "bad day-of-month"),
        ("0 2 32 * *", "bad day-of-month"),
        ("0 2 * 13 *", "bad month"),
        ("0 2 * * 8", "bad day-of-week"),
        ("0 2 * * fri-mon", "bad day-of-week"),
        ("0 2 * * 5-1", "bad day-of-week"),
        ("0 2 * * someday", "bad day-of-week"),
        ("*/0 2 * * *", "bad minute"),
        ("0 2, * * *", "bad hour"),
        ("0 2 last * *", "bad day-of-month"),
        ("0 ٢ * * *", "bad hour"),
        ("0 2 30 2 *", "bad day-of-month"),
        ("0 2 1-5 2 */7L", "bad day-of-week"),
        ("0 2 */31 2 1#5", "never comes"),
    ],
)
def test_what_is_no_line_is_told_by_its_field(line: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        CronLine(line, ZoneInfo("UTC"))


@pytest.mark.parametrize(("zone", "year"), CHANGES)
@pytest.mark.parametrize(
    "line", ["0 2 * * *", "30 2 * * *", "0 0 * * *", "45 23 * * *", "0 */24 * * *", "15 1 * * 0-7"]
)
def test_a_daily_line_comes_once_each_civil_day(zone: str, year: int, line: str) -> None:
    local = ZoneInfo(zone)
    since, until = datetime(year, 1, 1, tzinfo=local), datetime(year + 1, 1, 1, tzinfo=local)
    found = ticks(line, zone, since - timedelta(seconds=1), until - timedelta(seconds=1))
    utc = [tick.astimezone(UTC) for tick in found]
    assert utc == sorted(set(utc))
    assert [tick.astimezone(local).date() for tick in utc] == civil_days(since, until)


def civil_days(since: datetime, until: datetime) -> list[date]:
    """Those that the zone's clock shows, by looking at it every quarter of an hour."""
    quarters = int((until.astimezone(UTC) - since.astimezone(UTC)) / timedelta(minutes=15))
    moments = (since.astimezone(UTC) + number * timedelta(minutes=15) for number in range(quarters))
    return sorted({moment.astimezone(since.tzinfo).date() for moment in moments})


@pytest.mark.parametrize(
    ("zone", "line", "since", "found"),
    [
        # forward over it: at the first moment after
        ("Europe/Amsterdam", "30 2 * * *", "2026-03-28T12:00", ["29 03:00+0200", "30 02:30+0200"]),
        ("America/Santiago", "0 0 * * *", "2026-09-05T12:00", ["06 01:00-0300", "07 00:00-0300"]),
        ("Australia/Lord_Howe", "10 2 * * *", "2026-10-03T12:00", ["04 02:30+1100", "05 02:10+1100"]),
        # two that come to the same moment are one
        ("Europe/Amsterdam", "0,30 2 * * *", "2026-03-28T12:00", ["29 03:00+0200", "30 02:00+0200"]),
        # back over it: the first time
        ("Europe/Amsterdam", "0 2 * * *", "2026-10-24T12:00", ["25 02:00+0200", "26 02:00+0100"]),
        ("Europe/Amsterdam", "*/30 2 * * *", "2026-10-25T00:00", ["25 02:00+0200", "25 02:30+0200", "26 02:00+0100"]),
        # a day that was left out
        ("Pacific/Apia", "0 2 * * *", "2011-12-28T12:00", ["29 02:00-1000", "31 02:00+1400"]),
        # what is named is only on the next day, so the last moment of its own
        ("Asia/Pyongyang", "45 23 * * *", "2018-05-04T12:00", ["04 23:29+0830", "05 23:45+0900"]),
        # every hour that passes
        ("Europe/Amsterdam", "0 * * * *", "2026-03-29T00:30", ["29 01:00+0100", "29 03:00+0200", "29 04:00+0200"]),
        ("Europe/Amsterdam", "0 0-23 * * *", "2026-10-25T01:30", ["25 02:00+0200", "25 02:00+0100", "25 03:00+0100"]),
        ("Pacific/Apia", "0 * * * fri", "2011-12-23T22:30", ["23 23:00-1000", "06 00:00+1400"]),
        ("America/Santiago", "0 * * * *", "2026-09-05T22:30", ["05 23:00-0400", "06 01:00-0300", "06 02:00-0300"]),
    ],
)
def test_when_clocks_change(zone: str, line: str, since: str, found: list[str]) -> None:
    begin = datetime.fromisoformat(since).replace(tzinfo=ZoneInfo(zone))
    shown = [f"{tick:%d %H:%M%z}" for tick in ticks(line, zone, begin, begin + timedelta(days=20))[: len(found)]]
    assert shown == found


@settings(deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    start=st.datetimes(datetime(1980, 1, 1), datetime(2037, 1, 1)),
    hour=st.integers(0, 23),
    minute=st.integers(0, 59),
)
def test_any_daily_line_in_any_zone(zone: str, start: datetime, hour: int, minute: int) -> None:
    local = ZoneInfo(zone)
    since = start.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=local)
    until = since + timedelta(days=20)
    found = [
        tick.astimezone(UTC) for tick in ticks(f"{minute} {hour} * * *", zone, since - timedelta(minutes=1), until)
    ]
    assert all(earlier < later for earlier, later in zip(found, found[1:], strict=False))
    shown = [tick.astimezone(local).date() for tick in found]
    inside = [day for day in civil_days(since, until) if since.date() < day < until.date()]
    assert [day for day in shown if since.date() < day < until.date()] == inside


FIELDS = st.tuples(
    st.sampled_from(["0", "30", "*/20", "15,45"]),
    st.sampled_from(["*", "2", "0", "1-3", "*/6", "2,14", "23"]),
    st.sampled_from(["*", "1", "*/5", "L", "10-20"]),
    st.sampled_from(["*", "3", "*/2"]),
    st.sampled_from(["*", "0", "7", "mon-fri", "6,sun"]),
)


@settings(deadline=None)
@given(
    fields=FIELDS,
    zone=st.sampled_from([zone for zone, _ in CHANGES]),
    hours=st.integers(0, 40 * 24),
    more=st.integers(0, 100 * 24),
)
def test_the_latest_tick_is_the_last_of_all_since(fields: tuple[str, ...], zone: str, hours: int, more: int) -> None:
    line, since = " ".join(fields), datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=hours)
    now = since + timedelta(hours=more, minutes=7)
    found = ticks(line, zone, since, now)
    utc = [tick.astimezone(UTC) for tick in found]
    assert utc == sorted(set(utc))
    latest = CronLine(line, ZoneInfo(zone)).latest(since, now)
    assert (latest and latest.astimezone(UTC)) == (utc[-1] if utc else None)
