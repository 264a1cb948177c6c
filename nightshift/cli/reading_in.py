"""What `nightshift ingest` and `nightshift sources sync` say of a pass, and ask before much is removed."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import typer

from nightshift.cli.workplace import err, out

if TYPE_CHECKING:
    from intake import Gone, IngestReport

_MOST_NAMED = 5

SAY_WHOSE = (
    "Hide such a copy too (`nightshift documents hide WHICH`), or say who may see it (`nightshift documents audience "
    "WHICH WHO…`); then it is no longer named."
)


def may_lose(gone: Gone, *, dry_run: bool) -> bool:
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


def tell_report(report: IngestReport, *, dry_run: bool, as_json: bool) -> None:
    """Says what a pass did, and of what failed why."""
    for failure in report.failed:
        err.print(f"{failure.name}: {failure.reason}", style="red", markup=False)
    if report.broken_off:
        err.print(f"The listing broke off, so nothing was removed: {report.broken_off}", style="red", markup=False)
    if report.words_anew:
        err.print(f"All words were indexed anew: {report.words_anew}.", markup=False)
    for name, uri in report.overlooked[:_MOST_NAMED]:
        said = f"{name} says nearly the same as {uri}, which a person keeps from those who may see this one."
        err.print(said, style="red", markup=False)
    if report.overlooked:
        more = len(report.overlooked) - _MOST_NAMED
        others = f"{more} more do; `nightshift doctor` names them. " if more > 0 else ""
        err.print(f"{others}{SAY_WHOSE}", markup=False)
    if as_json:
        out.print(json.dumps(report.as_json()), markup=False)
        return
    verb = "Would add" if dry_run else "Added"
    out.print(
        f"{verb} {report.added}, changed {report.changed}, moved {report.moved}, removed {report.removed}, "
        f"unchanged {report.unchanged}, failed {len(report.failed)}: "
        f"{report.chunks} chunks in {report.seconds:.1f} s."
    )
    if report.secrets_masked:
        n = report.secrets_masked
        out.print(f"Masked {n} {'secret' if n == 1 else 'secrets'} (keys, tokens) in what was read; change them.")
    if report.data_left_out:
        named, more = ", ".join(report.data_left_out[:_MOST_NAMED]), len(report.data_left_out) - _MOST_NAMED
        others = f" and {more} more" if more > 0 else ""
        out.print(f"Encoded data (base64 and the like) was left out of {named}{others}.", markup=False)
    if report.left_out:
        kinds = ", ".join(f"{count} {kind}" for kind, count in report.left_out.items())
        out.print(f"Left out: {kinds}.", markup=False)
