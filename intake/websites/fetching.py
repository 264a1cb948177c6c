"""One request after the other, politely: bounded in size, time and redirects, each of which is checked anew."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from db.errors import BadInputError, SourceError
from intake.sources import MAX_FILE_BYTES, TOO_LARGE
from intake.websites.addresses import tidy_address
from intake.websites.public import PublicTransport, Resolve, resolve

AGENT = "Nightshift"
"""Its name in robots.txt."""

MOST_REDIRECTS = 5
MOST_WAITS = 3
"""Times that one request is put off as its site asks, before the listing breaks off."""

LONGEST_WAIT_S = 120.0
LONGEST_PUT_OFF_S = 86_400.0
"""For longer no site is left alone, however long it asks for: it may have meant another date."""

USUAL_WAIT_S = 30.0
"""Where a site says that it was asked too often, and not for how long to leave it alone."""

_TIMEOUT = httpx.Timeout(20.0)
_UNZIPPED_AT_ONCE = 4096
_REDIRECTS = (301, 302, 303, 307, 308)
_TOO_OFTEN = (429, 503)


class LeadsElsewhereError(BadInputError):
    """Redirects lead to where it may not be asked, or nowhere."""


@dataclass(frozen=True, slots=True)
class Got:
    """What a site answered: `moved_to` is where a redirect leads, `body` is as it was before it was compressed."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    moved_to: str | None = None


@dataclass(slots=True)
class Fetcher:
    """Asks a website for pages; `may_ask` says which addresses it may be sent to."""

    may_ask: Callable[[str], bool]
    allow_private: bool = False
    pause_s: float = 0.5
    wait: Callable[[float], None] = time.sleep
    look_up: Resolve = resolve
    _client: httpx.Client = field(init=False)
    _is_first: bool = True

    def __post_init__(self) -> None:
        self._client = httpx.Client(
            transport=PublicTransport(allow_private=self.allow_private, look_up=self.look_up),
            trust_env=False,
            follow_redirects=False,
            timeout=_TIMEOUT,
            headers={"User-Agent": f"{AGENT} (a bot that answers from documents)", "Accept-Encoding": "gzip"},
        )

    def close(self) -> None:
        """Closes its connections."""
        self._client.close()

    def get(self, address: str, known: Mapping[str, str] | None = None, most_bytes: int = MAX_FILE_BYTES) -> Got:
        """What stands at a tidy address; 304 without a body where it is as it is `known`, by these headers.

        A redirect isn't followed.

        Raises:
            BadInputError: its answer is too large, or compressed in another way.
            NotPublicError: it may not be asked.
            SourceError: the site wants to be left alone for longer.
            httpx.TransportError: it can't be reached.
        """
        for _ in range(MOST_WAITS):
            if not self._is_first:
                self.wait(self.pause_s)
            self._is_first = False
            got = self._get(address, dict(known or {}), most_bytes)
            if got.status not in _TOO_OFTEN or (got.status == 503 and "retry-after" not in got.headers):
                return got
            seconds = wanted_wait_s(got.headers.get("retry-after"))
            if seconds > LONGEST_WAIT_S:
                raise _to_be_left_alone(seconds)
            self.wait(seconds)
        raise _to_be_left_alone(seconds)

    def get_whole(self, address: str, most_bytes: int = MAX_FILE_BYTES) -> Got:
        """The same, where redirects lead to; each must be to what may be asked.

        Raises:
            LeadsElsewhereError: one leads to another site, or they have no end.
        """
        for _ in range(MOST_REDIRECTS + 1):
            got = self.get(address, None, most_bytes)
            if got.moved_to is None:
                return got
            if not self.may_ask(got.moved_to):
                raise LeadsElsewhereError("it leads to another site, which isn't followed")
            address = got.moved_to
        raise LeadsElsewhereError("its redirects have no end")

    def _get(self, address: str, headers: dict[str, str], most_bytes: int) -> Got:
        try:
            return self._ask(address, headers, most_bytes)
        except httpx.InvalidURL:  # httpx reads where a redirect leads, also where it isn't to follow it
            raise BadInputError("it leads to what is no address") from None

    def _ask(self, address: str, headers: dict[str, str], most_bytes: int) -> Got:
        self._client.cookies.clear()
        with self._client.stream("GET", address, headers=headers) as response:
            told = {name.lower(): value for name, value in response.headers.items()}
            if response.status_code in _REDIRECTS:
                target = tidy_address(told.get("location", ""), address)
                if target is None:
                    raise BadInputError("it leads to what is no address")
                return Got(response.status_code, headers=told, moved_to=target)
            if response.status_code != 200:
                return Got(response.status_code, headers=told)
            return Got(200, _read(response, told, most_bytes), told)


def _to_be_left_alone(seconds: float) -> SourceError:
    if seconds <= LONGEST_PUT_OFF_S:
        return SourceError("The site asks to be left alone for now.", wait_s=seconds)
    days = f"{seconds / 86_400:,.0f} days, which is too long: it is asked again after one"
    return SourceError(f"The site asks to be left alone for {days}.", wait_s=LONGEST_PUT_OFF_S)


def wanted_wait_s(told: str | None) -> float:
    """For how long a site asks to be left alone: seconds or a date (RFC 9110, 10.2.3)."""
    if told is None:
        return USUAL_WAIT_S
    if told.strip().isascii() and told.strip().isdigit():
        return float(told.strip()[:9])
    try:
        until = parsedate_to_datetime(told)
        until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
        return max((until - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return USUAL_WAIT_S


def unzipped(parts: Iterator[bytes], most_bytes: int) -> bytes:
    """What was compressed by gzip or deflate, in memory for no more than `most_bytes`.

    Raises:
        BadInputError: it is more, or broken.
    """
    unzip, whole = zlib.decompressobj(32 + zlib.MAX_WBITS), bytearray()
    try:
        for left in _cut(parts):
            while left:
                whole += unzip.decompress(left, most_bytes + 1 - len(whole))
                if len(whole) > most_bytes:
                    raise BadInputError(TOO_LARGE)
                left = unzip.unconsumed_tail
                if unzip.eof:
                    left = unzip.unused_data
                    unzip = zlib.decompressobj(32 + zlib.MAX_WBITS)
    except zlib.error:
        raise BadInputError("it is compressed, and broken") from None
    return bytes(whole)


def _cut(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Small parts: what follows the end of a member is copied, and there may be one every few bytes."""
    for part in parts:
        yield from (part[start : start + _UNZIPPED_AT_ONCE] for start in range(0, len(part), _UNZIPPED_AT_ONCE))


def _read(response: httpx.Response, told: Mapping[str, str], most_bytes: int) -> bytes:
    encoding = told.get("content-encoding", "identity").strip().lower()
    parts = _bounded(response.iter_raw(), most_bytes)
    if encoding in ("gzip", "x-gzip", "deflate"):
        return unzipped(parts, most_bytes)
    if encoding not in ("", "identity"):
        raise BadInputError("it is compressed in a way that wasn't asked for")
    return b"".join(parts)


def _bounded(parts: Iterator[bytes], most_bytes: int) -> Iterator[bytes]:
    n = 0
    for part in parts:
        n += len(part)
        if n > most_bytes:
            raise BadInputError(TOO_LARGE)
        yield part
