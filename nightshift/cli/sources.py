"""`nightshift sources`: where documents come from by themselves, how each sync ended, and the next one by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import NightshiftError
from nightshift.cli.adding_sources import DryRun, add
from nightshift.cli.documents import require_consent
from nightshift.cli.reading_in import tell_report
from nightshift.cli.source_lines import in_words, source_as_json
from nightshift.cli.syncing import sync_by_hand
from nightshift.cli.workplace import Json, err, out, workplace

if TYPE_CHECKING:
    from intake import IngestReport

sources = typer.Typer(
    help="Where documents come from by themselves: folders, git repositories, websites. Each is read in when it is "
    "added, and again in its interval by the process that runs the nights (`nightshift run`, `nightshift nights`). "
    "What changed is read anew, what was renamed keeps its votes, what is gone is removed. docs/sources.md walks "
    "through each kind. `nightshift ingest PATH…` is the short way, for once.",
    no_args_is_help=True,
)
sources.add_typer(add, name="add")

Yes = Annotated[bool, typer.Option("--yes", help="Don't ask whether so much is meant to be removed.")]


@sources.command("list")
def list_all(as_json: Json = False) -> None:
    """Lists sources: how many documents each has, when it was synced, how that ended, when it is next."""
    from db.sources import list_sources

    with workplace() as (_, engine):
        found = list_sources(engine)
    if as_json:
        out.print(json.dumps([source_as_json(one) for one in found]), markup=False)
        return
    for one in found:
        out.print(f"{one.name}: {in_words(one)}", markup=False)
    if not found:
        err.print("No source yet; `nightshift sources add --help` shows how to add one.")


@sources.command()
def show(name: Annotated[str, typer.Argument(help="As it is listed.")], as_json: Json = False) -> None:
    """Shows one source: where it is, for whom, and what failed in its last sync, with the reasons."""
    from db.sources import find_source

    with workplace() as (_, engine):
        one = find_source(engine, name)
    if as_json:
        out.print(json.dumps(source_as_json(one)), markup=False)
        return
    out.print(f"{one.name}: {in_words(one)}", markup=False)
    for setting, value in one.settings.items():
        if value not in (None, [], False):
            out.print(f"    {setting}: {' '.join(value) if isinstance(value, list) else value}", markup=False)
    for failure in (one.outcome or {}).get("failed", ()):
        out.print(f"    {failure['path']}: {failure['reason']}", style="red", markup=False)


@sources.command()
def sync(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME…]", help="As they are listed; none: all.")] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Reads in now what changed in sources, and removes what is gone.

    Only after a listing that was complete is anything removed; where a source lost more than 30% of its documents, it
    asks, and where nobody can be asked it removes none and wants --yes. One that can't be reached keeps no other
    waiting. The exit code is 1 where anything failed.
    """
    from db.sources import find_source, list_sources

    reports: dict[str, IngestReport] = {}
    errors: dict[str, str] = {}
    with workplace(bounded=False) as (settings, engine):
        chosen = [find_source(engine, name) for name in names] if names else list_sources(engine)
        for one in chosen:
            try:
                reports[one.name] = sync_by_hand(settings, engine, one, yes=yes, dry_run=dry_run)
            except NightshiftError as error:
                if len(chosen) == 1:
                    raise
                errors[one.name] = str(error)
                err.print(f"{one.name}: {error}", style="red", markup=False)
                continue
            if not as_json:
                if len(chosen) > 1:
                    out.print(f"{one.name}:", markup=False)
                tell_report(reports[one.name], dry_run=dry_run, as_json=False)
    if as_json:
        told = {name: report.as_json() for name, report in reports.items()}
        out.print(json.dumps(told | {name: {"error": error} for name, error in errors.items()}), markup=False)
    if errors or not all(report.is_whole for report in reports.values()):
        raise typer.Exit(1)


@sources.command()
def remove(
    name: Annotated[str, typer.Argument(help="As it is listed.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell how much it would be.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask whether it is meant.")] = False,
    as_json: Json = False,
) -> None:
    """Removes a source, and its documents from every search at once; where it is nothing is touched.

    Votes wait, in case the same text comes back. Asks first; where nobody can be asked, it wants --yes.
    """
    from db.sources import find_source
    from intake import remove_source
    from nightshift.terminal.progress import count_progress

    with workplace(bounded=False) as (settings, engine):
        one = find_source(engine, name)
        removed = one.documents
        if not dry_run:
            require_consent(f"Remove {name}, with its {one.documents} documents?", yes=yes)
            with count_progress(err, "remove") as progress:
                removed = remove_source(engine, settings, one, progress)
    if as_json:
        out.print(json.dumps({"would_remove" if dry_run else "removed": removed}), markup=False)
        return
    out.print(f"{'Would remove' if dry_run else 'Removed'} {name}, with {removed} documents.", markup=False)
