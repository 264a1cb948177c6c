"""`nightshift ingest` and `nightshift pairs`: what the bot knows, and what people already know about it."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nightshift.cli.reading_in import may_lose, tell_report
from nightshift.cli.whom import read_audience_option
from nightshift.cli.workplace import err, out, workplace

if TYPE_CHECKING:
    from intake import Gone

pairs = typer.Typer(
    help='Curated {"prompt", "completion"} pairs: a question in people\'s words, and the passage that answers it.',
    no_args_is_help=True,
)


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders; docs/formats.md tells which kinds are read.")],
    prune: Annotated[
        bool,
        typer.Option(
            "--prune",
            help="Also remove documents under these paths whose files are gone. Where a folder lost more than 30% of "
            "its documents, or isn't there itself, it asks first.",
        ),
    ] = False,
    audience: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHO",
            help="Who may see them, where neither they (`audience` in front matter) nor their folder (`.audiences`) "
            "says so: `workspace`, a channel `'#finance'`, a user group `@leads`, a person `ada@example.com` or "
            "`U0123ABCD`, `nobody`; several times for several. Without it new ones are for all, and known ones for "
            "whom they were.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask whether so much is meant to be removed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="End in one line of JSON.")] = False,
) -> None:
    """Reads documents in; what hasn't changed since the last time is skipped.

    A file that was renamed or moved is the same document, with its votes. Hidden files and files of other kinds are
    left out; how many, of which kinds, is told. A file that can't be read is named, and the others go in; the exit code
    is then 1. So it is where documents weren't removed because nobody said that it is meant. One that says for whom it
    is in a way that isn't understood is named as well, and is for nobody until that is mended.
    """
    from db.generations import Encoders
    from intake import index_after_load, ingest_paths
    from nightshift.terminal.progress import ingest_progress

    named = None if audience is None else read_audience_option(audience)
    with workplace(bounded=False) as (settings, engine), ExitStack() as bars:
        encoders = Encoders(settings, engine)
        progress = bars.enter_context(ingest_progress(err))

        def may_remove(gone: Gone) -> bool:
            bars.close()
            return yes or may_lose(gone, dry_run=dry_run)

        report = ingest_paths(
            engine,
            settings,
            encoders,
            paths,
            audience=named,
            prune=prune,
            may_remove=may_remove,
            dry_run=dry_run,
            progress=progress,
        )
        bars.close()
        if not dry_run:
            index_after_load(engine, settings, encoders)
    tell_report(report, dry_run=dry_run, as_json=as_json)
    if not report.is_whole:
        raise typer.Exit(1)


@pairs.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help='JSON lines, each {"prompt": "…", "completion": "…"}.')],
    as_json: Annotated[bool, typer.Option("--json", help="End in one line of JSON.")] = False,
) -> None:
    """Takes pairs in; a night may learn, and be judged, from pairs alone.

    A completion is looked for among the documents' passages. Lines that can't be used are named by file and line, and
    the others go in; the exit code is then 1.
    """
    from db.feedback import import_pairs

    told: list[dict[str, str | int]] = []
    with workplace(bounded=False) as (_, engine):
        for file in files:
            report = import_pairs(engine, file, added_by="command line")
            for line, reason in report.malformed:
                err.print(f"{file}:{line}: {reason}", style="red", markup=False)
            for line, _prompt in report.not_found:
                err.print(f"{file}:{line}: the completion is in none of the documents", style="yellow", markup=False)
            lost = {"not_found": len(report.not_found), "malformed": len(report.malformed)}
            told.append({"file": str(file), "added": report.added, "known": report.existing, **lost})
            if not as_json:  # at once: the next file may be one that can't be read
                said = "{file}: added {added}, known {known}, not found {not_found}, malformed {malformed}."
                out.print(said.format_map(told[-1]), markup=False)
    if as_json:
        out.print(json.dumps(told), markup=False)
    if any(own["not_found"] or own["malformed"] for own in told):
        raise typer.Exit(1)


@pairs.command("export")
def export() -> None:
    """Writes all pairs to the standard output, one JSON line each."""
    from db.feedback import export_pairs

    with workplace() as (_, engine):
        for pair in export_pairs(engine):
            sys.stdout.write(json.dumps(pair, ensure_ascii=False) + "\n")
