"""Addresses of pages, each written in one way; pure."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

import httpx

from intake.sources import MAX_URI_CHARS

_PORTS = {"http": 80, "https": 443}
_UNFIT = re.compile(r"[\x00-\x20\x7f\\]")
_SAFE = "/:@!$&'()*+,;=-._~%"


def tidy_address(written: str, page: str | None = None) -> str | None:
    """A page's address as it is asked for and stored, without its fragment; None where it is none of the web's.

    One that is written on a page may be relative to it. Host and scheme are in small letters, the usual port and dots
    in the path are left out, and what isn't ASCII is quoted. One with a user or a password isn't taken.
    """
    try:
        joined = urljoin(page, written.strip()) if page is not None else written.strip()
        parts = urlsplit(joined)
        port = parts.port
        if parts.scheme not in _PORTS or parts.username is not None or not parts.hostname or _UNFIT.search(joined):
            return None
        host = httpx.URL(scheme=parts.scheme, host=parts.hostname).raw_host.decode("ascii")
    except (ValueError, httpx.InvalidURL, UnicodeError):
        return None
    host = f"[{host}]" if ":" in host else host
    netloc = host if port is None or port == _PORTS[parts.scheme] else f"{host}:{port}"
    path = quote(parts.path or "/", safe=_SAFE)
    if "/." in path:
        ends = "/" if path.endswith(("/", "/.", "/..")) else ""
        path = posixpath.normpath(path).lstrip("/")
        path = f"/{path}{ends}" if path else "/"
    tidied = urlunsplit((parts.scheme, netloc, path, quote(parts.query, safe=_SAFE + "?"), ""))
    return tidied if len(tidied) <= MAX_URI_CHARS else None


def origin_of(address: str) -> tuple[str, str]:
    """The host of a tidy address, with its port where that isn't the usual one, and the path."""
    parts = urlsplit(address)
    return parts.netloc, parts.path


def file_name_of(address: str, suffix: str) -> str:
    """What a page is called as a file of that kind, with its folder."""
    path = unquote(urlsplit(address).path, errors="replace")
    path = "".join(char for char in path if char.isprintable()).strip("/") or "index"
    return path if path.lower().endswith(suffix) else path + suffix
