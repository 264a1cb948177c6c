"""A website as a source: what its sitemap lists, else what its links lead to, page by page.

What was known before comes first: so when the first new page is read, it is known which others are gone, and one that
moved is found to be the same. A page that is asked for again is asked for with what its server said of it last time
(ETag, Last-Modified), and costs next to nothing where it is the same. A redirect, and a canonical address, are pages of
their own: what they lead to is asked for, if it belongs to the site, and is the document.
"""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from db.errors import BadInputError, SourceError
from intake.sources import Failure, Gone, KnownUnder, Listed, Page
from intake.websites.addresses import file_name_of
from intake.websites.asked import SiteRules, find_listed
from intake.websites.content_types import charset_of, content_type_of, suffix_for, with_its_encoding
from intake.websites.fetching import Fetcher, Got
from intake.websites.pages import MOST_BYTES, MOST_LINKS, Pointers, is_withdrawn, read_pointers
from intake.websites.told import WebsiteSettings

_GONE = (404, 410)
_MOST_LOST = 5
"""Pages in a row that can't be reached, after which the site is taken for down."""

_MOST_ADDRESSES = 200_000
"""Different ones that a site's links are followed to: what it makes up has to fit into memory."""

_WHY_MORE = {
    "links": f"{{}} has more than {MOST_LINKS:,} links",
    "bytes": f"{{}} is larger than {MOST_BYTES // 1_000_000} MB, of which the links are read",
    "addresses": f"All its pages together have more than {_MOST_ADDRESSES:,} links",
}

_BY_SITEMAP = "by sitemap"
"""The item that says how the site was listed: a sitemap that is missing one day must not make another listing of it."""


class Memory(Protocol):
    """What is remembered from one sync to the next, a JSON object by its key."""

    def read(self) -> Iterable[tuple[str, dict[str, Any]]]:
        """All of it."""

    def write(self, key: str, state: Mapping[str, Any]) -> None:
        """Remembers one thing."""

    def forget(self, keys: Sequence[str]) -> None:
        """Forgets some, if they were remembered."""


@dataclass(slots=True)
class _Visit:
    """What is known of a page: the document that it is, if it is one, and where it leads."""

    listed: Listed | None = None
    leads_to: list[str] = field(default_factory=list)
    stays: bool = False
    """It couldn't be read now, so a document that is stored of it stays."""


