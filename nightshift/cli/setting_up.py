"""`nightshift init`: asks for what is needed, checks it as it is given, and writes the settings' files."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from db.errors import ConfigurationError
from nightshift.cli.workplace import out

if TYPE_CHECKING:
    from db.settings import Settings
    from nightshift.doctor.finding import Finding

Values = dict[str, str]


class Wanted(NamedTuple):
    """A setting to ask for: with what, what is taken without an answer, and only where one of others was given."""

    name: str
    question: str
    usual: str = ""
    with_any: tuple[str, ...] = ()


_BOT, _MODEL = ("slack_bot_token",), ("llm_base_url", "llm_api_key")
GROUPS: dict[str, list[Wanted]] = {
    "database": [Wanted("database_url", "Address of your PostgreSQL (nothing: one comes along)")],
    "slack": [
        Wanted("slack_bot_token", "Slack's bot token, xoxb-… (nothing: not in Slack)"),
        Wanted("slack_app_token", "Its app-level token, xapp-…, for Socket Mode (nothing: over HTTP)", with_any=_BOT),
        Wanted("slack_signing_secret", "Its signing secret, for HTTP (nothing: by Socket Mode)", with_any=_BOT),
        Wanted("slack_admins", "User ids of the admins, U…, with commas between", with_any=_BOT),
        Wanted("slack_admin_channel", "Id of the channel that hears of each night, C…", with_any=_BOT),
    ],
    "language_model": [
        Wanted("llm_base_url", "Address of an OpenAI-compatible language model (nothing: OpenAI's own, or none)"),
        Wanted("llm_api_key", "Its key (nothing: it wants none, or there is no model, and answers quote)"),
        Wanted("llm_model", "The model's name", "gpt-5-mini", with_any=_MODEL),
    ],
    "schedule": [
        Wanted("night_cron", "When nights run, as a crontab line", "0 2 * * *"),
        Wanted("timezone", "In which time zone", "UTC"),
    ],
}
"""What is asked together, by the check that it has to pass."""


def init() -> None:
    """Asks for what an installation needs, checks each as it is given, and writes it down; nothing has to be given.

    Settings go to settings.toml in the data folder, secrets to secrets.toml beside it, which only you can read. What
    stands there already stays, unless you give another. The language model is sent a sentence, to see that it answers.
    It ends with what to do next.
    """
    from db.settings import SECRETS_FILE, secret_names, settings_place, write_settings_files

    if not is_asked():
        raise ConfigurationError(
            "`nightshift init` asks, and there is nobody to ask here: set what docs/settings.md tells, by the "
            "environment or in files."
        )
    place = settings_place()
    values = _ask_for_all()
    secrets = {name: value for name, value in values.items() if name in secret_names()}
    write_settings_files(place, {name: value for name, value in values.items() if name not in secrets}, secrets)
    out.print(f"\nWritten: {place}" + (f", and secrets to {place.with_name(SECRETS_FILE)}." if secrets else "."))
    documents = _ask_for_documents()
    steps = [f"nightshift ingest {shlex.quote(documents)}"] if documents else []
    out.print("Next:", markup=False)
    for step in (*steps, "nightshift doctor", "nightshift run"):
        out.print(f"  {step}", markup=False)


def is_asked() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty()


def _ask_for_all() -> Values:
    values: Values = {}
    for check, wanted in GROUPS.items():
        values |= _ask(values, wanted, check)
    return values


def _ask(known: Values, wanted: Sequence[Wanted], check: str) -> Values:
    """Answers that can be used, and hold what they promise, or are to be kept as somebody is only away just now.

    Asked again, what is no secret is offered as it was given.
    """
    from db.settings import settings_with

    before: Values = {}
    while True:
        given: Values = {}
        for one in wanted:
            if not one.with_any or given.keys() & set(one.with_any):
                said = _ask_one(one, before.get(one.name, one.usual))
                given |= {one.name: said} if said not in ("", one.usual) else {}
        before = given
        try:
            settings = settings_with({**known, **given})
        except ConfigurationError as error:
            out.print(str(error), markup=False)
            continue
        if not given:
            return given
        finding = _examine(settings, check)
        out.print(finding.sentence, markup=False)
        if finding.level != "fault":
            return given
        out.print(finding.remedy or "", markup=False)
        if check != "schedule" and typer.confirm("Keep it all the same?", default=False):
            return given


def _ask_one(one: Wanted, offered: str) -> str:
    from db.settings import secret_names

    if one.name in secret_names():
        said: str = typer.prompt(one.question, default="", show_default=False, hide_input=True)
    else:
        said = typer.prompt(one.question, default=offered, show_default=bool(offered))
    return said.strip()


def _examine(settings: Settings, check: str) -> Finding:
    from nightshift.doctor.examination import CHECKS, examine

    return examine(settings, checks=[one for one in CHECKS if one.name == check])[check]


def _ask_for_documents() -> str:
    while True:
        said: str = typer.prompt("Folder of documents to answer from (nothing: later)", default="", show_default=False)
        if not said.strip() or Path(said.strip()).expanduser().exists():
            return said.strip()
        out.print("There is nothing by that name.")
