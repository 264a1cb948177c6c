"""`nightshift documents`: what is stored, who may see it, whose it is, and the removal of what is to go."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from db.errors import BadInputError, UnknownIdError
from nightshift.cli.whom import read_audience_option
from nightshift.cli.workplace import Json, err, out, workplace

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from db.corpus import NamedAudience, StoredDocument

documents = typer.Typer(
    help="The documents that are stored: what there is, who may see it, whose it is, and removing some. "
    "`nightshift ingest` adds them.",
    no_args_is_help=True,
)

_PATTERN_HELP = (
    "A path or an address, of one document or of a folder with all below it; `*` stands for any characters and `?` for "
    "one (in quotes, or the shell takes them)."
)
_UNKNOWN = "No document is stored as {}, or below it. `nightshift documents list` shows what there is."
_AT_ONCE = 200
"""Documents that are changed in one transaction."""

_Which = Annotated[str, typer.Argument(metavar="WHICH", help=_PATTERN_HELP)]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell which it would be.")]
_Copies = Annotated[bool, typer.Option("--copies", help="Also those that say nearly the same and are for others.")]


@documents.command("list")
def list_all(
    pattern: Annotated[str | None, typer.Argument(metavar="[WHICH]", help=_PATTERN_HELP)] = None,
    as_json: Json = False,
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
        votes = _count(passage.votes, "vote") if passage.votes else ""
        head = " · ".join(filter(None, (f"{number}", passage.section, votes)))
        out.print(f"\n[{head}]\n{passage.text}", markup=False)


@documents.command()
def audience(
    which: _Which,
    who: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WHO…]",
            help="`workspace`, a channel `'#finance'`, a user group `@leads`, a person `ada@example.com` or "
            "`U0123ABCD`, or several of these.",
        ),
    ] = None,
    inherit: Annotated[
        bool, typer.Option("--inherit", help="Let the documents and their source say so again, at the next pass.")
    ] = False,
    copies: _Copies = False,
    dry_run: _DryRun = False,
    as_json: Json = False,
) -> None:
    """Says who may see documents, from the next question on; no later pass overrules it.

    `nightshift documents audience 'handbook/finance' '#finance' ada@example.com`. With --inherit what was said here is
    forgotten: they are for whom they are for now until the next `nightshift ingest` reads them. Documents that say
    nearly the same and are for others are named; with --copies they are for the same people.
    """
    from db.corpus import PUBLIC, ensure_audience, forget_said_audience, set_audience, write_audience

    if inherit == bool(who):
        raise BadInputError("Say who may see them, as '#finance', or --inherit.")
    named = read_audience_option(who) if who else None

    def change(engine: sa.Engine, uris: list[str]) -> None:
        if named is None:
            forget_said_audience(engine, uris)
        else:
            set_audience(engine, uris, ensure_audience(engine, named))

    told = "by their own word, or their source's, at the next pass" if named is None else f"for {write_audience(named)}"
    withheld_for = None if named == PUBLIC else named
    _change(which, change, told, dry_run=dry_run, as_json=as_json, withheld_for=withheld_for, copies_too=copies)


@documents.command()
def hide(which: _Which, copies: _Copies = False, dry_run: _DryRun = False, as_json: Json = False) -> None:
    """Hides documents from everybody, from the next question on; they stay stored, with their votes.

    Documents that say nearly the same are named, and hidden as well with --copies. `nightshift documents audience WHICH
    WHO…` shows them again.
    """
    from db.corpus import NOBODY, ensure_audience, set_audience

    def change(engine: sa.Engine, uris: list[str]) -> None:
        set_audience(engine, uris, ensure_audience(engine, NOBODY))

    _change(which, change, "for nobody", dry_run=dry_run, as_json=as_json, withheld_for=NOBODY, copies_too=copies)


@documents.command()
def own(
    which: _Which,
    owner: Annotated[
        str | None,
        typer.Argument(
            metavar="[OWNER]", help="A person of Slack, `U0123ABCD`, who is asked whether it is outdated; or any name."
        ),
    ] = None,
    inherit: Annotated[
        bool, typer.Option("--inherit", help="Let the documents say so again when they change.")
    ] = False,
    dry_run: _DryRun = False,
    as_json: Json = False,
) -> None:
    """Says whose documents are; no later pass overrules it."""
    from db.corpus import set_owner
    from db.store import clean_text

    name = " ".join(clean_text(owner or "").split())
    if inherit == bool(name):
        raise BadInputError("Say whose they are, as U0123ABCD, or --inherit.")

    def change(engine: sa.Engine, uris: list[str]) -> None:
        set_owner(engine, uris, name or None)

    told = f"owned by {name}" if name else "owned by whom they say when they change"
    _change(which, change, told, dry_run=dry_run, as_json=as_json)


def _change(
    which: str,
    change: Callable[[sa.Engine, list[str]], None],
    told: str,
    *,
    dry_run: bool,
    as_json: bool,
    withheld_for: NamedAudience | None = None,
    copies_too: bool = False,
) -> None:
    """Does something to all documents that match, and tells which.

    Where they are `withheld_for` some, those that say nearly the same and are for others are told too, or changed too.
    """
    from db.corpus import find_audience, list_copies, list_matching
    from nightshift.terminal.progress import count_progress

    with workplace(bounded=False) as (_, engine):
        uris = [one.uri for one in list_matching(engine, _address(which))]
        if not uris:
            raise UnknownIdError(_UNKNOWN.format(which))
        copies = list_copies(engine, uris, find_audience(engine, withheld_for)) if withheld_for else []
        if copies_too:
            uris += [copy.uri for copy in copies]
        if not dry_run:
            with count_progress(err, "change") as progress:
                for start in range(0, len(uris), _AT_ONCE):
                    change(engine, uris[start : start + _AT_ONCE])
                    progress(min(start + _AT_ONCE, len(uris)), len(uris))
    left = [] if copies_too else copies
    if as_json:
        done: dict[str, Any] = {"changed": [] if dry_run else uris, "would_change": uris if dry_run else []}
        named = {"copies": [asdict(copy) for copy in left]} if left else {}
        out.print(json.dumps(done | {"now": told} | named), markup=False)
        return
    if dry_run:
        for uri in uris:
            out.print(uri, markup=False)
    verb = "would be" if dry_run else "is" if len(uris) == 1 else "are"
    out.print(f"{_count(len(uris), 'document')} {verb} {told}.", markup=False)
    if left:
        says = "says" if len(left) == 1 else "say"
        err.print(f"{_count(len(left), 'document')} {says} nearly the same, and others may see them:", markup=False)
        for copy in left:
            err.print(f"    {copy.uri} ({copy.audience})", markup=False)
        err.print("Say --copies for these too, or name each of those that are meant.", markup=False)


@documents.command()
def remove(
    patterns: Annotated[list[str], typer.Argument(metavar="WHICH…", help=_PATTERN_HELP)],
    dry_run: _DryRun = False,
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
            matching = {one.uri: one for one in list_matching(engine, _address(pattern))}
            if not matching:
                raise UnknownIdError(_UNKNOWN.format(pattern))
            found |= matching
        uris, n_votes = list(found), sum(one.votes for one in found.values())
        which = f"{_count(len(uris), 'document')}, with {_count(n_votes, 'vote')}"
        if not dry_run:
            require_consent(f"Remove {which}?", yes=yes)
            with count_progress(err, "remove") as progress:
                for start in range(0, len(uris), _AT_ONCE):
                    remove_documents(engine, uris[start : start + _AT_ONCE])
                    progress(min(start + _AT_ONCE, len(uris)), len(uris))
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


def find_document(engine: sa.Engine, which: str) -> StoredDocument:
    """The one document by that path, address or title.

    Raises:
        UnknownIdError: there is none.
        BadInputError: there are several.
    """
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
