"""What the benchmarks' command lines share: where they print, options that are the same, where results go."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Optional

import typer
from rich.console import Console

out = Console(highlight=False, width=None if sys.stdout.isatty() else 200)  # a file has no width to fit a table into
err = Console(stderr=True, highlight=False, soft_wrap=True)

KeptRuns = Annotated[
    Path,
    typer.Option(
        exists=True, file_okay=False, help="The --runs folder of a `benchmarks.quality`; gets learnt/SEED-DIGEST.json."
    ),
]
JsonPath = Annotated[
    Optional[Path],  # noqa: UP045 - Typer shows it so
    typer.Option("--json", dir_okay=False, help="Where all figures go."),
]


def numbers_in(what: str, text: str, least: int | None = None) -> list[int]:
    """The numbers of an option, `what`, that takes several.

    Raises:
        typer.BadParameter: they aren't whole numbers, or one is under `least`.
    """
    try:
        numbers = [int(number) for number in text.split(",")]
    except ValueError:
        raise typer.BadParameter(f"{what} are whole numbers, separated by commas") from None
    if least is not None and min(numbers) < least:
        raise typer.BadParameter(f"{what} are {least} or more")
    return numbers


def keep(summary: dict[str, Any], path: Path | None) -> None:
    """Writes what `--json` asked for, if it did, and by which code it was made."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(summary | {"code": _code()}, indent=1) + "\n", encoding="utf-8")


def _code() -> str | None:
    """The commit, if this is a checkout."""
    with suppress(OSError, subprocess.CalledProcessError):
        command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
        folder = Path(__file__).parent
        return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603
    return None
