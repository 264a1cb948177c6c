"""What was set and where: in the environment first, then in the settings' files; secrets in files that either names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from db.settings.names import explain_unknown_names
from db.settings.secret_files import FILE_SUFFIX, read_secret_files
from db.settings.settings_files import PLACE_VARIABLE, read_settings_files
from db.settings.values import tidy

Origin = Literal["environment", "file", "secret file", "default"]


@dataclass(frozen=True, slots=True)
class Given:
    """A setting as it was written; `place` is the variable, or the line's name and its file."""

    text: str
    origin: Origin
    place: str


@dataclass(frozen=True, slots=True)
class EverythingGiven:
    """By the settings' names; with sentences on names that are no setting, and on what can't be read."""

    by_name: dict[str, Given]
    unknown: list[str]
    problems: list[str]


def read_given(
    environment: Mapping[str, str], variables: Mapping[str, str], secrets: Collection[str]
) -> EverythingGiven:
    """Reads all of it; `variables` are those of the settings by name, `secrets` the names of those that are secret.

    Neither a value nor the path of a secret's file is in any sentence.
    """
    environment = {name.upper(): value for name, value in environment.items()}
    files = read_settings_files(environment, [variables[name] for name in secrets])
    by_name: dict[str, Given] = {}
    problems = list(files.problems)
    layers: list[tuple[Mapping[str, str], Origin, Mapping[str, str]]] = [
        (environment, "environment", {}),
        (files.values, "file", files.places),
    ]
    for values, origin, places in layers:
        contents, wrong = read_secret_files(values, [variables[name] for name in secrets])
        problems += wrong
        for name, variable in variables.items():
            if variable in contents:
                given = Given(contents[variable], "secret file", variable + FILE_SUFFIX)
            elif tidy(values.get(variable, "")):
                given = Given(values[variable], origin, places.get(variable, variable))
            else:
                continue
            by_name.setdefault(name, given)
    known = {*variables.values(), *(variables[name] + FILE_SUFFIX for name in secrets), PLACE_VARIABLE}
    unknown = explain_unknown_names(environment, known)
    unknown += explain_unknown_names(files.values, known, files.places)
    return EverythingGiven(by_name, unknown, problems)
