"""The command line: `nightshift COMMAND --help` teaches each."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from db.errors import NightshiftError
from nightshift.cli import (
    asking,
    audiences,
    backing_up,
    database,
    doctor,
    documents,
    exchanging,
    golden,
    knowledge,
    nights,
    people,
    pruning,
    serving,
    setting_up,
    settings,
    simulating,
    sources,
    trials,
)
from nightshift.running.log import set_up_log

app = typer.Typer(
    name="nightshift",
    help="Answers from your documents, with sources to vote on, and retrains its own search at night on the votes.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
EXIT_CODES = {
    0: "It is done. A night that refused its candidate, with reasons, is done too.",
    1: "It could not be done, or not all of it; one sentence on standard error says why, and what to do.",
    2: "It was typed wrongly, or a setting is missing or wrong.",
    3: "Another process is at it: a second `nightshift run` on the same data folder, or a night that is overdue.",
    130: "Somebody stopped it with Ctrl-C.",
    143: "SIGTERM ended it (129: SIGHUP), and what was half made is gone.",
}
"""What scripts may rely on, for all commands."""

app.command("run")(serving.run)
app.command("nights")(serving.nights)
app.command("ingest")(knowledge.ingest)
app.add_typer(sources.sources, name="sources")
app.add_typer(documents.documents, name="documents")
app.add_typer(audiences.audiences, name="audiences")
app.add_typer(knowledge.pairs, name="pairs")
app.add_typer(golden.golden, name="golden")
app.command("ask")(asking.ask)
app.command("vote")(asking.vote)
app.command("retrain")(nights.retrain)
app.command("report")(nights.report)
app.add_typer(nights.generations, name="generations")
app.add_typer(trials.trials, name="trials")
app.add_typer(people.people, name="people")
app.command("simulate")(simulating.simulate)
app.command("init")(setting_up.init)
app.command("backup")(backing_up.backup)
app.command("restore")(backing_up.restore)
app.command("export")(exchanging.export)
app.command("import")(exchanging.import_)
app.command("prune")(pruning.prune)
app.command("settings")(settings.settings)
app.command("doctor")(doctor.doctor)
app.add_typer(database.db, name="db")


def _tell_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"nightshift {version('nightshift')}")
        raise typer.Exit


@app.callback()
def before_any_command(
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version, and end.")
    ] = False,
) -> None:
    """What comes before a command's name."""


def main(arguments: list[str] | None = None) -> None:
    """Runs one command; every expected failure is one plain sentence and an exit code above 0."""
    set_up_log()
    try:
        app(args=arguments, prog_name="nightshift")
    except NightshiftError as error:
        typer.secho(f"nightshift: {error}", err=True, fg=typer.colors.RED)
        sys.exit(error.exit_code)
