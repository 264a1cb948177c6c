"""What each setting is, and who said so: for an operator to look at, so nothing secret is in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from db.settings.given import EverythingGiven, Origin
from db.settings.settings import Settings, make_settings, read_all_given

HIDDEN = "**********"
"""Shown for a secret that is set."""


@dataclass(frozen=True, slots=True)
class InForce:
    """A setting: its `value` as it is used (None: unset), where it came from, and the variable or line that says it."""

    name: str
    value: str | int | float | bool | None
    origin: Origin
    place: str | None


def read_in_force() -> tuple[list[InForce], EverythingGiven]:
    """All settings in their order, and what was given.

    Raises:
        ConfigurationError: as of `load_settings`.
    """
    given = read_all_given()
    return list(_explain(make_settings(given), given)), given


def _explain(settings: Settings, given: EverythingGiven) -> Iterator[InForce]:
    for name in Settings.model_fields:
        one = given.by_name.get(name)
        yield InForce(
            name, _shown(getattr(settings, name)), one.origin if one else "default", one.place if one else None
        )


def _shown(value: SecretStr | str | Path | float | None) -> str | int | float | bool | None:
    if isinstance(value, SecretStr):
        return HIDDEN
    return _without_keys(str(value)) if isinstance(value, str | Path) else value


def _without_keys(text: str) -> str:
    """An address as it is, but for a password before its host and the values behind its question mark."""
    if "://" not in text:
        return text
    text = re.sub(r"(?<=://).*@", f"{HIDDEN}@", text)  # up to the last one: a password may hold any
    return re.sub(r"(?<=[?&])([^=&#]*)=[^&#]*", rf"\1={HIDDEN}", text)
