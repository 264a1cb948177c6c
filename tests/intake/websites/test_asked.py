"""What a site wants to be asked, and what it lists: read as it says, or nothing is known of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from db.errors import SourceError
from intake.websites.asked import SiteRules, find_listed
from intake.websites.fetching import Fetcher
from intake.websites.told import WebsiteSettings
from tests.intake.websites.site import HANGS_UP, Answer, Site

ELSEWHERE = "https://elsewhere.example/x"


@pytest.fixture
def fetcher(site: Site) -> Iterator[Fetcher]:
    made = Fetcher(lambda address: address.startswith(site.url), True, 0.5, lambda _: None)
    yield made
    made.close()


@pytest.mark.parametrize(("told", "pause_s"), [(b"0.1", 0.5), (b"7", 7.0), (b"86400", 30.0)])
def test_between_requests_it_waits_as_the_site_says_within_reason(
    site: Site, fetcher: Fetcher, told: bytes, pause_s: float
) -> None:
    site.answers["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: " + told)
    assert SiteRules(fetcher).allows(f"{site.url}/a")
    assert fetcher.pause_s == pause_s


def test_rules_that_stand_at_another_site_are_none(site: Site, fetcher: Fetcher) -> None:
    site.redirect("/robots.txt", ELSEWHERE)
    assert SiteRules(fetcher).allows(f"{site.url}/a")


def test_where_its_rules_can_not_be_had_nothing_is_asked_for(site: Site, fetcher: Fetcher) -> None:
    site.answers["/robots.txt"] = Answer(status=HANGS_UP)
    with pytest.raises(SourceError, match="can't be reached"):
        SiteRules(fetcher).allows(f"{site.url}/a")
    assert site.asked == []


@pytest.mark.parametrize(
    ("fault", "why"), [("elsewhere", "another site"), ("hangs up", "can't be reached"), ("500", "answers 500")]
)
def test_what_a_sitemap_lists_that_can_not_be_had_is_not_known(
    site: Site, fetcher: Fetcher, fault: str, why: str
) -> None:
    match fault:
        case "elsewhere":
            site.redirect("/sitemap.xml", ELSEWHERE)
        case "hangs up":
            site.answers["/sitemap.xml"] = Answer(status=HANGS_UP)
        case "500":
            site.answers["/sitemap.xml"] = Answer(status=500)
    with pytest.raises(SourceError, match=why):
        find_listed(WebsiteSettings(url=site.url), fetcher, SiteRules(fetcher))