class Website:
    """The pages of a site, for one audience."""

    def __init__(self, told: WebsiteSettings, fetcher: Fetcher, memory: Memory, audience_id: int | None) -> None:
        self._told = told
        self._fetcher = fetcher
        self._memory = memory
        self._audience_id = audience_id
        self._rules = SiteRules(fetcher)
        self._known: dict[str, dict[str, Any]] = {}
        self._visits: dict[str, _Visit] = {}
        self._wanted: set[str] | None = None
        self._led_to_before: set[str] = set()
        """Where redirects and canonical addresses led at the last sync."""
        self._there: set[str] = set()
        self._met: set[str] = set()
        """What is to be visited: one more than there may be, at most, however many links a site makes up."""
        self._not_told: str | None = None
        """Why the listing isn't complete, if that is known before its end."""
        self._one_of_each: dict[str, str] = {}
        self._left_out: Counter[str] = Counter()
        self._body: tuple[str, bytes] | None = None
        self._lost = 0

    @classmethod
    @contextmanager
    def opened(cls, told: WebsiteSettings, memory: Memory, audience_id: int | None) -> Iterator[Website]:
        """The site, whose connections are closed with the block."""
        fetcher = Fetcher(told.may_ask, told.allow_private, told.pause_s)
        try:
            yield cls(told, fetcher, memory, audience_id)
        finally:
            fetcher.close()

    def changes(self, cursor: str | None) -> Iterator[Page]:
        """All pages of the site, one after the other; there is no cursor."""
        self._known = {address: self._with_shared(state) for address, state in self._memory.read()}
        was_by_sitemap = self._known.pop(_BY_SITEMAP, None) is not None
        self._led_to_before = {own for state in self._known.values() for own in state.get("canonical", ())}
        found = find_listed(self._told, self._fetcher, self._rules)
        if found.pages is None and was_by_sitemap:
            raise SourceError("Its sitemap isn't there any more, so what it listed isn't known.")
        if found.elsewhere is not None:
            self._not_told = (
                f"Its sitemap {found.elsewhere} is at another host, so what that lists isn't known; say --host if it "
                "belongs to the site, or --sitemap."
            )
        if found.pages is not None:
            self._memory.write(_BY_SITEMAP, {})
            self._wanted = set(found.pages)
        yield from self._visit_all(list(found.pages) if found.pages is not None else [self._told.url])
        if len(self._visits) >= self._told.most_pages and not self._met <= self._visits.keys():
            raise SourceError(f"It has more than {self._told.most_pages:,} pages; say --most-pages, or begin below.")
        if self._not_told is not None:
            raise SourceError(self._not_told)
        self._memory.forget([address for address in self._known if address not in self._met])

    def fetch(self, uri: str) -> bytes:
        """A page as it was listed, or as it is now."""
        if self._body is not None and self._body[0] == uri:
            return self._body[1]
        try:
            got = self._fetcher.get(uri)
        except httpx.HTTPError as error:
            raise BadInputError(f"it can't be reached ({type(error).__name__})") from None
        if got.status != 200:
            raise BadInputError(_why_unread(got))
        return with_its_encoding(got.body, charset_of(got.headers.get("content-type")))

    def is_gone(self, uri: str) -> bool:
        """Whether it was a page of this site, and isn't any more, as far as was seen."""
        if not self._told.covers(uri):
            return False
        visit = self._visits.get(uri)
        if visit is not None:
            return visit.listed is None and not visit.stays
        if self._wanted is None or self._not_told is not None:
            return False
        if len(self._wanted) > self._told.most_pages:  # what more is listed isn't known
            return False
        return uri not in self._wanted and uri not in self._led_to_before

    def gone(self, known_under: KnownUnder) -> Iterator[Gone]:
        """What is stored of the site, and wasn't listed."""
        known = [uri for uris in known_under("") for uri in uris if self._told.covers(uri)]
        if gone := [uri for uri in known if uri not in self._there]:
            yield Gone(self._told.url, len(known), gone)

    def left_out(self) -> Mapping[str, int]:
        """Pages of other kinds by content type, those that the site withdrew, and those it doesn't want asked for."""
        return +self._left_out

    def _visit_all(self, first: list[str]) -> Iterator[Page]:
        """What is known first, then breadth first from the beginning; each page once, and what was listed is there."""
        is_known = [
            own for own in self._known if self._told.covers(own) and (self._wanted is None or own in self._wanted)
        ]
        for address in is_known:
            yield from self._visit(address)
        follows = self._wanted is None
        pending = deque((address, 0) for address in first)
        self._met.update(first)
        while pending:
            address, depth = pending.popleft()
            yield from self._visit(address)
            visit = self._visits.get(address)
            if visit is None:
                continue
            if visit.listed is not None or visit.stays:
                self._there.add(address)
            for target in visit.leads_to:
                # where it moved to counts as no step, but is one, so that moves have an end
                is_new = target not in self._met and len(self._met) <= self._told.most_pages
                if is_new and self._told.covers(target) and (not follows or depth < self._told.depth):
                    self._met.add(target)
                    pending.append((target, depth + 1))
            visit.leads_to = []

    def _visit(self, address: str) -> Iterator[Page]:
        if address in self._visits or len(self._visits) >= self._told.most_pages:
            return
        visit = self._visits[address] = _Visit()
        if not self._rules.allows(address):
            self._left_out["not to be asked for (robots.txt)"] += 1
            return
        try:
            self._read(address, visit)
            self._lost = 0
        except (BadInputError, httpx.HTTPError) as error:
            if address == self._told.url and self._wanted is None:
                raise SourceError(f"Where its links begin can't be read: {error}.") from None
            known = self._known.get(address, {})
            visit.stays, visit.leads_to = True, self._led_to(known)
            self._note_more(address, known.get("has_more"))
            reason = str(error) if isinstance(error, BadInputError) else f"it can't be reached ({type(error).__name__})"
            self._lost += not isinstance(error, BadInputError)
            if self._lost == _MOST_LOST:
                raise SourceError(f"The site can't be reached any more ({type(error).__name__}).") from None
            yield Page([Failure(address, reason)], len(self._visits))
        if visit.listed is not None:
            yield Page([visit.listed], max(len(self._visits), len(self._wanted or ())))
        self._body = None

    def _read(self, address: str, visit: _Visit) -> None:
        known = self._known.get(address, {})
        got = self._fetcher.get(address, known.get("validators"))
        if got.status == 304 and "version" in known:
            visit.leads_to = self._led_to(known)
            self._note_more(address, known.get("has_more"))
            if known["file_name"] is not None:
                visit.listed = self._list(address, known["version"], known["file_name"])
            return
        if got.moved_to is not None:
            visit.leads_to = [got.moved_to]
            self._memory.write(address, {"links": [], "canonical": visit.leads_to})
            return
        if got.status in _GONE:
            self._memory.forget([address])
            return
        if got.status != 200:
            raise BadInputError(_why_unread(got))
        self._take(address, got, visit)

    def _led_to(self, known: Mapping[str, Any]) -> list[str]:
        links = known.get("links", ()) if self._wanted is None else ()
        return [*links, *known.get("canonical", ())]

    def _take(self, address: str, got: Got, visit: _Visit) -> None:
        """Notes a page as it is now."""
        content_type = content_type_of(got.headers.get("content-type"))
        suffix = suffix_for(address, content_type)
        is_page = suffix == ".html"
        told = (
            read_pointers(got.body, address, got.headers)
            if is_page
            else Pointers(is_withdrawn=is_withdrawn(got.headers))
        )
        canonical = [own for own in (told.canonical,) if own not in (None, address) and self._told.covers(str(own))]
        links = [self._shared(own) for own in told.links if self._told.covers(own)] if self._wanted is None else []
        more: str | None = told.more
        if len(self._one_of_each) > _MOST_ADDRESSES:
            links, more = [], "addresses"
        self._note_more(address, more)
        file_name = None
        if told.is_withdrawn:
            self._left_out["withdrawn (noindex)"] += 1
        elif suffix is None:
            self._left_out[content_type or "of no kind"] += 1
        elif not canonical:
            file_name = file_name_of(address, suffix)
        body = with_its_encoding(got.body, charset_of(got.headers.get("content-type")))
        version = hashlib.sha256(body).hexdigest()
        visit.leads_to = links + [str(own) for own in canonical]
        if file_name is not None:
            self._body = address, body
            visit.listed = self._list(address, version, file_name)
        validators = {
            name: got.headers[header]
            for name, header in (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
            if got.headers.get(header, "\0").isascii() and got.headers.get(header, "\0").isprintable()
        }
        state = {"validators": validators, "version": version, "file_name": file_name}
        has_more = {"has_more": more} if more is not None else {}
        self._memory.write(address, state | {"links": links, "canonical": canonical} | has_more)

    def _note_more(self, address: str, more: str | bool | None) -> None:
        """Notes why not all links are followed; what was remembered before reasons were is about a page's links."""
        if more and self._wanted is None:
            why = _WHY_MORE.get(str(more), _WHY_MORE["links"]).format(address)
            self._not_told = (
                f"{why}: no more are followed, so what more there is isn't known; a sitemap would tell (--sitemap)."
            )

    def _with_shared(self, state: dict[str, Any]) -> dict[str, Any]:
        """The state with each address once in memory, however many pages link to it."""
        return state | {"links": [self._shared(own) for own in state.get("links", ())]}

    def _shared(self, address: str) -> str:
        return self._one_of_each.setdefault(address, address)

    def _list(self, address: str, version: str, file_name: str) -> Listed:
        return Listed(address, address, version, self._audience_id, file_name)


def _why_unread(got: Got) -> str:
    if got.status in (401, 403):
        return f"its site asks for a login (it answers {got.status})"
    return f"its site answers {got.status}"
