"""Secrets that are kept in files, as containers and service managers hand them over: `<VARIABLE>_FILE` names one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from db.settings.values import tidy

FILE_SUFFIX = "_FILE"
FILE_LIMIT_BYTES = 16_384
"""No secret is longer: whatever is, is another file."""


def read_secret_files(environment: Mapping[str, str], variables: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """The contents by variable, for those whose file is named, and what is wrong, each naming its variable.

    Neither a content nor a path is in what is wrong.
    """
    found: dict[str, str] = {}
    problems: list[str] = []
    for variable in variables:
        name = tidy(environment.get(variable + FILE_SUFFIX, ""))
        if not name:
            continue
        if tidy(environment.get(variable, "")):
            problems.append(f"{variable}{FILE_SUFFIX}: {variable} is set as well; unset one of the two")
            continue
        try:
            found[variable] = _read(name)
        except ValueError as error:
            problems.append(f"{variable}{FILE_SUFFIX}: {error}")
    return found, problems


def _read(name: str) -> str:
    try:
        path = Path(name).expanduser()
        # A pipe could be read by one process only, and a night runs in another.
        if path.exists() and not path.is_file():
            raise ValueError("names something that is no plain file")
        with path.open("rb") as file:
            content = file.read(FILE_LIMIT_BYTES + 1)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "there is no such home folder"
        raise ValueError(f"the file it names can't be read ({reason})") from None
    if len(content) > FILE_LIMIT_BYTES:
        raise ValueError(f"the file it names is longer than {FILE_LIMIT_BYTES:,} bytes, so it holds something else")
    try:
        text = tidy(content.decode())
    except UnicodeDecodeError:
        raise ValueError("the file it names isn't text in UTF-8") from None
    if not text:
        raise ValueError("the file it names is empty")
    return text
