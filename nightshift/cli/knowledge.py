"""`nightshift ingest` and `nightshift pairs`: what the bot knows, and what people already know about it."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nightshift.cli.workplace import err, out, workplace

if TYPE_CHECKING:
    from intake import Gone, IngestReport

pairs = typer.Typer(
    help='Curated {"prompt", "completion"} pairs: a question in people\'s words, and the passage that answers it.',
    no_args_is_help=True,
)


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders: Markdown, text and HTML.")],
    prune: Annotated[
        bool,
        typer.Option(
            "--prune",
            help="Also remove documents under these paths whose files are gone. Where a folder lost more than 30% of "
            "its documents, or isn't there itself, it asks first.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask whether so much is meant to be removed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="End in one line of JSON.")] = False,
) -> None:
    """Reads documents in; what hasn't changed since the last time is skipped.

    A file that was renamed or moved is the same document, with its votes. Hidden files and files of other kinds are
    left out; how many, of which kinds, is told. A file that can't be read is named, and the others go in; the exit code
    is then 1. So it is where documents weren't removed because nobody said that it is meant.
    """
    from db.generations import Encoders
    from intake import index_after_load, ingest_paths
    from nightshift.terminal.progress import ingest_progress

    with workplace(bounded=False) as (settings, engine), ExitStack() as bars:
        encoders = Encoders(settings)
        progress = bars.enter_context(ingest_progress(err))

        def may_remove(gone: Gone) -> bool:
            bars.close()
            return yes or _may_remove(gone, dry_run=dry_run)

        report = ingest_paths(
            engine,
            settings,
            encoders,
            paths,
            prune=prune,
            may_remove=may_remove,
            dry_run=dry_run,
            progress=progress,
        )
        bars.close()
        if not dry_run:
            index_after_load(engine, settings, encoders)
    _tell(report, dry_run=dry_run, as_json=as_json)
    if report.failed or report.not_removed:
        raise typer.Exit(1)


def _may_remove(gone: Gone, *, dry_run: bool) -> bool:
    """Whether it is few, or somebody at the terminal says that it is meant."""
    if not gone.is_large:
        return True
    place = f"{gone.name} has lost" if gone.is_there else f"{gone.name} is not there, and with it are gone"
    lost = f"{place} {len(gone.uris)} of its {gone.known} documents"
    if dry_run:
        err.print(f"{lost}; before they are removed you would be asked.", markup=False)
        return True
    if sys.stdin.isatty():
        return typer.confirm(f"{lost}. Remove them?", err=True)
    err.print(f"{lost}; none was removed. If that is meant, say --yes.", style="red", markup=False)
    return False


def _tell(report: IngestReport, *, dry_run: bool, as_json: bool) -> None:
    for failure in report.failed:
        err.print(f"{failure.name}: {failure.reason}", style="red", markup=False)
    if report.words_anew:
        err.print(f"All words were indexed anew: {report.words_anew}.", markup=False)
    if as_json:
        out.print(json.dumps(report.as_json()), markup=False)
        return
    verb = "Would add" if dry_run else "Added"
    out.print(
        f"{verb} {report.added}, changed {report.changed}, moved {report.moved}, removed {report.removed}, "
        f"unchanged {report.unchanged}, failed {len(report.failed)}: "
        f"{report.chunks} chunks in {report.seconds:.1f} s."
    )
    if report.left_out:
        kinds = ", ".join(f"{count} {kind}" for kind, count in report.left_out.items())
        out.print(f"Left out: {kinds}.", markup=False)


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
