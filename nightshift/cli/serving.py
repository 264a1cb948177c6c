"""`nightshift run` and `nightshift nights`: what goes on until it is stopped."""

from __future__ import annotations

from typing import Annotated

import typer

from nightshift.cli.asking import Name
from nightshift.cli.workplace import err, out, read_settings


def run(
    prompt: Annotated[
        bool, typer.Option("--prompt/--no-prompt", help="Give a prompt to ask and vote in, where there is a terminal.")
    ] = True,
    nights_too: Annotated[
        bool,
        typer.Option("--nights/--no-nights", help="Start the nights' process as well, or leave it to another machine."),
    ] = True,
    name: Name = None,
) -> None:
    """Starts everything: the store, the bot, the nights' clock; asks a first question, then gives you a prompt.

    An empty store gets the sample corpus, the handbook of a fictional company. With Slack's tokens set the same process
    also serves Slack: NIGHTSHIFT_SLACK_BOT_TOKEN, and NIGHTSHIFT_SLACK_APP_TOKEN (Socket Mode) or
    NIGHTSHIFT_SLACK_SIGNING_SECRET (HTTP). Ctrl-C or SIGTERM stops it.

    At the prompt `help` says what can be typed. What is logged goes to run.log in the data folder then. There is one of
    these for a data folder; a second one ends at once (exit code 3): ask the first one with `nightshift ask`.
    """
    import sys

    from nightshift.running.run import serve
    from nightshift.terminal.person import person_named

    prompted = prompt and sys.stdin.isatty()
    serve(read_settings(service=True), out, err, prompt=prompted, person=person_named(name), nights=nights_too)


def nights(
    until_stdin_closes: Annotated[
        bool, typer.Option("--until-stdin-closes", help="Stop when whoever started this is gone.")
    ] = False,
) -> None:
    """Runs the nights: on time (NIGHTSHIFT_NIGHT_CRON), caught up after downtime, and whenever one is requested.

    `nightshift run` starts this in a process of its own, so that training never slows an answer. Start it by itself to
    run the nights on another machine, and the bots with `nightshift run --no-nights`.
    """
    from nightshift.running.night_process import run_nights

    # whoever started this has told of unknown settings
    settings = read_settings(service=True, tell_unknown=not until_stdin_closes)
    run_nights(settings, until_stdin_closes=until_stdin_closes)
