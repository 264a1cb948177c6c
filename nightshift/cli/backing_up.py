"""`nightshift backup` and `nightshift restore`: all that people said and nights learnt, in one file and back."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from nightshift.cli.workplace import Json, out, read_settings


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; one of that name is replaced.")],
    as_json: Json = False,
) -> None:
    """Writes the whole store to one file: documents, questions, votes, generations with their models, and reports.

    Nobody has to stop for it. Settings and secrets aren't in it; people's words are, so only you can read it.
    """
    from nightshift.backup import back_up

    with _leaving_nothing_behind():
        about = back_up(read_settings(), file)
    if as_json:
        out.print(json.dumps({"file": str(file), "bytes": file.stat().st_size, **asdict(about)}), markup=False)
    else:
        out.print(f"{file}: {about.documents:,} documents, {about.votes:,} votes, generation {about.generation}.")


def restore(
    file: Annotated[Path, typer.Argument(help="What `nightshift backup` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Although the store holds something: it is lost.")] = False,
    as_json: Json = False,
) -> None:
    """Puts a backup back, into an empty store, or with --replace in the place of another; stop everything else first.

    A backup of an older version is brought up to this one. The models' files are checked by their hashes.
    """
    from nightshift.backup import restore as put_back
    from nightshift.running.lock import only_run

    settings = read_settings()
    with _leaving_nothing_behind(), only_run(settings.home):
        about = put_back(settings, file, replace=replace)
    if as_json:
        out.print(json.dumps({"file": str(file), **asdict(about)}), markup=False)
    else:
        said = f"{about.documents:,} documents, {about.votes:,} votes, generation {about.generation}"
        out.print(f"As it was at {about.made_at}: {said}. `nightshift doctor` looks at everything.")


@contextmanager
def _leaving_nothing_behind() -> Iterator[None]:
    """Told to end, the process unwinds, and what is half made goes with it."""
    told = signal.SIGTERM, signal.SIGHUP

    def leave(number: int, _frame: FrameType | None) -> None:
        for one in told:
            signal.signal(one, signal.SIG_IGN)
        sys.exit(128 + number)

    before = [signal.signal(one, leave) for one in told]
    try:
        yield
    finally:
        for one, handler in zip(told, before, strict=True):
            signal.signal(one, handler or signal.SIG_DFL)
