"""Which loaders there are, by a file of the operator's own: what it names is run, so nothing else may name any.

A source's row holds an entry's name alone. What the name stands for is read from the file at each sync, and the file is
refused where others on the machine can write to it.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from db.errors import BadInputError, ConfigurationError
from db.settings import read_secret
from intake.sources import SourceSettings

LOADERS_FILE = "loaders.toml"

_ENTRY = re.compile(r"[\w-]{1,64}")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")


class LoaderSettings(SourceSettings):
    """A source that a loader reads: its entry in the operator's file."""

    entry: str

    @field_validator("entry")
    @classmethod
    def _check_entry(cls, entry: str) -> str:
        if not _ENTRY.fullmatch(entry):
            raise ValueError("it is the name of an entry, of letters, digits, dashes and underscores")
        return entry


class ToldLoader(BaseModel):
    """An entry: a class by its dotted name, what it is made with, what it is asked to load, and variables of secrets.

    `secrets` are further arguments, each by the name of the variable that holds it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    loader: str
    arguments: dict[str, Any] = {}
    load: dict[str, Any] = {}
    secrets: dict[str, str] = {}

    def with_secrets(self) -> dict[str, Any]:
        """What it is made with.

        Raises:
            ConfigurationError: a secret's variable isn't set.
        """
        return self.arguments | {name: read_secret(own).get_secret_value() for name, own in self.secrets.items()}


def read_loader(file: Path, entry: str) -> ToldLoader:
    """An entry of the operator's file.

    Raises:
        ConfigurationError: there is no such file, or others can write to it, or it can't be read.
        BadInputError: it has no such entry, or one that can't be used; says why, without what it holds.
    """
    try:
        own = tomllib.loads(_read_trusted(file)).get(entry)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{file} can't be read ({type(error).__name__}); docs/sources.md shows one.") from None
    if own is None:
        raise BadInputError(f"{file} has no entry [{entry}].")
    try:
        told = ToldLoader.model_validate(own)
    except ValidationError as error:
        wrong = sorted({".".join(str(part) for part in own["loc"]) for own in error.errors(include_input=False)})
        raise BadInputError(
            f"[{entry}] in {file} can't be used: {', '.join(wrong)}; docs/sources.md shows one."
        ) from None
    if not _DOTTED.fullmatch(told.loader):
        raise BadInputError(f"[{entry}] in {file}: a loader is a dotted name, as package.module.Loader.")
    return told


def _read_trusted(file: Path) -> str:
    with open(file, encoding="utf-8") as stream:
        status = os.fstat(stream.fileno())
        if status.st_uid not in (0, os.geteuid()) or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise ConfigurationError(
                f"{file} names code that is run: others may not write to it (chmod 600, and your own)."
            )
        return stream.read()
