"""Reads single fields out of what Slack sent: whatever is missing or misshapen is empty, and raises nothing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

Payload = Mapping[str, Any]


def mapping_at(payload: Payload, *path: str) -> Payload:
    """The mapping at the end of a path of names, or an empty one."""
    for name in path:
        found = payload.get(name)
        payload = found if isinstance(found, dict) else {}
    return payload


def text_at(payload: Payload, *path: str) -> str:
    """The text at the end of a path of names, or an empty one."""
    found = mapping_at(payload, *path[:-1]).get(path[-1])
    return found if isinstance(found, str) else ""


def timestamp_at(payload: Payload, name: str) -> Decimal | None:
    """Slack's timestamps are strings of seconds with six decimals."""
    found = text_at(payload, name)
    try:
        seconds = Decimal(found) if found and len(found) <= 24 else None
    except InvalidOperation:
        return None
    return seconds if seconds is not None and seconds.is_finite() and 0 < seconds < 10**11 else None
