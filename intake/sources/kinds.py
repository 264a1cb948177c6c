"""What every kind of source is told by its operator, as it is stored: where it is, and for whom its documents are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from db.errors import BadInputError


class SourceSettings(BaseModel):
    """What all kinds have in common: `audience` are names as people write them; without any, new documents are public.

    Secrets are told by the names of the variables that hold them, never themselves.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    audience: tuple[str, ...] = ()


class DirectorySettings(SourceSettings):
    """A folder, by its absolute path."""

    path: str

    @field_validator("path")
    @classmethod
    def _require_absolute(cls, path: str) -> str:
        if not os.path.isabs(path):
            raise ValueError("a folder's path must begin at the root")
        return path

    @property
    def paths(self) -> list[Path]:
        """It, as `Files` takes it."""
        return [Path(self.path)]


_Own = TypeVar("_Own", bound=SourceSettings)


def read_settings(kind: type[_Own], values: Mapping[str, Any]) -> _Own:
    """Settings of one kind, as they were typed or stored.

    Raises:
        BadInputError: one can't be used; says which and why, without what it is.
    """
    try:
        return kind.model_validate(dict(values))
    except ValidationError as error:
        reasons = [
            f"{'.'.join(str(part) for part in problem['loc']) or 'settings'}: "
            f"{problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
        raise BadInputError(f"The source can't be used. {'; '.join(reasons)}.") from None
