"""Emoji names into votes."""

from __future__ import annotations

from typing import Literal

_VALUES: dict[str, Literal[1, -1]] = {"+1": 1, "thumbsup": 1, "-1": -1, "thumbsdown": -1}


def vote_value(name: str) -> Literal[1, -1] | None:
    """What a reaction says: 1 for 👍, -1 for 👎, None for every other emoji.

    Slack sends a skin tone behind the name (`+1::skin-tone-3`), and some clients send the names' aliases.
    """
    return _VALUES.get(name.split("::")[0])
