"""`nightshift documents`: what is stored, and the removal of what is to be there no longer."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from db.errors import BadInputError, UnknownIdError
from nightshift.cli.workplace import err, out, workplace

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.corpus import StoredDocument

documents = typer.Typer(
    help="The documents that are stored: what there is, what of one, and removing some. `nightshift ingest` adds them.",
    no_args_is_help=True,
)

_PATTERN_HELP = (
    "A path or an address, of one document or of a folder with all below it; `*` stands for any characters and `?` for "
    "one (in quotes, or the shell takes them)."
)
_UNKNOWN = "No document is stored as {}, or below it. `nightshift documents list` shows what there is."
_Json = Annotated[bool, typer.Option("--json", help="As one line of JSON.")]


@documents.command("list")
def list_all(
    pattern: Annotated[str | None, typer.Argument(metavar="[WHICH]", help=_PATTERN_HELP)] = None,
    as_json: _Json = False,
) -> None:
    """Lists documents by address: title, how many passages and live votes on them, and who may see it.

    All of them, or those that match: `nightshift documents list docs/` or `nightshift documents list '*/old-*.md'`.
    """
    from db.corpus import list_matching

    with workplace() as (_, engine):
        found = list_matching(engine, _address(pattern))
        if as_json:
            out.print(json.dumps([_as_json(one) for one in found]), markup=False)
            return
        n = 0
        for one in found:
            out.print(f"{one.uri}\n    {_in_words(one)}", markup=False)
            n += 1
    err.print(f"{_count(n, 'document')}.")


@documents.command()
def show(
    which: Annotated[str, typer.Argument(metavar="DOCUMENT", help="Its path, address or title.")],
    as_json: _Json = False,
) -> None:
    """Shows one document: who may see it, and its passages as they are searched, with the live votes on each."""
    from db.corpus import list_passages

    with workplace() as (_, engine):
        one = _find(engine, which)
        passages = list_passages(engine, one.id)
    if as_json:
        out.print(json.dumps(_as_json(one) | {"text": [asdict(passage) for passage in passages]}), markup=False)
        return
    out.print(f"{one.uri}\n    {_in_words(one)}", markup=False)
    for number, passage in enumerate(passages, start=1):
        votes = _count(passage.votes, "vote") if passage.votes else ""
        head = " · ".join(filter(None, (f"{number}", passage.section, votes)))
        out.print(f"\n[{head}]\n{passage.text}", markup=False)


@documents.command()
def remove(
    patterns: Annotated[list[str], typer.Argument(metavar="WHICH…", help=_PATTERN_HELP)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell which would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask whether it is meant.")] = False,
    as_json: _Json = False,
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
            matching = {one.uri: one for one in list_matching(engine, _address(pattern))}
            if not matching:
                raise UnknownIdError(_UNKNOWN.format(pattern))
            found |= matching
        uris, n_votes = list(found), sum(one.votes for one in found.values())
        which = f"{_count(len(uris), 'document')}, with {_count(n_votes, 'vote')}"
        if not dry_run:
            _require_consent(f"Remove {which}?", yes=yes)
            with count_progress(err, "remove") as progress:
                for start in range(0, len(uris), 200):
                    remove_documents(engine, uris[start : start + 200])
                    progress(min(start + 200, len(uris)), len(uris))
    if as_json:
        out.print(
            json.dumps({"removed": [] if dry_run else uris, "would_remove": uris if dry_run else []}), markup=False
        )
        return
    if dry_run:
        for uri in uris:
            out.print(uri, markup=False)
    out.print(f"{'Would remove' if dry_run else 'Removed'} {which}.")


def _require_consent(question: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadInputError(
            f"{question} Nobody can be asked here: say --yes if it is meant, or --dry-run to see which."
        )
    typer.confirm(question, abort=True, err=True)


def _address(pattern: str | None) -> str | None:
    """A path's address, with the `*` and `?` in it; what is an address already, or begins with `*`, as it is.

    Raises:
        BadInputError: it is empty, as a variable is that nobody set: the folder one is in isn't meant.
    """
    from intake import file_uri

    if pattern == "":
        raise BadInputError("An empty path is none; say . for the folder you are in.")
    if pattern is None or "://" in pattern or pattern.startswith("*"):
        return pattern
    return file_uri(os.path.abspath(pattern)).replace("%2A", "*").replace("%3F", "?")


def _find(engine: sa.Engine, which: str) -> StoredDocument:
    from db.corpus import list_matching, list_titled

    found = list(islice(list_matching(engine, _address(which)), 2)) or list(islice(list_titled(engine, which), 2))
    if not found:
        raise UnknownIdError(_UNKNOWN.format(which))
    if len(found) > 1:
        raise BadInputError(f"Several documents are {which}, or below it; give the whole address of one.")
    return found[0]


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _in_words(one: StoredDocument) -> str:
    who = f"{one.audience}, owned by {one.owner}" if one.owner else one.audience
    counts = f"{_count(one.passages, 'passage')}, {_count(one.votes, 'vote')}"
    return f"{one.title} · {counts} · {who} · {one.changed_at:%Y-%m-%d}"


def _as_json(one: StoredDocument) -> dict[str, Any]:
    return asdict(one) | {"changed_at": one.changed_at.isoformat()}
