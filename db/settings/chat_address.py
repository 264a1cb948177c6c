"""The language model server's address, as people write it, made into a base address and its query; pure."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import parse_qsl, urlsplit, urlunsplit

_ENDPOINTS = (["chat", "completions"], ["completions"], ["responses"], ["embeddings"])
_NEAR = re.compile(r"(?:[^.]+|.*\.(?:localhost|local|internal|lan|home\.arpa))\Z", re.IGNORECASE)


def split_address(written: str) -> tuple[str, dict[str, str]]:
    """The address to which `/chat/completions` is added, and the query that goes with each request.

    An endpoint at the path's end is taken off, a path or version that stands there twice counts once. Without a scheme
    it is http for names and addresses of the own network, https for all others.

    Raises:
        ValueError: it can't be an address; the message doesn't quote it, as it may hold a key.
    """
    text = written.strip().strip("<>\"'").strip()
    if not re.match(r"[a-z][a-z0-9+.-]*://", text, re.IGNORECASE):
        text = _with_scheme(text)
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("its host or port can't be read; write it like https://host:8000/v1") from None
    if parts.scheme.lower() not in ("http", "https"):
        raise ValueError("it must begin with http:// or https://")
    if not host or re.search(r"[\s<>{}|\\^`\"']", parts.netloc):
        raise ValueError("it names no host; write it like https://host:8000/v1")
    if re.search(r"https?:|\s", parts.path, re.IGNORECASE):
        raise ValueError("it holds more than one address; write it like https://host:8000/v1")
    path = "".join(f"/{part}" for part in _clean_path(parts.path))
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return urlunsplit((parts.scheme.lower(), parts.netloc, path, "", "")), query


def _with_scheme(text: str) -> str:
    if re.match(r"https?(?::|//)", text, re.IGNORECASE):
        raise ValueError("it must begin with http:// or https://")
    text = text.lstrip("/")
    try:
        host = urlsplit(f"//{text}").hostname or ""
    except ValueError:
        host = ""
    return f"{'http' if _is_near(host) else 'https'}://{text}"


def _is_near(host: str) -> bool:
    """Whether a host is of the own network, where nobody speaks TLS: what leaves it is never sent in the open."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return _NEAR.match(host) is not None


def _clean_path(path: str) -> list[str]:
    parts = [part for part in path.split("/") if part]
    while (shorter := _without_endpoint(_without_repetition(parts))) != parts:
        parts = shorter
    return parts


def _without_endpoint(parts: list[str]) -> list[str]:
    for endpoint in _ENDPOINTS:
        if [part.lower() for part in parts[-len(endpoint) :]] == endpoint:
            return parts[: -len(endpoint)]
    return parts


def _without_repetition(parts: list[str]) -> list[str]:
    half = len(parts) // 2
    if half and parts[:half] == parts[half:]:
        return parts[:half]
    versions = zip(parts, ["", *parts], strict=False)
    return [part for part, before in versions if part != before or not re.fullmatch(r"v\d+\w*", part)]
