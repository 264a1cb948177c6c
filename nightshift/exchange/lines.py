"""What a file of rows is of, and its rows as they are taken in."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from db.errors import BadInputError
from db.feedback import MAX_LINE_BYTES
from nightshift.exchange.folder import read_rows

NO_OBJECT = f"it is no JSON object in UTF-8 of at most {MAX_LINE_BYTES:,} bytes"
_MADE_OF_OTHERS = (
    "{} are made anew by each night, of votes and pairs: import those. To have somebody vouch for triplets of another "
    'program, give them as pairs, {{"prompt": anchor, "completion": positive}}.'
)


def kind_of(file: Path) -> Literal["votes", "pairs"]:
    """By the names in its first row.

    Raises:
        BadInputError: it has no rows, or is neither.
    """
    first = next((row for _, row in read_rows(file) if row is not None), None)
    if first is None:
        raise BadInputError(f"{file} has no row in it.")
    if {"prompt", "completion"} & first.keys():
        return "pairs"
    if {"question", "passage"} & first.keys():
        return "votes"
    for kind, name in (("Triplets", "anchor"), ("Rankings", "docs")):
        if name in first:
            raise BadInputError(f"{file}: {_MADE_OF_OTHERS.format(kind)}")
    raise BadInputError(f"{file} has neither votes (question, passage, value, …) nor pairs (prompt, completion) in it.")


def numbered(
    rows: Iterable[tuple[int, dict[str, Any] | None]], unread: list[tuple[int, str]]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows that are objects; the others are noted."""
    for number, row in rows:
        if row is None:
            unread.append((number, NO_OBJECT))
        else:
            yield number, row


@contextmanager
def as_pairs_file(file: Path) -> Iterator[Path]:
    """JSON lines are taken as they are; of Parquet such a file is made for as long as it is wanted."""
    if file.suffix != ".parquet":
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="nightshift-pairs-") as folder:
        lines = Path(folder) / "pairs.jsonl"
        with lines.open("w", encoding="utf-8") as writing:
            writing.writelines(json.dumps(row, default=str) + "\n" for _, row in read_rows(file))
        yield lines
