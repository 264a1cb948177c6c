"""`nightshift ingest` and `nightshift pairs`: what the bot knows, and what people already know about it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from nightshift.cli.workplace import err, out, workplace

pairs = typer.Typer(
    help='Curated {"prompt", "completion"} pairs: a question in people\'s words, and the passage that answers it.',
    no_args_is_help=True,
)


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders: Markdown, text and HTML.")],
    prune: Annotated[
        bool, typer.Option("--prune", help="Also remove documents under these paths whose files are gone.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="End in one line of JSON.")] = False,
) -> None:
    """Reads documents in; what hasn't changed since the last time is skipped.

    A file that can't be read is named, and the others go in; the exit code is then 1.
    """
    from db.generations import Encoders
    from intake import index_after_load, ingest_paths
    from nightshift.terminal.progress import ingest_progress

    with workplace(bounded=False) as (settings, engine):
        encoders = Encoders(settings)
        with ingest_progress(err) as progress:
            report = ingest_paths(engine, settings, encoders, paths, prune=prune, dry_run=dry_run, progress=progress)
        if not dry_run:
            index_after_load(engine, settings, encoders)
    for failure in report.failed:
        err.print(f"{failure.name}: {failure.reason}", style="red", markup=False)
    if report.words_anew:
        err.print(f"All words were indexed anew: {report.words_anew}.", markup=False)
    if as_json:
        out.print(json.dumps(report.as_json()), markup=False)
    else:
        verb = "Would add" if dry_run else "Added"
        out.print(
            f"{verb} {report.added}, changed {report.changed}, moved {report.moved}, removed {report.removed}, "
            f"unchanged {report.unchanged}, failed {len(report.failed)}: "
            f"{report.chunks} chunks in {report.seconds:.1f} s."
        )
    if report.failed:
        raise typer.Exit(1)


@pairs.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help='JSON lines, each {"prompt": "…", "completion": "…"}.')],
) -> None:
    """Takes pairs in; a night may learn, and be judged, from pairs alone.

    A completion is looked for among the documents' passages. Lines that can't be used are named by file and line, and
    the others go in; the exit code is then 1.
    """
    from db.feedback import import_pairs

    unusable = 0
    with workplace(bounded=False) as (_, engine):
        for file in files:
            report = import_pairs(engine, file, added_by="command line")
            for line, reason in report.malformed:
                err.print(f"{file}:{line}: {reason}", style="red", markup=False)
            for line, _prompt in report.not_found:
                err.print(f"{file}:{line}: the completion is in none of the documents", style="yellow", markup=False)
            out.print(
                f"{file}: added {report.added}, known {report.existing}, not found {len(report.not_found)}, "
                f"malformed {len(report.malformed)}.",
                markup=False,
            )
            unusable += len(report.malformed) + len(report.not_found)
    if unusable:
        raise typer.Exit(1)


@pairs.command("export")
def export() -> None:
    """Writes all pairs to the standard output, one JSON line each."""
    from db.feedback import export_pairs

    with workplace() as (_, engine):
        for pair in export_pairs(engine):
            sys.stdout.write(json.dumps(pair, ensure_ascii=False) + "\n")
