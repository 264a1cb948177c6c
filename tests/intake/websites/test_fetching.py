"""Requests to a real server: bounded, put off as it asks, and never sent on unchecked."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from db.errors import BadInputError, SourceError
from intake.websites.fetching import (
    LONGEST_PUT_OFF_S,
    LONGEST_WAIT_S,
    USUAL_WAIT_S,
    Fetcher,
    _cut,
    unzipped,
    wanted_wait_s,
)
from tests.intake.websites.site import Answer, Site


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.fixture
def fetcher(site: Site, waited: list[float]) -> Iterator[Fetcher]:
    made = Fetcher(lambda address: address.startswith(site.url), True, 0.5, waited.append)
    yield made
    made.close()


def test_it_waits_between_requests_and_as_long_as_it_is_asked_to(
    site: Site, fetcher: Fetcher, waited: list[float]
) -> None:
    site.page("/a", "Leave").first = [(429, {"Retry-After": "7"}), (503, {"Retry-After": "0"})]
    assert fetcher.get(f"{site.url}/a").status == 200
    assert waited == [7.0, 0.5, 0.0, 0.5]


@pytest.mark.parametrize("retry_after", [str(int(LONGEST_WAIT_S) + 1), "999999999999999999999"])
def test_where_it_is_to_wait_for_longer_the_listing_breaks_off(
    site: Site, fetcher: Fetcher, waited: list[float], retry_after: str
) -> None:
    site.page("/a", "Leave").first = [(429, {"Retry-After": retry_after})]
    with pytest.raises(SourceError) as raised:
        fetcher.get(f"{site.url}/a")
    assert raised.value.wait_s in (LONGEST_WAIT_S + 1, LONGEST_PUT_OFF_S) and waited == []
    assert ("days, which is too long" in str(raised.value)) == (raised.value.wait_s == LONGEST_PUT_OFF_S)


def test_a_site_that_always_refuses_is_not_asked_for_ever(site: Site, fetcher: Fetcher) -> None:
    site.answers["/a"] = Answer(status=429)
    with pytest.raises(SourceError, match="left alone"):
        fetcher.get(f"{site.url}/a")
    assert len(site.asked) == 3


def test_how_long_it_is_to_wait() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    assert 90 < wanted_wait_s(later) <= 100
    assert wanted_wait_s("Mon, 01 Jan 2001 00:00:00 GMT") == 0.0
    assert [wanted_wait_s(told) for told in (None, "soon", "-5", "²", "")] == [USUAL_WAIT_S] * 5


def test_redirects_are_followed_within_what_may_be_asked_and_not_beyond(site: Site, fetcher: Fetcher) -> None:
    site.page("/c", "Leave")
    site.redirect("/a", "/b")
    site.redirect("/b", f"{site.url}/c", 308)
    assert fetcher.get_whole(f"{site.url}/a").status == 200
    for target in ("http://169.254.169.254/latest/meta-data/", "https://evil.example/", "http://127.0.0.1:9/"):
        site.redirect("/out", target, 302)
        with pytest.raises(BadInputError, match="another site"):
            fetcher.get_whole(f"{site.url}/out")
    for target in ("file:///etc/passwd", "", "javascript:x"):
        site.redirect("/odd", target)
        if target:
            with pytest.raises(BadInputError, match="no address"):
                fetcher.get_whole(f"{site.url}/odd")
    site.redirect("/loop", "/loop")
    with pytest.raises(BadInputError, match="no end"):
        fetcher.get_whole(f"{site.url}/loop")


def test_what_is_large_is_cut_off_before_and_after_it_is_unpacked(site: Site, fetcher: Fetcher) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    site.answers["/bomb"] = Answer(bomb, headers={"Content-Encoding": "gzip"})
    site.answers["/long"] = Answer(b"x" * 2_000_000)
    site.answers["/odd"] = Answer(b"x", headers={"Content-Encoding": "br"})
    site.answers["/broken"] = Answer(b"no gzip", headers={"Content-Encoding": "gzip"})
    site.answers["/fine"] = Answer(gzip.compress(b"text"), headers={"Content-Encoding": "gzip"})
    for path in ("/bomb", "/long", "/odd", "/broken"):
        with pytest.raises(BadInputError):
            fetcher.get(f"{site.url}{path}", most_bytes=1_000_000)
    assert fetcher.get(f"{site.url}/fine").body == b"text"


@pytest.mark.parametrize(
    "pack", [gzip.compress, zlib.compress, lambda data: gzip.compress(data[:3]) + gzip.compress(data[3:])]
)
def test_what_was_packed_comes_out_in_whatever_parts_it_is_sent(pack: Callable[[bytes], bytes]) -> None:
    data = b"whole text"
    packed = pack(data)
    assert unzipped((packed[place : place + 1] for place in range(len(packed))), 100) == data
    with pytest.raises(BadInputError):
        unzipped(iter([packed]), len(data) - 1)


def test_what_would_grow_is_never_whole_in_memory() -> None:
    bomb = gzip.compress(b"\0" * 30_000_000)
    tracemalloc.start()
    with pytest.raises(BadInputError):
        unzipped(iter([bomb]), 100_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000


def test_members_are_not_copied_with_all_that_follows_them() -> None:
    assert [len(part) for part in _cut(iter([b"x" * 9000, b"y"]))] == [4096, 4096, 808, 1]
    assert unzipped(iter([gzip.compress(b"") * 1000 + gzip.compress(b"end")]), 100) == b"end"


def test_own_networks_are_not_asked_unless_it_is_meant(site: Site) -> None:
    site.page("/a", "Leave")
    careful = Fetcher(lambda _: True, False, 0.0)
    with pytest.raises(SourceError, match="--allow-private"):
        careful.get(f"{site.url}/a")
    assert site.asked == []
    careful.close()
