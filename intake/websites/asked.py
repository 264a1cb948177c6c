"""What a site wants to be asked, and what it lists by itself: robots.txt and sitemaps."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
from protego import Protego

from db.errors import BadInputError, SourceError
from intake.websites.addresses import tidy_address
from intake.websites.fetching import AGENT, Fetcher, Got, LeadsElsewhereError
from intake.websites.sitemaps import MOST_BYTES, read_sitemap
from intake.websites.told import WebsiteSettings

_ROBOTS_BYTES = 500_000
_LONGEST_DELAY_S = 30.0
_MOST_SITEMAPS = 500


@dataclass(slots=True)
class SiteRules:
    """A site's robots.txt, of each of its hosts (RFC 9309); asked once a sync."""

    fetcher: Fetcher
    _of_origin: dict[str, Protego] = field(default_factory=dict)

    def allows(self, address: str) -> bool:
        """Whether a page may be asked for.

        Raises:
            SourceError: its robots.txt can't be read for now, so nothing may.
        """
        return bool(self._rules(address).can_fetch(address, AGENT))

    def sitemaps(self, address: str) -> list[str]:
        """The sitemaps that a host's robots.txt names, wherever they are."""
        named = (tidy_address(own, address) for own in self._rules(address).sitemaps)
        return [own for own in named if own is not None]

    def _rules(self, address: str) -> Protego:
        parts = urlsplit(address)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._of_origin:
            self._of_origin[origin] = self._read(f"{origin}/robots.txt")
            delay = self._of_origin[origin].crawl_delay(AGENT)
            if delay is not None:
                self.fetcher.pause_s = max(self.fetcher.pause_s, min(float(delay), _LONGEST_DELAY_S))
        return self._of_origin[origin]

    def _read(self, address: str) -> Protego:
        try:
            got = self.fetcher.get_whole(address, _ROBOTS_BYTES)
        except LeadsElsewhereError:  # it has none
            got = Got(404)
        except BadInputError as error:
            raise SourceError(f"Its robots.txt can't be read: {error}; so nothing is asked for.") from None
        except httpx.HTTPError as error:
            raise SourceError(f"The site can't be reached ({type(error).__name__}).") from None
        if got.status >= 500:
            raise SourceError(f"Its robots.txt can't be read now (it answers {got.status}), so nothing is asked for.")
        return Protego.parse(got.body.decode("utf-8", "replace") if got.status == 200 else "")


@dataclass(slots=True)
class SiteList:
    """The pages that a site's sitemaps list, each once; None where it has none.

    `elsewhere` is a sitemap at a host that may not be asked: what that lists isn't known.
    """

    pages: dict[str, None] | None = None
    elsewhere: str | None = None


def find_listed(told: WebsiteSettings, fetcher: Fetcher, rules: SiteRules) -> SiteList:
    """What the site lists by itself.

    Raises:
        SourceError: one of the sitemaps can't be read, so that what is listed isn't known.
    """
    host = urlsplit(told.url)
    usual = f"{host.scheme}://{host.netloc}/sitemap.xml"
    named = [told.sitemap] if told.sitemap is not None else rules.sitemaps(told.url)
    found, pages = SiteList(), dict[str, None]()
    pending, seen = deque[str](), set[str]()

    def add(sitemaps: Iterable[str]) -> None:
        for own in sitemaps:
            if not fetcher.may_ask(own):
                found.elsewhere = own
            elif own not in seen:
                seen.add(own)
                pending.append(own)
            if len(seen) > _MOST_SITEMAPS:
                raise SourceError(f"It has more than {_MOST_SITEMAPS} sitemaps; name one of them by --sitemap.")

    add(named)
    if not pending:
        add([usual])
    while pending:
        address = pending.popleft()
        data = _read_listing(fetcher, address)
        if data is None and address == usual and usual not in named:
            return found
        if data is None:
            raise SourceError(f"Its sitemap {address} isn't there any more, so what it listed isn't known.")
        found.pages = pages
        add(_add_listed(told, address, data, pages))
    return found


def _add_listed(told: WebsiteSettings, address: str, data: bytes, pages: dict[str, None]) -> Iterator[str]:
    """Adds the pages that belong to the site; returns the sitemaps that are listed."""
    try:
        found = read_sitemap(data)
    except BadInputError as error:
        raise SourceError(f"Its sitemap {address} can't be read: {error}.") from None
    for written in found.pages:
        page = tidy_address(written, address)
        if page is not None and told.covers(page) and len(pages) <= told.most_pages:
            pages[page] = None
    tidied = (tidy_address(written, address) for written in found.sitemaps)
    return (own for own in tidied if own is not None)


def _read_listing(fetcher: Fetcher, address: str) -> bytes | None:
    try:
        got = fetcher.get_whole(address, MOST_BYTES)
    except BadInputError as error:
        raise SourceError(f"Its sitemap {address} can't be read: {error}.") from None
    except httpx.HTTPError as error:
        raise SourceError(f"The site can't be reached ({type(error).__name__}).") from None
    if got.status in (404, 410):
        return None
    if got.status != 200:
        raise SourceError(f"Its sitemap {address} can't be read now (it answers {got.status}).")
    return got.body
