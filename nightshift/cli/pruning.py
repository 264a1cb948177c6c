"""`nightshift prune`: what has been kept long enough goes."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import ConfigurationError
from nightshift.cli.workplace import out, workplace

if TYPE_CHECKING:
    from db.privacy import Pruned

WHAT = {
    "questions": "questions, with their answers and all that was found",
    "answers": "answers of questions that stay, as votes or pairs on them still teach",
    "passages": "passages that were found and not shown",
    "votes": "votes",
    "trained": "texts of questions that trained a generation which is gone",
}


def prune(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask whether it is meant.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one line of JSON; with --yes or --dry-run.")] = False,
) -> None:
    """Deletes questions, passages that were found, and votes that have been kept long enough, for good.

    How long is set by NIGHTSHIFT_KEEP_QUESTIONS_DAYS, NIGHTSHIFT_KEEP_IMPRESSIONS_DAYS and NIGHTSHIFT_KEEP_VOTES_DAYS;
    without any of them it is an error. The process that runs the nights does the same once a day. While a night is at
    work nothing goes.
    """
    from db.privacy import Retention, count_outdated
    from db.privacy import prune as delete
    from retrain.report import rewrite_outdated_report

    with workplace(bounded=False) as (settings, engine):
        keep = Retention.of(settings)
        if not keep.is_bounded:
            raise ConfigurationError(
                "Everything is kept for good: set NIGHTSHIFT_KEEP_QUESTIONS_DAYS, NIGHTSHIFT_KEEP_IMPRESSIONS_DAYS or "
                "NIGHTSHIFT_KEEP_VOTES_DAYS."
            )
        if not (dry_run or yes):
            if as_json:
                raise typer.BadParameter("it can't ask: say --yes or --dry-run as well.", param_hint="--json")
            _tell(count_outdated(engine, keep), "To be deleted")
            typer.confirm("Delete it? It can't be brought back", abort=True)
        pruned = count_outdated(engine, keep) if dry_run else delete(engine, keep)
        while not dry_run and rewrite_outdated_report(engine, settings):
            pass
    if as_json:
        out.print(json.dumps({"dry_run": dry_run, **asdict(pruned)}), markup=False)
    else:
        _tell(pruned, "To be deleted" if dry_run else "Deleted")


def _tell(pruned: Pruned, what: str) -> None:
    lines = [f"  {count:,} {WHAT[name]}" for name, count in asdict(pruned).items() if count]
    out.print("\n".join([f"{what}:", *(lines or ["  nothing"])]), markup=False)
