"""Files as LibreOffice and pandoc write them, each with a sentence of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

_DEADLINE_S = 180


class Wanted(NamedTuple):
    """A file that a program writes: how its format is named to it, and where the sentence is to be cited.

    `name` is the file's; `place` ends its citation's address, and `section` is the last of the headings above it.
    """

    name: str
    written_as: str
    place: str = ""
    section: str = "Vault"


def require(program: str) -> str:
    """The program's path; skips the test where there is none."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} isn't installed")
    return found


def convert_by_office(folder: Path, sources: Mapping[str, Sequence[tuple[Wanted, bytes]]]) -> None:
    """Has LibreOffice turn each source into what is wanted of it; one call for each format, all its files at once.

    Args:
        folder: where the files go.
        sources: by the suffix of the source, "docx", what is wanted and the source's bytes.
    """
    office = require("soffice")
    by_format: dict[str, list[Path]] = {}
    for suffix, wanted in sources.items():
        for own, data in wanted:
            source = folder.parent / "sources" / suffix / f"{re.split('[-.]', own.name)[0]}.{suffix}"
            source.parent.mkdir(parents=True, exist_ok=True)
            source.write_bytes(data)
            by_format.setdefault(own.written_as, []).append(source)
    profile = f"-env:UserInstallation={(folder.parent / 'office').as_uri()}"
    for written_as, paths in by_format.items():
        _run([office, profile, "--headless", "--convert-to", written_as, "--outdir", str(folder), *map(str, paths)])


def write_by_pandoc(folder: Path, wanted: Sequence[Wanted], markdown: Callable[[Wanted], str]) -> None:
    """Has pandoc write each of these from Markdown."""
    pandoc = require("pandoc")
    for own in wanted:
        command = [pandoc, "--standalone", "--from", "markdown", "--to", own.written_as, "-o", str(folder / own.name)]
        _run(command, markdown(own))


def _run(command: Sequence[str], given: str = "") -> None:
    subprocess.run(command, input=given, check=True, capture_output=True, text=True, timeout=_DEADLINE_S)
