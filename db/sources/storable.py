"""What a JSON column takes of texts that others wrote: PostgreSQL refuses NUL, and halves of surrogate pairs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def storable(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The value with another character for each that can't be stored, however deep it stands."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, Mapping):
        return {storable(key): storable(own) for key, own in value.items()}
    if isinstance(value, list | tuple):
        return [storable(own) for own in value]
    return value
