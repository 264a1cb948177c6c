"""The command line: `nightshift COMMAND --help` teaches each."""

from __future__ import annotations

import sys

import typer

from db.errors import NightshiftError
from nightshift.cli import asking, database, documents, golden, knowledge, nights, people, serving, simulating
from nightshift.running.log import set_up_log

app = typer.Typer(
    name="nightshift",
    help="Answers from your documents, with sources to vote on, and retrains its own search at night on the votes.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="markdown",
)
app.command("run")(serving.run)
app.command("nights")(serving.nights)
app.command("ingest")(knowledge.ingest)
app.add_typer(documents.documents, name="documents")
app.add_typer(knowledge.pairs, name="pairs")
app.add_typer(golden.golden, name="golden")
app.command("ask")(asking.ask)
app.command("vote")(asking.vote)
app.command("retrain")(nights.retrain)
app.command("report")(nights.report)
app.add_typer(nights.generations, name="generations")
app.add_typer(people.people, name="people")
app.command("simulate")(simulating.simulate)
app.add_typer(database.db, name="db")


def main(arguments: list[str] | None = None) -> None:
    """Runs one command; every expected failure is one plain sentence and an exit code above 0."""
    set_up_log()
    try:
        app(args=arguments, prog_name="nightshift")
    except NightshiftError as error:
        typer.secho(f"nightshift: {error}", err=True, fg=typer.colors.RED)
        sys.exit(error.exit_code)
