"""What people say of documents, and no later pass overrules: for whom they are, and whose."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from db.errors import BadInputError, UnknownIdError
from nightshift.cli.naming_documents import PATTERN_HELP, UNKNOWN, DryRun, address_of, count_of
from nightshift.cli.whom import read_audience_option
from nightshift.cli.workplace import Json, err, out, workplace

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa

    from db.corpus import NamedAudience

AT_ONCE = 200
"""Documents that are changed in one transaction."""

_Which = Annotated[str, typer.Argument(metavar="WHICH", help=PATTERN_HELP)]
_Copies = Annotated[bool, typer.Option("--copies", help="Also those that say nearly the same and are for others.")]


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
    dry_run: DryRun = False,
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


def hide(which: _Which, copies: _Copies = False, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Hides documents from everybody, from the next question on; they stay stored, with their votes.

    Documents that say nearly the same are named, and hidden as well with --copies. `nightshift documents audience WHICH
    WHO…` shows them again.
    """
    from db.corpus import NOBODY, ensure_audience, set_audience

    def change(engine: sa.Engine, uris: list[str]) -> None:
        set_audience(engine, uris, ensure_audience(engine, NOBODY))

    _change(which, change, "for nobody", dry_run=dry_run, as_json=as_json, withheld_for=NOBODY, copies_too=copies)


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
    dry_run: DryRun = False,
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
        uris = [one.uri for one in list_matching(engine, address_of(which))]
        if not uris:
            raise UnknownIdError(UNKNOWN.format(which))
        copies = list_copies(engine, uris, find_audience(engine, withheld_for)) if withheld_for else []
        if copies_too:
            uris += [copy.uri for copy in copies]
        if not dry_run:
            with count_progress(err, "change") as progress:
                for start in range(0, len(uris), AT_ONCE):
                    change(engine, uris[start : start + AT_ONCE])
                    progress(min(start + AT_ONCE, len(uris)), len(uris))
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
    out.print(f"{count_of(len(uris), 'document')} {verb} {told}.", markup=False)
    if left:
        says = "says" if len(left) == 1 else "say"
        err.print(f"{count_of(len(left), 'document')} {says} nearly the same, and others may see them:", markup=False)
        for copy in left:
            err.print(f"    {copy.uri} ({copy.audience})", markup=False)
        err.print("Say --copies for these too, or name each of those that are meant.", markup=False)
