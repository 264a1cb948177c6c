"""What an operator tells of a website: where to begin, how far to go, how much to ask of it."""

from __future__ import annotations

from pydantic import Field, field_validator

from intake.sources import SourceSettings
from intake.websites.addresses import origin_of, tidy_address

_NONE = "an address begins with https:// or http://, and has no password in it"


class WebsiteSettings(SourceSettings):
    """A website: the pages at and below `url`, and all of the other `hosts` (as "docs.example.com").

    Without a `sitemap`, robots.txt and /sitemap.xml are asked for one; where there is none, links are followed from
    `url` on, at most `depth` of them in a row. `pause_s` is left between two requests. Addresses of one's own network
    are asked only where they are said to be meant, `allow_private`.
    """

    url: str
    sitemap: str | None = None
    hosts: tuple[str, ...] = ()
    depth: int = Field(default=5, ge=0, le=50)
    most_pages: int = Field(default=2000, ge=1, le=100_000)
    pause_s: float = Field(default=0.5, ge=0.0, le=60.0)
    allow_private: bool = False

    @field_validator("url", "sitemap")
    @classmethod
    def _check_address(cls, address: str | None) -> str | None:
        if address is None:
            return None
        tidied = tidy_address(address)
        if tidied is None:
            raise ValueError(_NONE)
        return tidied

    @field_validator("hosts")
    @classmethod
    def _check_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        tidied = [tidy_address(f"https://{host}/") for host in hosts]
        if any("/" in host for host in hosts) or None in tidied:
            raise ValueError("a host is one as docs.example.com")
        return tuple(origin_of(own)[0] for own in tidied if own is not None)

    def covers(self, address: str) -> bool:
        """Whether a page belongs to it; an address is a tidy one."""
        host, path = origin_of(address)
        own_host, own_path = origin_of(self.url)
        if host in self.hosts:
            return True
        name = own_path.rpartition("/")[2]
        folder = own_path[: -len(name)] if "." in name else own_path.rstrip("/") + "/"
        return host == own_host and (path == own_path or path.startswith(folder))

    def may_ask(self, address: str) -> bool:
        """Whether that host may be asked for anything, as for robots.txt."""
        host, _ = origin_of(address)
        return host in self.hosts or host in {origin_of(own)[0] for own in (self.url, self.sitemap) if own is not None}
