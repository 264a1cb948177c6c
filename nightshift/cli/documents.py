"""`nightshift documents`: what is stored, who may see it, whose it is, and the removal of what is to go."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from db.errors import BadInputError, UnknownIdError
from nightshift.cli.changing_documents import AT_ONCE, audience, hide, own
from nightshift.cli.naming_documents import PATTERN_HELP, UNKNOWN, DryRun, address_of, count_of, find_document
from nightshift.cli.workplace import Json, err, out, workplace

if TYPE_CHECKING:
    from db.corpus import StoredDocument

documents = typer.Typer(
    help="The documents that are stored: what there is, who may see it, whose it is, and removing some. "
    "`nightshift ingest` adds them.",
    no_args_is_help=True,
)


@documents.command("list")
def list_all(
    pattern: Annotated[str | None, typer.Argument(metavar="[WHICH]", help=PATTERN_HELP)] = None,
    as_json: Json = False,
) -> None:
    """Lists documents by address: title, how many passages and live votes on them, and who may see it.

    All of them, or those that match: `nightshift documents list docs/` or `nightshift documents list '*/old-*.md'`.
    """
    from db.corpus import list_matching

    with workplace() as (_, engine):
        found = list_matching(engine, address_of(pattern))
        if as_json:
            out.print(json.dumps([_as_json(one) for one in found]), markup=False)
            return
        n = 0
        for one in found:
            out.print(f"{one.uri}\n    {_in_words(one)}", markup=False)
            n += 1
    err.print(f"{count_of(n, 'document')}.")


@documents.command()
def show(
    which: Annotated[str, typer.Argument(metavar="DOCUMENT", help="Its path, address or title.")],
    as_json: Json = False,
) -> None:
    """Shows one document: who may see it, and its passages as they are searched, with the live votes on each."""
    from db.corpus import list_passages

    with workplace() as (_, engine):
        one = find_document(engine, which)
        passages = list_passages(engine, one.id)
    if as_json:
        out.print(json.dumps(_as_json(one) | {"text": [asdict(passage) for passage in passages]}), markup=False)
        return
    out.print(f"{one.uri}\n    {_in_words(one)}", markup=False)
    for number, passage in enumerate(passages, start=1):
        votes = count_of(passage.votes, "vote") if passage.votes else ""
        head = " · ".join(filter(None, (f"{number}", passage.section, votes)))
        out.print(f"\n[{head}]\n{passage.text}", markup=False)


documents.command()(audience)
documents.command()(hide)
documents.command()(own)


@documents.command()
def remove(
    patterns: Annotated[list[str], typer.Argument(metavar="WHICH…", help=PATTERN_HELP)],
    dry_run: DryRun = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask whether it is meant.")] = False,
    as_json: Json = False,
) -> None:
    """Removes documents with their passages: they are found no longer. Their files are left alone.

    For what no `nightshift ingest --prune` reaches, like a folder that is mounted no longer. What is still under a path
    that is read in comes back with the next pass. Votes wait, in case the same text comes back. Asks first; where
    nobody can be asked, it wants --yes.
    """
    from db.corpus import list_matching, remove_documents
    from nightshift.terminal.progress import count_progress

    with workplace(bounded=False) as (_, engine):
        found: dict[str, StoredDocument] = {}
        for pattern in patterns:
            matching = {one.uri: one for one in list_matching(engine, address_of(pattern))}
            if not matching:
                raise UnknownIdError(UNKNOWN.format(pattern))
            found |= matching
        uris, n_votes = list(found), sum(one.votes for one in found.values())
        which = f"{count_of(len(uris), 'document')}, with {count_of(n_votes, 'vote')}"
        if not dry_run:
            require_consent(f"Remove {which}?", yes=yes)
            with count_progress(err, "remove") as progress:
                for start in range(0, len(uris), AT_ONCE):
                    remove_documents(engine, uris[start : start + AT_ONCE])
                    progress(min(start + AT_ONCE, len(uris)), len(uris))
    if as_json:
        out.print(
            json.dumps({"removed": [] if dry_run else uris, "would_remove": uris if dry_run else []}), markup=False
        )
        return
    if dry_run:
        for uri in uris:
            out.print(uri, markup=False)
    out.print(f"{'Would remove' if dry_run else 'Removed'} {which}.")


def require_consent(question: str, *, yes: bool) -> None:
    """Goes on where it is meant, by --yes or a person's word.

    Raises:
        BadInputError: nobody can be asked.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadInputError(
            f"{question} Nobody can be asked here: say --yes if it is meant, or --dry-run to see which."
        )
    typer.confirm(question, abort=True, err=True)


def _in_words(one: StoredDocument) -> str:
    who = f"{one.audience}, owned by {one.owner}" if one.owner else one.audience
    counts = f"{count_of(one.passages, 'passage')}, {count_of(one.votes, 'vote')}"
    return f"{one.title} · {counts} · {who} · {one.changed_at:%Y-%m-%d}"


def _as_json(one: StoredDocument) -> dict[str, Any]:
    return asdict(one) | {"changed_at": one.changed_at.isoformat()}
