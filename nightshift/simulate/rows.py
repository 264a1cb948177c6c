"""Lines of a data set's files, read one by one; what is wrong with one is named by its file and number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from db.errors import BadInputError
from db.store import clean_text


def one_line(text: str) -> str:
    """A question as it is asked: clean, without line breaks."""
    return " ".join(clean_text(text).split())


def read_rows(path: Path, wanted: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Each line's object; `wanted` and a title are strings.

    Raises:
        BadInputError: a line isn't such an object, or an id is empty or holds white space.
    """
    for number, row in read_objects(path):
        if not all(isinstance(row.get(name), str) for name in wanted):
            raise BadInputError(f"{path}, line {number}: it isn't an object with {' and '.join(wanted)}.")
        if not row["id"] or any(char.isspace() for char in row["id"]):
            raise BadInputError(f"{path}, line {number}: an id can't be empty or hold white space.")
        yield row | {"title": str(row.get("title") or "")}


def read_objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each line's number and object; a line that is none comes as an empty one.

    Raises:
        BadInputError: the file isn't UTF-8.
    """
    for number, line in _read_lines(path):
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        yield number, row if isinstance(row, dict) else {}


def read_judgements(path: Path) -> Iterator[tuple[str, str, float]]:
    """The rows after the header: a question's id, a document's, and the gain.

    Raises:
        BadInputError: a line isn't those three, or the file isn't UTF-8.
    """
    for number, line in _read_lines(path):
        if number == 1:
            continue
        try:
            question_id, document_id, gain = line.rstrip("\n").split("\t")
            yield question_id, document_id, float(gain)
        except ValueError:
            raise BadInputError(f"{path}, line {number}: it isn't query_id, doc_id, relevance.") from None


def _read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Those that aren't blank, with their numbers."""
    try:
        with path.open(encoding="utf-8") as lines:
            yield from ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    except UnicodeDecodeError:
        raise BadInputError(f"{path} isn't text in UTF-8: save it so.") from None
