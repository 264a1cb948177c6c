"""Settings that are kept in files: `settings.toml` in the data folder, and `secrets.toml` beside it, for no one else.

Each line is a setting by its name, like `night_cron = "0 2 * * *"`. What the environment sets as well is the
environment's to say.
"""

from __future__ import annotations

import json
import os
import re
import stat
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from db.errors import ConfigurationError
from db.settings.names import PREFIX
from db.settings.secret_files import FILE_LIMIT_BYTES
from db.settings.values import tidy

SETTINGS_FILE, SECRETS_FILE = "settings.toml", "secrets.toml"
PLACE_VARIABLE = f"{PREFIX}SETTINGS_FILE"
"""Names another settings file than the data folder's; the secrets' lies beside it."""

DATA_DIR_VARIABLE = f"{PREFIX}DATA_DIR"
DEFAULT_DATA_DIR = ".nightshift"


@dataclass(frozen=True, slots=True)
class SettingsFiles:
    """`values` by variable, as the environment would have them, and where each stands; no value is in `problems`."""

    values: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def settings_file(environment: Mapping[str, str]) -> Path:
    """Where the settings file is, or would be."""
    named = tidy(environment.get(PLACE_VARIABLE, ""))
    if named:
        return Path(os.path.expanduser(named))
    data_dir = tidy(environment.get(DATA_DIR_VARIABLE, "")) or DEFAULT_DATA_DIR
    return Path(os.path.expanduser(data_dir)) / SETTINGS_FILE


def read_settings_files(environment: Mapping[str, str], secrets: Collection[str]) -> SettingsFiles:
    """What both files say; `secrets` are variables, which only the second may set, as only its owner can read it."""
    found = SettingsFiles()
    path = settings_file(environment)
    must_be_there = bool(tidy(environment.get(PLACE_VARIABLE, "")))
    _add(found, path, _read(path, must_be_there, found.problems), forbidden=secrets)
    apart = path.with_name(SECRETS_FILE)
    if not _is_open_to_others(apart):
        _add(found, apart, _read(apart, False, found.problems))
    else:
        found.problems.append(f"{apart}: others on this machine can read it; run `chmod 600 {apart}`")
    return found


def write_settings_files(path: Path, settings: Mapping[str, object], secrets: Mapping[str, str]) -> None:
    """Writes both files, by the settings' names: the second for its owner alone, before anything is in it.

    Lines that are there already and aren't given stay, without their comments; each file is whole or as it was. The
    first is there afterwards even if it is empty: a place that is named has to be.

    Raises:
        ConfigurationError: one can't be written, or what is there can't be read.
    """
    for place, given, mode in (path, settings, 0o644), (path.with_name(SECRETS_FILE), secrets, 0o600):
        problems: list[str] = []
        lines = {**_read(place, False, problems), **given}
        if problems:
            raise ConfigurationError("A settings file can't be used. " + "; ".join(problems))
        if not given and (place.exists() or place != path):
            continue
        fresh = place.with_name(f".{place.name}.new")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
                # JSON's strings, numbers and lists are TOML's too
                file.writelines(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in lines.items())
            fresh.replace(place)
        except OSError as error:
            raise ConfigurationError(f"{place} can't be written ({error.strerror}).") from None


def _add(found: SettingsFiles, path: Path, table: Mapping[str, Any], forbidden: Collection[str] = ()) -> None:
    for written, value in table.items():
        name = written.strip().lower().removeprefix(PREFIX.lower())
        variable, place = f"{PREFIX}{name.upper()}", f"{name} in {path}"
        text = _as_text(value)
        if variable in forbidden:
            found.problems.append(f"{place}: is a secret, and belongs into {SECRETS_FILE} beside it")
        elif variable in found.values:
            found.problems.append(f"{place}: is set twice, also as {found.places[variable]}")
        elif text is None:
            found.problems.append(f"{place}: must be a text, a number, true, false or a list of these")
        elif tidy(text):
            found.values[variable], found.places[variable] = text, place


def _as_text(value: object) -> str | None:
    """A value as the environment would have it; None of what can't be one."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list):
        parts = [None if isinstance(part, list) else _as_text(part) for part in value]
        return None if None in parts else ",".join(filter(None, parts))
    return None


def _read(path: Path, must_be_there: bool, problems: list[str]) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(FILE_LIMIT_BYTES + 1)
        if len(content) > FILE_LIMIT_BYTES:
            problems.append(f"{path}: is longer than {FILE_LIMIT_BYTES:,} bytes, so it is another file")
            return {}
        return tomllib.loads(content.decode("utf-8-sig"))
    except FileNotFoundError:
        if must_be_there:
            problems.append(f"{PLACE_VARIABLE}: the file it names isn't there")
    except OSError as error:
        problems.append(f"{path}: can't be read ({error.strerror})")
    except UnicodeDecodeError:
        problems.append(f"{path}: isn't text in UTF-8")
    except tomllib.TOMLDecodeError as error:  # of its words only where: others may be from a secret
        where = re.search(r"\(at [^()]*\)", str(error))
        problems.append(
            f'{path}: isn\'t TOML{f" {where[0]}" if where else ""}; a line looks like night_cron = "0 2 * * *"'
        )
    return {}


def _is_open_to_others(path: Path) -> bool:
    try:
        return os.name == "posix" and bool(path.stat().st_mode & stat.S_IRWXO)
    except OSError:
        return False
