"""How often a source is synced, as people write it: 10m, 6h, 1d, or never; pure."""

from __future__ import annotations

import re

from db.errors import BadInputError

_SECONDS = {"m": 60, "h": 3600, "d": 86_400}
_INTERVAL = re.compile(r"(\d{1,4})([mhd])")
_BY_HAND = "never"


def read_interval(written: str) -> int | None:
    """Seconds from "10m", "6h" or "1d"; None for "never".

    Raises:
        BadInputError: it is none of these.
    """
    if written == _BY_HAND:
        return None
    found = _INTERVAL.fullmatch(written)
    if found is None or not int(found[1]):
        raise BadInputError(f"An interval is 10m, 6h, 1d or never, not {written}.")
    return int(found[1]) * _SECONDS[found[2]]


def write_interval(seconds: int) -> str:
    """The same, in the largest unit of which it is whole."""
    unit, own = max(((unit, own) for unit, own in _SECONDS.items() if seconds % own == 0), key=lambda pair: pair[1])
    return f"{seconds // own}{unit}"
