"""Which documents a command is about: by path, address or title, one or many."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import BadInputError, UnknownIdError

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.corpus import StoredDocument

PATTERN_HELP = (
    "A path or an address, of one document or of a folder with all below it; `*` stands for any characters and `?` for "
    "one (in quotes, or the shell takes them)."
)
UNKNOWN = "No document is stored as {}, or below it. `nightshift documents list` shows what there is."

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell which it would be.")]


def address_of(pattern: str | None) -> str | None:
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

    found = list(islice(list_matching(engine, address_of(which)), 2)) or list(islice(list_titled(engine, which), 2))
    if not found:
        raise UnknownIdError(UNKNOWN.format(which))
    if len(found) > 1:
        raise BadInputError(f"Several documents are {which}, or below it; give the whole address of one.")
    return found[0]


def count_of(n: int, what: str) -> str:
    """So many of them, in words."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
