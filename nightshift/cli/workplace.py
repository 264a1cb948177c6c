"""What most commands begin with: settings, logging, an open store."""

from __future__ import annotations

import getpass
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from db.settings import load_settings
from nightshift.running.log import set_log_format
from nightshift.terminal.unseen import seen

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.settings import Settings


class _Console(Console):
    """Writes what others called their files as it is, and does nothing of what stands in it."""

    def render_str(self, text: str, **options: Any) -> Text:  # noqa: ANN401 - as rich has them
        return super().render_str(seen(text), **options)


out = _Console(highlight=False, soft_wrap=True)
"""Results: what a script would read."""

Json = Annotated[bool, typer.Option("--json", help="As one line of JSON.")]

err = _Console(stderr=True, highlight=False, soft_wrap=True)
"""Progress and remarks: what a person watches."""


def read_settings(*, service: bool = False, tell_unknown: bool = True) -> Settings:
    """The settings, with logging set up: a service tells what it does, a single command only what goes wrong.

    Names in the environment that look like settings and are none are told of, unless somebody else has.

    Raises:
        ConfigurationError: a setting can't be used.
    """
    settings = load_settings(tell_unknown=tell_unknown)
    set_log_format(settings.log_format)
    if service:
        for room in ("nightshift", "bot", "intake", "retrain", "db"):
            logging.getLogger(room).setLevel(settings.log_level)
    # the models are on disk: no library is to look for news of them
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    return settings


def tell(sentence: str, facts: Mapping[str, Any], *, as_json: bool) -> None:
    """What was done, or would be: a sentence for a person, one line of JSON for a script."""
    out.print(json.dumps(facts) if as_json else sentence, markup=False)


def who() -> str:
    """Who is at the command line, for the record."""
    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError):
        return "command line"


@contextmanager
def workplace(settings: Settings | None = None, *, bounded: bool = True) -> Iterator[tuple[Settings, sa.Engine]]:
    """Settings, read here unless they are given, and an open store; raises what `db.store.opening.open_store` does."""
    from db.store import open_store
    from nightshift.terminal.progress import words_progress

    settings = settings or read_settings()
    with open_store(settings, bounded=bounded, progress=words_progress(err)) as engine:
        yield settings, engine
