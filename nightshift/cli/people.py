"""`nightshift people`: everything one person said, voted and decided, to hand over or to erase."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from nightshift.cli.workplace import out, workplace

people = typer.Typer(
    help="What is kept of one person. In Slack everybody does this for themselves, in the bot's App Home.",
    no_args_is_help=True,
)

_Person = Annotated[
    str, typer.Argument(help="As in the tables: WORKSPACE:USER in Slack, like T0123:U0456, or a name at a terminal.")
]


@people.command()
def export(person: _Person) -> None:
    """Prints everything as one JSON document: questions with their answers, votes, pairs, and decisions."""
    from db.privacy import export_person

    with workplace() as (_, engine):
        found = export_person(engine, person)
    out.print(json.dumps(found, indent=2, default=str, ensure_ascii=False), markup=False)


@people.command()
def erase(
    person: _Person,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask whether it is meant.")] = False,
) -> None:
    """Erases everything, for good: questions with all votes on them, votes, pairs; decisions lose the name.

    Generations that had learnt from it are marked; the next night learns without it. Kept reports are rendered anew.
    """
    from db.privacy import erase_person
    from retrain.report import rewrite_outdated_report

    if not yes:
        typer.confirm(f"Erase everything that {person} said, voted and decided? It can't be brought back", abort=True)
    with workplace() as (settings, engine):
        erased = erase_person(engine, person)
        while rewrite_outdated_report(engine, settings):
            pass
    out.print(f"Questions erased: {erased.questions}; curated pairs: {erased.pairs}; and all votes.", markup=False)
    if erased.generations:
        learnt = ", ".join(map(str, erased.generations))
        out.print(f"Generations that had learnt from it, and are marked: {learnt}.", markup=False)
