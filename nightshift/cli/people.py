"""`nightshift people`: everything one person said, voted and decided, to hand over or to erase."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import UnknownIdError
from nightshift.cli.workplace import out, tell, workplace
from nightshift.terminal.person import WORKSPACE

if TYPE_CHECKING:
    import sqlalchemy as sa

people = typer.Typer(
    help="What is kept of one person. In Slack everybody does this for themselves, in the bot's App Home.\n\n"
    "A person of Slack is `WORKSPACE:USER`, like `T0123:U0456`. At a terminal, who asks or votes `--as ada` is "
    "`local:ada`, and `local:console` without a name. Who decides something at a terminal (promotes, rolls back, adds "
    "a golden question) is recorded by the name of their account, as in `ada (command line)`.",
    no_args_is_help=True,
)

_Person = Annotated[
    str,
    typer.Argument(help="Like T0123:U0456 in Slack; local:ada, local:console or 'ada (command line)' at a terminal."),
]


def _require_known(engine: sa.Engine, person: str) -> None:
    """Raises UnknownIdError where nothing is kept of that person, and says how they may be called instead."""
    from db.privacy import is_known

    if is_known(engine, person):
        return
    others = [f"{WORKSPACE}:{person}", f"{person} (command line)"]
    meant = [other for other in others if is_known(engine, other)]
    hint = (
        f" Did you mean {' or '.join(meant)}?" if meant else " `nightshift people --help` tells how people are called."
    )
    raise UnknownIdError(f"Nothing is kept of {person}.{hint}")


@people.command()
def export(person: _Person) -> None:
    """Prints everything as one JSON document: questions with their answers, votes, pairs, and decisions.

    Somebody of whom nothing is kept is an error, so that a slip in the name doesn't pass for an answer.
    """
    from db.privacy import export_person

    with workplace() as (_, engine):
        _require_known(engine, person)
        found = export_person(engine, person)
    out.print(json.dumps(found, indent=2, default=str, ensure_ascii=False), markup=False)


@people.command()
def erase(
    person: _Person,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask whether it is meant.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one line of JSON; with --yes.")] = False,
) -> None:
    """Erases everything, for good: questions with all votes on them, votes, pairs; decisions lose the name.

    Generations that had learnt from it are marked; the next night learns without it. Kept reports are rendered anew.
    Somebody of whom nothing is kept is an error.
    """
    from db.privacy import erase_person
    from retrain.report import rewrite_outdated_report

    if as_json and not yes:
        raise typer.BadParameter("it can't ask: say --yes as well.", param_hint="--json")
    with workplace() as (settings, engine):
        _require_known(engine, person)
        if not yes:
            typer.confirm(
                f"Erase everything that {person} said, voted and decided? It can't be brought back", abort=True
            )
        erased = erase_person(engine, person)
        while rewrite_outdated_report(engine, settings):
            pass
    said = f"Questions erased: {erased.questions}; curated pairs: {erased.pairs}; and all votes."
    if erased.generations:
        learnt = ", ".join(map(str, erased.generations))
        said += f"\nGenerations that had learnt from it, and are marked: {learnt}."
    tell(said, asdict(erased), as_json=as_json)
